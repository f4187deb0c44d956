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
from emulant.families.heidi.columns import Columns, Totals, columns_of, columns_of_width
from emulant.families.heidi.grid import Grid, groups_of
from emulant.families.heidi.kinds import KINDS, beam_rapidity, points_of
from emulant.families.heidi.symmetry import Symmetry

__all__ = ["Multiplicity"]

SCORES = np.linspace(-4.5, 4.5, 2251)
"""Normal scores of the tables, in steps of 0.004; a share 7e-6 of the draws is beyond and gets the extreme values."""
TRIES = 1000
"""Draws before an event counts as impossible; a guard against an endless loop."""
CONDITIONS = ("impact parameter {} fm", "rapidity of the nuclei {}")
RARE = 0.5
"""Gain of a correlation between numbers over that between their scores, below which the correlation is dropped."""


@dataclass(frozen=True)
class Multiplicity:
    """Copula at a grid of impact parameters and beams, with interpolation between its nodes.

    Attributes:
        trained: impact parameter in fm and rapidity of the nuclei of the training events, (M, 2).
        nodes: those of the tables, (K, 2).
        tables: quantiles of each column at SCORES, (K, columns, scores).
        factors: Cholesky factors of the scores' correlations, (K, columns, columns).
        masses: masses of the 26 species, GeV.
        slots: largest number of particles of an event.
        columns: what is drawn.
    """

    trained: np.ndarray
    nodes: np.ndarray
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
        beam: np.ndarray | float | None = None,
        symmetry: Symmetry | None = None,
    ) -> "Multiplicity":
        """Fit tables to training events: one at each value of a condition, or at a few if all differ.

        If there are several groups of events (`groups_of`), each is brought to its node by `Columns.at_nodes`.

        Arguments:
            events: training events.
            masses: masses of the 26 species, GeV.
            slots: largest number of particles of an event.
            beam: rapidity of the nuclei, of each event (N,) or of all; None to estimate it from the events.
            symmetry: symmetry of their distribution; the images of every event are added.
        """
        beam, kind = beam_rapidity(events) if beam is None else beam, columns_of(events)
        columns, points = kind.of(events, beam), points_of(events, beam)
        groups, grid = groups_of(points)
        shifted = [columns[group] for group in groups]
        if len(groups) > 1:
            shifted, grid = kind.at_nodes(columns, points, groups, grid)
        images = (symmetry or Symmetry()).images
        shifted = [np.concatenate([kind.image(values, signs) for signs in images]) for values in shifted]
        tables = np.stack([np.quantile(values, ndtr(SCORES), axis=0, method="hazen").T for values in shifted])
        factors = np.stack([_factor(v, t, kind.whole) for v, t in zip(shifted, tables, strict=True)])
        return cls(points, grid.nodes, tables, factors, masses, slots, kind)

    def sample(self, points: np.ndarray, generator: torch.Generator) -> Totals:
        """Draw multiplicities and sums of events at conditions (N, 2): impact parameter in fm, rapidity of the nuclei.

        A draw is repeated if the event cannot exist (`Columns.possible`), or its particles do not fit into the slots.

        Raises:
            ValueError: for conditions outside those of the training events.
            RuntimeError: if TRIES draws are rejected.
        """
        for name, values, trained in zip(CONDITIONS, points.T, self.trained.T, strict=True):
            low, high = trained.min(), trained.max()
            if np.any(bad := (values < low - 1e-9) | (values > high + 1e-9)):
                raise ValueError(f"{name.format(values[bad][0])}: trained from {low:g} to {high:g}")
        counts, facts = np.zeros((len(points), KINDS), int), np.zeros((len(points), 7))
        waiting = np.arange(len(points))
        for _ in range(TRIES):
            if not len(waiting):
                return Totals(counts, facts)
            drawn = self._draw(points[waiting], generator)
            accepted = self.columns.possible(drawn, self.masses) & (drawn.counts.sum(axis=1) <= self.slots)
            counts[waiting[accepted]], facts[waiting[accepted]] = (
                drawn.counts[accepted],
                drawn.facts[accepted],
            )
            waiting = waiting[~accepted]
        raise RuntimeError(f"no possible numbers of particles at {points[waiting[0], 0]} fm in {TRIES} draws")

    def _draw(self, points: np.ndarray, generator: torch.Generator) -> Totals:
        grid = Grid.of_nodes(self.nodes)
        corners, parts = grid.corners(points)
        noise = torch.randn(
            corners.shape[1],
            len(points),
            self.factors.shape[-1],
            generator=generator,
            device=generator.device,
            dtype=torch.float64,
        )
        of_corners = list(zip(corners.T, parts.T[..., None], noise.cpu().numpy(), strict=True))
        # The weighted sum of independent scores at all corners has the interpolated correlations.
        scores = sum(np.sqrt(w) * np.einsum("nij,nj->ni", self.factors[k], z) for k, w, z in of_corners)
        values = sum(w * self._quantiles(k, scores) for k, w, _ in of_corners)
        if max(grid.shape) > 2:
            linear_means = sum(w * self._means[k] for k, w, _ in of_corners)
            values += grid.weights(points) @ self._means - linear_means
        # Stochastic rounding keeps the means; a value that is an integer up to rounding, as at a knot, is kept.
        chance = torch.rand(values.shape, generator=generator, device=generator.device, dtype=torch.float64)
        whole = self.columns.whole
        integers = np.floor(np.round(values[:, :whole], 9) + chance.cpu().numpy()[:, :whole]).astype(int)
        return self.columns.totals(points, integers, values[:, whole:])

    def _quantiles(self, node: np.ndarray, scores: np.ndarray) -> np.ndarray:
        position = np.clip((scores - SCORES[0]) / (SCORES[1] - SCORES[0]), 0, len(SCORES) - 1.001)
        index, column = position.astype(int), np.arange(scores.shape[1])
        low, high = (self.tables[node[:, None], column, index + step] for step in (0, 1))
        quantiles = low + (high - low) * (position - index)
        whole = self.columns.whole
        quantiles[:, :whole] = np.rint(quantiles[:, :whole])
        return quantiles

    @cached_property
    def _means(self) -> np.ndarray:
        """Mean of each column at the nodes, (K, columns)."""
        weights = np.exp(-(SCORES**2) / 2)
        tables, whole = self.tables.copy(), self.columns.whole
        tables[:, :whole] = np.rint(tables[:, :whole])
        return tables @ (weights / weights.sum())

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors that `load` reads."""
        named = {name: getattr(self, name) for name in ("trained", "nodes", "tables", "factors", "masses")}
        tensors = {f"multiplicity.{name}": torch.from_numpy(value.copy()) for name, value in named.items()}
        return tensors | {"multiplicity.slots": torch.tensor(self.slots)}

    @classmethod
    def load(cls, tensors: dict[str, Tensor]) -> "Multiplicity":
        """Invert `tensors`; the entries used are removed from the dictionary."""
        names = ("trained", "nodes", "tables", "factors", "masses")
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
