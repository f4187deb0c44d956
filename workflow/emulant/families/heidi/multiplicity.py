r"""Gaussian copula of the multiplicities of an event and of its sums, with exact B, Q and S.

All but three species are drawn; the numbers of n, pi^- and K^0 then follow from the charges, because the 3 x 3 matrix of
their charges is unimodular. That relation is linear, so covariances with these three are reproduced too. The quantiles of
each number at a normal score are those of the training events, and the correlations of the scores are chosen such that the
numbers have the correlations of the training events (M. C. Cario and B. L. Nelson, 1997, to first order). The number of cold
nucleons (`kinds`) is drawn in addition to the total number of their species.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from scipy.special import ndtr
from torch import Tensor

from emulant.collisions.conserved import event_totals
from emulant.collisions.counts import species_counts
from emulant.collisions.events import Events
from emulant.collisions.hadron_gas import FIXED
from emulant.collisions.species import CHARGES, SPECIES
from emulant.families._slots import impacts_of
from emulant.families.heidi.impact import between, curve_weights, groups_of
from emulant.families.heidi.kinds import (
    COLD,
    KINDS,
    SPECIES_OF,
    TURNED,
    beam_rapidity,
    kind_counts,
    kinds_of,
)
from emulant.families.heidi.symmetry import Symmetry

__all__ = ["Multiplicity", "Totals", "facts_of"]

DRAWN = np.setdiff1d(np.arange(len(SPECIES)), FIXED)
# Columns after the species: B, Q, S, spectators and cold nucleons, which are integers, then px, py, pz and E.
SPECTATORS = len(DRAWN) + 3
WHOLE = SPECTATORS + 1 + len(COLD)
SCORES = np.linspace(-4.5, 4.5, 2251)
"""Normal scores of the tables, in steps of 0.004; a share 7e-6 of the draws is beyond and gets the extreme values."""
TRIES = 1000
"""Draws before an event counts as impossible; a guard against an endless loop."""
ROUNDED = 1e-3
"""GeV below which a conserved sum counts as 0, as in `collisions.conserved.DIGITS`."""
RARE = 0.5
"""Gain of a correlation between numbers over that between their scores, below which the correlation is dropped."""
INVERSE = np.rint(np.linalg.inv(CHARGES[list(FIXED)].T)).astype(int)


@dataclass(frozen=True)
class Totals:
    """Multiplicities and sums of events, drawn before the momenta.

    Attributes:
        counts: number of particles of each kind, (N, KINDS) integers.
        facts: impact parameter in fm, spectators, sums of px, py, pz and E in GeV, (N, 6).
    """

    counts: np.ndarray
    facts: np.ndarray

    @property
    def species(self) -> np.ndarray:
        """Number of particles of each of the 26 species, (N, 26)."""
        return self.counts @ (SPECIES_OF[:, None] == np.arange(len(SPECIES)))


def facts_of(events: Events) -> np.ndarray:
    """Return impact parameter, spectators (0 if unknown), sums of px, py, pz and E of each event, (N, 6)."""
    spectators = np.nan_to_num(np.asarray(events.facts.get("spectators", np.zeros(len(events))), float))
    sums = event_totals(events)[:, :4]
    # Remove the rounding error of a sum that is conserved at zero.
    return np.column_stack([impacts_of(events), spectators, np.where(np.abs(sums) < ROUNDED, 0, sums)])


@dataclass(frozen=True)
class Multiplicity:
    """Copula at a few impact parameters, with interpolation between them.

    Attributes:
        impacts: impact parameters of the training events in fm, drawn from if none is requested, (M,).
        knots: impact parameters of the tables, ascending, (K,).
        tables: quantiles of each column at SCORES, (K, columns, scores).
        factors: Cholesky factors of the scores' correlations, (K, columns, columns).
        masses: masses of the 26 species, GeV.
        slots: largest number of particles of an event.
    """

    impacts: np.ndarray
    knots: np.ndarray
    tables: np.ndarray
    factors: np.ndarray
    masses: np.ndarray
    slots: int

    @classmethod
    def fit(
        cls,
        events: Events,
        masses: np.ndarray,
        slots: int,
        beam: float | None = None,
        symmetry: Symmetry | None = None,
    ) -> "Multiplicity":
        """Fit tables to training events: one at each impact parameter, or at a few if all differ.

        If there are several groups of events (`groups_of`), the linear trend of the mean within each is removed.

        Arguments:
            events: training events.
            masses: masses of the 26 species, GeV.
            slots: largest number of particles of an event.
            beam: rapidity of the nuclei; None to estimate it from the events.
            symmetry: symmetry of their distribution; the images of every event are added.
        """
        impact = impacts_of(events)
        columns = _columns(events, beam_rapidity(events) if beam is None else beam)
        groups, knots = groups_of(impact)
        shifted = [columns[group] for group in groups]
        if len(groups) > 1:
            shifted = [_level(columns[g], impact[g], k) for g, k in zip(groups, knots, strict=True)]
        images = (symmetry or Symmetry()).images
        shifted = [np.concatenate([_image(values, signs) for signs in images]) for values in shifted]
        tables = np.stack([np.quantile(values, ndtr(SCORES), axis=0, method="hazen").T for values in shifted])
        factors = np.stack([_factor(v, t) for v, t in zip(shifted, tables, strict=True)])
        return cls(impact, knots, tables, factors, masses, slots)

    def sample(self, impact: np.ndarray, generator: torch.Generator) -> Totals:
        """Draw multiplicities and sums of events at impact parameters (N,) in fm.

        A draw is repeated if a number is negative, the particles do not fit into the slots, or the masses exceed the
        invariant energy.

        Raises:
            ValueError: for an impact parameter outside those of the training events.
            RuntimeError: if TRIES draws are rejected.
        """
        low, high = self.impacts.min(), self.impacts.max()
        if np.any(bad := (impact < low - 1e-9) | (impact > high + 1e-9)):
            raise ValueError(f"impact parameter {impact[bad][0]} fm: trained from {low:g} to {high:g}")
        counts, facts = np.zeros((len(impact), KINDS), int), np.zeros((len(impact), 6))
        waiting = np.arange(len(impact))
        for _ in range(TRIES):
            if not len(waiting):
                return Totals(counts, facts)
            drawn, event_facts = self._draw(impact[waiting], generator)
            invariant = event_facts[:, 5] ** 2 - np.sum(event_facts[:, 2:5] ** 2, axis=1)
            accepted = (drawn >= 0).all(axis=1) & (drawn.sum(axis=1) <= self.slots)
            accepted &= (drawn.sum(axis=1) == 0) | ((drawn @ self.masses[SPECIES_OF]) ** 2 < invariant)
            counts[waiting[accepted]], facts[waiting[accepted]] = drawn[accepted], event_facts[accepted]
            waiting = waiting[~accepted]
        raise RuntimeError(f"no possible numbers of particles at {impact[waiting[0]]} fm in {TRIES} draws")

    def _draw(self, impact: np.ndarray, generator: torch.Generator) -> tuple[np.ndarray, np.ndarray]:
        left, right, weight = between(self.knots, impact)
        weight = weight[:, None]
        noise = torch.randn(
            2,
            len(impact),
            self.factors.shape[-1],
            generator=generator,
            device=generator.device,
            dtype=torch.float64,
        )
        noise_left, noise_right = noise.cpu().numpy()
        # The weighted sum of independent scores at both knots has the interpolated correlations.
        scores = np.sqrt(1 - weight) * np.einsum("nij,nj->ni", self.factors[left], noise_left)
        scores += np.sqrt(weight) * np.einsum("nij,nj->ni", self.factors[right], noise_right)
        values = (1 - weight) * self._quantiles(left, scores) + weight * self._quantiles(right, scores)
        if len(self.knots) > 2:
            linear_means = (1 - weight) * self._means[left] + weight * self._means[right]
            values += curve_weights(self.knots, impact) @ self._means - linear_means
        # Stochastic rounding keeps the means; a value that is an integer up to rounding, as at a knot, is kept.
        chance = torch.rand(values.shape, generator=generator, device=generator.device, dtype=torch.float64)
        integers = np.floor(np.round(values[:, :WHOLE], 9) + chance.cpu().numpy()[:, :WHOLE]).astype(int)
        counts = np.zeros((len(impact), KINDS), int)
        counts[:, DRAWN] = integers[:, : len(DRAWN)]
        charges = integers[:, len(DRAWN) : SPECTATORS]
        counts[:, list(FIXED)] = (charges - counts @ CHARGES[SPECIES_OF]) @ INVERSE.T
        counts[:, COLD] = integers[:, SPECTATORS + 1 : WHOLE]
        np.subtract.at(counts, (slice(None), SPECIES_OF[COLD]), counts[:, COLD])
        return counts, np.column_stack([impact, np.maximum(integers[:, SPECTATORS], 0), values[:, WHOLE:]])

    def _quantiles(self, knot: np.ndarray, scores: np.ndarray) -> np.ndarray:
        position = np.clip((scores - SCORES[0]) / (SCORES[1] - SCORES[0]), 0, len(SCORES) - 1.001)
        index, column = position.astype(int), np.arange(scores.shape[1])
        low, high = (self.tables[knot[:, None], column, index + step] for step in (0, 1))
        quantiles = low + (high - low) * (position - index)
        quantiles[:, :WHOLE] = np.rint(quantiles[:, :WHOLE])
        return quantiles

    @cached_property
    def _means(self) -> np.ndarray:
        """Mean of each column at the knots, (K, columns)."""
        weights = np.exp(-(SCORES**2) / 2)
        tables = self.tables.copy()
        tables[:, :WHOLE] = np.rint(tables[:, :WHOLE])
        return tables @ (weights / weights.sum())

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors that `load` reads."""
        named = {name: getattr(self, name) for name in ("impacts", "knots", "tables", "factors", "masses")}
        tensors = {f"multiplicity.{name}": torch.from_numpy(value.copy()) for name, value in named.items()}
        return tensors | {"multiplicity.slots": torch.tensor(self.slots)}

    @classmethod
    def load(cls, tensors: dict[str, Tensor]) -> "Multiplicity":
        """Invert `tensors`; the entries used are removed from the dictionary."""
        names = ("impacts", "knots", "tables", "factors", "masses")
        return cls(
            *(tensors.pop(f"multiplicity.{name}").numpy() for name in names),
            int(tensors.pop("multiplicity.slots")),
        )


def _columns(events: Events, beam: float) -> np.ndarray:
    """Return numbers of the drawn species, B, Q, S, spectators, cold nucleons, sums of px, py, pz, E; (N, columns)."""
    totals, facts = event_totals(events), facts_of(events)
    cold = kind_counts(kinds_of(events, beam), events)[:, COLD]
    numbers = (species_counts(events)[:, DRAWN], np.rint(totals[:, 4:]), facts[:, 1:2], cold)
    return np.column_stack([*numbers, facts[:, 2:]])


def _image(columns: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Reflect px, py and pz of events by signs (3,); a reflection of z exchanges the cold nucleons of both nuclei."""
    out = columns.copy()
    out[:, WHOLE : WHOLE + 3] *= signs
    if signs[2] < 0:
        out[:, SPECTATORS + 1 : WHOLE] = columns[:, SPECTATORS + 1 + TURNED[COLD] - COLD[0]]
    return out


def _level(values: np.ndarray, impact: np.ndarray, knot: float) -> np.ndarray:
    """Shift values (n, columns) along their linear trend in `impact` (n,) to the impact parameter `knot`."""
    offset = impact - impact.mean()
    if not offset.any():
        return values
    slope = offset @ values / (offset @ offset)
    return values - (impact - knot)[:, None] * slope


def _factor(values: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Compute the Cholesky factor of the correlations of scores that give numbers the correlations of `values`."""
    weights = np.exp(-(SCORES**2) / 2)
    weights /= weights.sum()
    marginal = table.copy()
    marginal[:WHOLE] = np.rint(marginal[:WHOLE])
    centred = marginal - (marginal @ weights)[:, None]
    table_spread = np.sqrt(centred**2 @ weights)
    deviation = values - values.mean(axis=0)
    value_spread = np.sqrt(np.mean(deviation**2, axis=0))
    fluctuates = (table_spread > 1e-9) & (value_spread > 1e-9)
    response = np.divide(
        centred @ (weights * SCORES), table_spread, out=np.ones(len(table)), where=fluctuates
    )
    unit = np.where(fluctuates, deviation / np.where(fluctuates, value_spread, 1), 0)
    correlation = unit.T @ unit / len(values)
    gain = response[:, None] * response
    # Correlations of rare numbers are dominated by noise; divided by a small gain it would spoil the others.
    correlation = np.where(gain < RARE, 0, np.clip(correlation / np.maximum(gain, RARE), -0.99, 0.99))
    np.fill_diagonal(correlation, 1)
    eigenvalues, vectors = np.linalg.eigh(correlation)
    positive = (vectors * np.maximum(eigenvalues, 1e-6)) @ vectors.T
    scale = np.sqrt(np.diag(positive))
    return np.linalg.cholesky(positive / np.outer(scale, scale))
