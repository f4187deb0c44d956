r"""Gaussian copula of the multiplicities of an event and of its sums, with exact B, Q and S of complete events.

The quantiles of each number at a normal score are those of the training events, and the correlations of the scores are
chosen such that the numbers have the correlations of the training events (M. C. Cario and B. L. Nelson, 1997, to first
order). The number of cold nucleons (`kinds`) is drawn in addition to the total number of their species. `columns` says which
numbers are drawn, and what follows from them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from scipy.special import ndtr
from torch import Tensor

from emulant.collisions.events import Events
from emulant.families._slots import impacts_of
from emulant.families.heidi.columns import Columns, Totals, columns_of, columns_of_width
from emulant.families.heidi.impact import between, curve_weights, groups_of
from emulant.families.heidi.kinds import KINDS, beam_rapidity
from emulant.families.heidi.symmetry import Symmetry

__all__ = ["Multiplicity"]

SCORES = np.linspace(-4.5, 4.5, 2251)
"""Normal scores of the tables, in steps of 0.004; a share 7e-6 of the draws is beyond and gets the extreme values."""
TRIES = 1000
"""Draws before an event counts as impossible; a guard against an endless loop."""
RARE = 0.5
"""Gain of a correlation between numbers over that between their scores, below which the correlation is dropped."""


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
        columns: what is drawn.
    """

    impacts: np.ndarray
    knots: np.ndarray
    tables: np.ndarray
    factors: np.ndarray
    masses: np.ndarray
    slots: int
    columns: Columns

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

        If there are several groups of events (`groups_of`), each is brought to its knot by `Columns.at_knot`.

        Arguments:
            events: training events.
            masses: masses of the 26 species, GeV.
            slots: largest number of particles of an event.
            beam: rapidity of the nuclei; None to estimate it from the events.
            symmetry: symmetry of their distribution; the images of every event are added.
        """
        impact, kind = impacts_of(events), columns_of(events)
        columns = kind.of(events, beam_rapidity(events) if beam is None else beam)
        groups, knots = groups_of(impact)
        shifted = [columns[group] for group in groups]
        if len(groups) > 1:
            at_knots = [kind.at_knot(columns[g], impact[g], k) for g, k in zip(groups, knots, strict=True)]
            shifted, knots = [values for values, _ in at_knots], np.array([knot for _, knot in at_knots])
        images = (symmetry or Symmetry()).images
        shifted = [np.concatenate([kind.image(values, signs) for signs in images]) for values in shifted]
        tables = np.stack([np.quantile(values, ndtr(SCORES), axis=0, method="hazen").T for values in shifted])
        factors = np.stack([_factor(v, t, kind.whole) for v, t in zip(shifted, tables, strict=True)])
        return cls(impact, knots, tables, factors, masses, slots, kind)

    def sample(self, impact: np.ndarray, generator: torch.Generator) -> Totals:
        """Draw multiplicities and sums of events at impact parameters (N,) in fm.

        A draw is repeated if the event cannot exist (`Columns.possible`), or its particles do not fit into the slots.

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
            drawn = self._draw(impact[waiting], generator)
            accepted = self.columns.possible(drawn, self.masses) & (drawn.counts.sum(axis=1) <= self.slots)
            counts[waiting[accepted]], facts[waiting[accepted]] = (
                drawn.counts[accepted],
                drawn.facts[accepted],
            )
            waiting = waiting[~accepted]
        raise RuntimeError(f"no possible numbers of particles at {impact[waiting[0]]} fm in {TRIES} draws")

    def _draw(self, impact: np.ndarray, generator: torch.Generator) -> Totals:
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
        whole = self.columns.whole
        integers = np.floor(np.round(values[:, :whole], 9) + chance.cpu().numpy()[:, :whole]).astype(int)
        return self.columns.totals(impact, integers, values[:, whole:])

    def _quantiles(self, knot: np.ndarray, scores: np.ndarray) -> np.ndarray:
        position = np.clip((scores - SCORES[0]) / (SCORES[1] - SCORES[0]), 0, len(SCORES) - 1.001)
        index, column = position.astype(int), np.arange(scores.shape[1])
        low, high = (self.tables[knot[:, None], column, index + step] for step in (0, 1))
        quantiles = low + (high - low) * (position - index)
        whole = self.columns.whole
        quantiles[:, :whole] = np.rint(quantiles[:, :whole])
        return quantiles

    @cached_property
    def _means(self) -> np.ndarray:
        """Mean of each column at the knots, (K, columns)."""
        weights = np.exp(-(SCORES**2) / 2)
        tables, whole = self.tables.copy(), self.columns.whole
        tables[:, :whole] = np.rint(tables[:, :whole])
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
        arrays = [tensors.pop(f"multiplicity.{name}").numpy() for name in names]
        columns = columns_of_width(arrays[2].shape[1])
        return cls(*arrays, int(tensors.pop("multiplicity.slots")), columns)


def _factor(values: np.ndarray, table: np.ndarray, whole: int) -> np.ndarray:
    """Compute the Cholesky factor of the correlations of scores that give numbers the correlations of `values`.

    The first `whole` columns are integers.
    """
    weights = np.exp(-(SCORES**2) / 2)
    weights /= weights.sum()
    marginal = table.copy()
    marginal[:whole] = np.rint(marginal[:whole])
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
