r"""How many particles of each kind an event has, and its sums: a Gaussian copula in which B, Q and S are exact.

All but three species are drawn; those of n, pi^- and K^0 then follow from the charges, as their 3 x 3 matrix of charges
is unimodular. Because that relation is linear, covariances with these three are those of the training events too. The
quantiles of each number at a normal score are the training events' own, and the correlations of the scores are such
that the numbers have the correlations of the training events (M. C. Cario and B. L. Nelson, 1997, to first order). Cold
nucleons (`kinds`) are drawn beside the whole number of their species.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from scipy.special import ndtr
from torch import Tensor

from emulant.collisions.cloud.impact import between, curve_weights, groups_of
from emulant.collisions.cloud.kinds import (
    COLD,
    KINDS,
    SPECIES_OF,
    TURNED,
    beam_rapidity,
    kind_counts,
    kinds_of,
)
from emulant.collisions.cloud.slots import impacts_of
from emulant.collisions.cloud.symmetry import Symmetry
from emulant.collisions.conserved import event_totals
from emulant.collisions.counts import species_counts
from emulant.collisions.events import Events
from emulant.collisions.hadron_gas import FIXED
from emulant.collisions.species import CHARGES, SPECIES

__all__ = ["Multiplicity", "Totals", "facts_of"]

DRAWN = np.setdiff1d(np.arange(len(SPECIES)), FIXED)
# After the species: B, Q, S, spectators and cold nucleons, which are whole numbers, then px, py, pz and E.
SPECTATORS = len(DRAWN) + 3
WHOLE = SPECTATORS + 1 + len(COLD)
SCORES = np.linspace(-4.5, 4.5, 2251)
TRIES = 1000
ROUNDED = 1e-3
RARE = 0.5
INVERSE = np.rint(np.linalg.inv(CHARGES[list(FIXED)].T)).astype(int)


@dataclass(frozen=True)
class Totals:
    """What is decided of an event before its momenta.

    Attributes:
        counts: of each kind, (N, KINDS) integers.
        facts: impact parameter in fm, spectators, sums of px, py, pz and energies in GeV, (N, 6).
    """

    counts: np.ndarray
    facts: np.ndarray

    @property
    def species(self) -> np.ndarray:
        """Particles of each of the 26 species, (N, 26)."""
        return self.counts @ (SPECIES_OF[:, None] == np.arange(len(SPECIES)))


def facts_of(events: Events) -> np.ndarray:
    """Impact parameter, spectators (0 where not known), sums of px, py, pz and energies of each event, (N, 6)."""
    spectators = np.nan_to_num(np.asarray(events.facts.get("spectators", np.zeros(len(events))), float))
    sums = event_totals(events)[:, :4]
    # A sum that is conserved is zero, not what rounding left of it.
    return np.column_stack([impacts_of(events), spectators, np.where(np.abs(sums) < ROUNDED, 0, sums)])


@dataclass(frozen=True)
class Multiplicity:
    """The copula at a few impact parameters, and between them.

    Attributes:
        impacts: of the training events, to draw from where none is asked for, (M,).
        knots: impact parameters of the tables, ascending, (K,).
        tables: quantiles of each column at SCORES, (K, columns, scores).
        factors: Cholesky factors of the scores' correlations, (K, columns, columns).
        masses: of the 26 species, GeV.
        slots: most particles of an event.
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
        """From training events: a table at each impact parameter, or at a few where all differ.

        Where there are several groups of events (`groups_of`), the mean's slope within each is taken out.

        Arguments:
            events: of training.
            masses: of the 26 species, GeV.
            slots: most particles of an event.
            beam: rapidity of the nuclei; by the events if not given.
            symmetry: of their law; every event counts with all its images.
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
        """Draw the numbers of events at impact parameters (N,) in fm.

        A draw is repeated where a kind would have fewer than no particles, the cloud too few slots, or the event
        too little energy for its masses.

        Raises:
            ValueError: for an impact parameter beyond those of the training events.
            RuntimeError: where no draw is possible.
        """
        low, high = self.impacts.min(), self.impacts.max()
        if np.any(bad := (impact < low - 1e-9) | (impact > high + 1e-9)):
            raise ValueError(f"impact parameter {impact[bad][0]} fm: trained from {low:g} to {high:g}")
        counts, facts = np.zeros((len(impact), KINDS), int), np.zeros((len(impact), 6))
        waiting = np.arange(len(impact))
        for _ in range(TRIES):
            if not len(waiting):
                return Totals(counts, facts)
            drawn, found = self._draw(impact[waiting], generator)
            invariant = found[:, 5] ** 2 - np.sum(found[:, 2:5] ** 2, axis=1)
            kept = (drawn >= 0).all(axis=1) & (drawn.sum(axis=1) <= self.slots)
            kept &= (drawn.sum(axis=1) == 0) | ((drawn @ self.masses[SPECIES_OF]) ** 2 < invariant)
            counts[waiting[kept]], facts[waiting[kept]] = drawn[kept], found[kept]
            waiting = waiting[~kept]
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
        one, two = noise.cpu().numpy()
        # Independent scores at both knots: their sum has the correlations in between.
        scores = np.sqrt(1 - weight) * np.einsum("nij,nj->ni", self.factors[left], one)
        scores += np.sqrt(weight) * np.einsum("nij,nj->ni", self.factors[right], two)
        values = (1 - weight) * self._quantiles(left, scores) + weight * self._quantiles(right, scores)
        if len(self.knots) > 2:
            straight = (1 - weight) * self._means[left] + weight * self._means[right]
            values += curve_weights(self.knots, impact) @ self._means - straight
        # Up or down by chance, so that means stay; near a whole number, as at a knot, there is no choice.
        chance = torch.rand(values.shape, generator=generator, device=generator.device, dtype=torch.float64)
        whole = np.floor(np.round(values[:, :WHOLE], 9) + chance.cpu().numpy()[:, :WHOLE]).astype(int)
        counts = np.zeros((len(impact), KINDS), int)
        counts[:, DRAWN] = whole[:, : len(DRAWN)]
        charges = whole[:, len(DRAWN) : SPECTATORS]
        counts[:, list(FIXED)] = (charges - counts @ CHARGES[SPECIES_OF]) @ INVERSE.T
        counts[:, COLD] = whole[:, SPECTATORS + 1 : WHOLE]
        np.subtract.at(counts, (slice(None), SPECIES_OF[COLD]), counts[:, COLD])
        return counts, np.column_stack([impact, np.maximum(whole[:, SPECTATORS], 0), values[:, WHOLE:]])

    def _quantiles(self, knot: np.ndarray, scores: np.ndarray) -> np.ndarray:
        place = np.clip((scores - SCORES[0]) / (SCORES[1] - SCORES[0]), 0, len(SCORES) - 1.001)
        index, column = place.astype(int), np.arange(scores.shape[1])
        low, high = (self.tables[knot[:, None], column, index + step] for step in (0, 1))
        found = low + (high - low) * (place - index)
        found[:, :WHOLE] = np.rint(found[:, :WHOLE])
        return found

    @cached_property
    def _means(self) -> np.ndarray:
        """Mean of each column at the knots, (K, columns); between them it follows a curve through all."""
        weights = np.exp(-(SCORES**2) / 2)
        tables = self.tables.copy()
        tables[:, :WHOLE] = np.rint(tables[:, :WHOLE])
        return tables @ (weights / weights.sum())

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `load` needs."""
        named = {name: getattr(self, name) for name in ("impacts", "knots", "tables", "factors", "masses")}
        found = {f"multiplicity.{name}": torch.from_numpy(value.copy()) for name, value in named.items()}
        return found | {"multiplicity.slots": torch.tensor(self.slots)}

    @classmethod
    def load(cls, tensors: dict[str, Tensor]) -> "Multiplicity":
        """The inverse of `tensors`; what it uses is taken out of them."""
        names = ("impacts", "knots", "tables", "factors", "masses")
        return cls(
            *(tensors.pop(f"multiplicity.{name}").numpy() for name in names),
            int(tensors.pop("multiplicity.slots")),
        )


def _columns(events: Events, beam: float) -> np.ndarray:
    """Numbers of the drawn species, B, Q, S, spectators, cold nucleons, sums of px, py, pz and E, (N, columns)."""
    totals, facts = event_totals(events), facts_of(events)
    cold = kind_counts(kinds_of(events, beam), events)[:, COLD]
    numbers = (species_counts(events)[:, DRAWN], np.rint(totals[:, 4:]), facts[:, 1:2], cold)
    return np.column_stack([*numbers, facts[:, 2:]])


def _image(columns: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Columns of events whose px, py and pz get these signs; along z cold nucleons change sides."""
    out = columns.copy()
    out[:, WHOLE : WHOLE + 3] *= signs
    if signs[2] < 0:
        out[:, SPECTATORS + 1 : WHOLE] = columns[:, SPECTATORS + 1 + TURNED[COLD] - COLD[0]]
    return out


def _level(values: np.ndarray, impact: np.ndarray, knot: float) -> np.ndarray:
    """Values (n, columns) moved along their linear trend to one impact parameter."""
    offset = impact - impact.mean()
    if not offset.any():
        return values
    slope = offset @ values / (offset @ offset)
    return values - (impact - knot)[:, None] * slope


def _factor(values: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Cholesky factor of the correlations of normal scores that give numbers the correlations of `values`."""
    weights = np.exp(-(SCORES**2) / 2)
    weights /= weights.sum()
    marginal = table.copy()
    marginal[:WHOLE] = np.rint(marginal[:WHOLE])
    centred = marginal - (marginal @ weights)[:, None]
    spread = np.sqrt(centred**2 @ weights)
    deviation = values - values.mean(axis=0)
    size = np.sqrt(np.mean(deviation**2, axis=0))
    alive = (spread > 1e-9) & (size > 1e-9)
    response = np.divide(centred @ (weights * SCORES), spread, out=np.ones(len(table)), where=alive)
    unit = np.where(alive, deviation / np.where(alive, size, 1), 0)
    found = unit.T @ unit / len(values)
    gain = response[:, None] * response
    # Correlations of rare numbers are chance, and amplified they would spoil those of the others.
    found = np.where(gain < RARE, 0, np.clip(found / np.maximum(gain, RARE), -0.99, 0.99))
    np.fill_diagonal(found, 1)
    eigenvalues, vectors = np.linalg.eigh(found)
    mended = (vectors * np.maximum(eigenvalues, 1e-6)) @ vectors.T
    scale = np.sqrt(np.diag(mended))
    return np.linalg.cholesky(mended / np.outer(scale, scale))
