"""What the copula draws of an event: with exact charges of complete events, number by number of incomplete ones.

Of complete events all but three species are drawn; the numbers of n, pi^- and K^0 then follow from B, Q and S, because the
3 x 3 matrix of their charges is unimodular. That relation is linear, so covariances with these three are reproduced too.
Incomplete events, such as the charged particles of an acceptance, have charges that fluctuate, and may lack just these three
species: the number of each species is drawn, and of one that does not occur it is zero.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from emulant.collisions.conserved import event_totals
from emulant.collisions.counts import species_counts
from emulant.collisions.events import Events
from emulant.collisions.hadron_gas import FIXED
from emulant.collisions.species import CHARGES, SPECIES
from emulant.families.heidi.grid import Grid, even
from emulant.families.heidi.kinds import COLD, KINDS, SPECIES_OF, TURNED, kind_counts, kinds_of, points_of

__all__ = [
    "Columns",
    "CompleteColumns",
    "IncompleteColumns",
    "Totals",
    "columns_of",
    "columns_of_width",
    "facts_of",
    "spectators_of",
]

DRAWN = np.setdiff1d(np.arange(len(SPECIES)), FIXED)
ROUNDED = 1e-3
"""GeV below which a conserved sum counts as 0, as in `collisions.conserved.DIGITS`."""
INVERSE = np.rint(np.linalg.inv(CHARGES[list(FIXED)].T)).astype(int)
SUMS = 4
"""px, py, pz and E."""


@dataclass(frozen=True)
class Totals:
    """Multiplicities and sums of events, drawn before the momenta.

    Attributes:
        counts: number of particles of each kind, (N, KINDS) integers.
        facts: impact parameter in fm, spectators, sums of px, py, pz and E in GeV (0 if incomplete), and the rapidity of
            the nuclei, (N, 7).
    """

    counts: np.ndarray
    facts: np.ndarray

    @property
    def species(self) -> np.ndarray:
        """Number of particles of each of the 26 species, (N, 26)."""
        return self.counts @ (SPECIES_OF[:, None] == np.arange(len(SPECIES)))


class Columns(ABC):
    """Numbers of an event in columns: integers first, the last of which are spectators and cold nucleons.

    Attributes:
        complete: whether the events have all their particles.
        spectators: the column of the spectators.
        width: number of columns.
    """

    complete: ClassVar[bool]
    spectators: ClassVar[int]
    width: ClassVar[int]

    @property
    def whole(self) -> int:
        """Number of integers."""
        return self.spectators + 1 + len(COLD)

    @abstractmethod
    def sums(self, events: Events) -> np.ndarray:
        """Return the sums of px, py, pz and E of each event that its particles have to have, (N, 4)."""

    @abstractmethod
    def of(self, events: Events, beam: np.ndarray | float) -> np.ndarray:
        """Return the columns of events, (N, width); `beam` is the rapidity of the nuclei, of each or of all."""

    @abstractmethod
    def totals(self, points: np.ndarray, integers: np.ndarray, others: np.ndarray) -> Totals:
        """Return multiplicities and sums at conditions (N, 2) for integers (N, whole) and other columns."""

    @abstractmethod
    def at_nodes(
        self, columns: np.ndarray, points: np.ndarray, groups: list[np.ndarray], grid: Grid
    ) -> tuple[list[np.ndarray], Grid]:
        """Bring columns (N, width) of events at conditions (N, 2) to those of their groups' nodes; return both."""

    def possible(self, totals: Totals, masses: np.ndarray) -> np.ndarray:
        """Return the mask of events that can exist, (N,), for masses of the 26 species in GeV."""
        return (totals.counts >= 0).all(axis=1)

    def image(self, columns: np.ndarray, signs: np.ndarray) -> np.ndarray:
        """Reflect px, py and pz of events by signs (3,); a reflection of z exchanges the cold nucleons of both nuclei."""
        out = columns.copy()
        if signs[2] < 0:
            out[:, self.spectators + 1 : self.whole] = columns[
                :, self.spectators + 1 + TURNED[COLD] - COLD[0]
            ]
        return out

    def _counts(self, species: np.ndarray, integers: np.ndarray) -> np.ndarray:
        """Return the number of each kind, (N, KINDS), from that of each species, (N, 26), and the integers."""
        counts = np.zeros((len(species), KINDS), int)
        counts[:, : len(SPECIES)] = species
        counts[:, COLD] = integers[:, self.spectators + 1 : self.whole]
        np.subtract.at(counts, (slice(None), SPECIES_OF[COLD]), counts[:, COLD])
        return counts

    def _spectators(self, integers: np.ndarray) -> np.ndarray:
        return np.maximum(integers[:, self.spectators], 0)


class CompleteColumns(Columns):
    """Drawn species, B, Q, S, spectators and cold nucleons, which are integers, then sums of px, py, pz and E."""

    complete = True
    spectators = len(DRAWN) + 3
    width = spectators + 1 + len(COLD) + SUMS

    def sums(self, events: Events) -> np.ndarray:
        """Return the sums over all particles."""
        sums = event_totals(events)[:, :SUMS]
        # Remove the rounding error of a sum that is conserved at zero.
        return np.where(np.abs(sums) < ROUNDED, 0, sums)

    def of(self, events: Events, beam: np.ndarray | float) -> np.ndarray:
        """Return the columns of events, (N, width)."""
        totals, sums = event_totals(events), self.sums(events) / _in_flight(beam)
        cold = kind_counts(kinds_of(events, beam), events)[:, COLD]
        numbers = (species_counts(events)[:, DRAWN], np.rint(totals[:, SUMS:]), spectators_of(events), cold)
        return np.column_stack([*numbers, sums])

    def totals(self, points: np.ndarray, integers: np.ndarray, others: np.ndarray) -> Totals:
        """Return totals in which n, pi^- and K^0 follow from B, Q and S."""
        species = np.zeros((len(points), len(SPECIES)), int)
        species[:, DRAWN] = integers[:, : len(DRAWN)]
        charges = integers[:, len(DRAWN) : self.spectators]
        species[:, list(FIXED)] = (charges - species @ CHARGES) @ INVERSE.T
        sums = others * _in_flight(points[:, 1])
        facts = np.column_stack([points[:, 0], self._spectators(integers), sums, points[:, 1]])
        return Totals(self._counts(species, integers), facts)

    def at_nodes(
        self, columns: np.ndarray, points: np.ndarray, groups: list[np.ndarray], grid: Grid
    ) -> tuple[list[np.ndarray], Grid]:
        """Shift the columns of each group along their linear trend to the node."""
        nodes = zip(groups, grid.nodes, strict=True)
        return [_shifted(columns[group], points[group], node) for group, node in nodes], grid

    def possible(self, totals: Totals, masses: np.ndarray) -> np.ndarray:
        """Return also whether the masses are below the invariant energy."""
        counts, sums = totals.counts, totals.facts[:, 2 : 2 + SUMS]
        invariant = sums[:, 3] ** 2 - np.sum(sums[:, :3] ** 2, axis=1)
        enough = (counts.sum(axis=1) == 0) | ((counts @ masses[SPECIES_OF]) ** 2 < invariant)
        return super().possible(totals, masses) & enough

    def image(self, columns: np.ndarray, signs: np.ndarray) -> np.ndarray:
        """Reflect also the sums of px, py and pz."""
        out = super().image(columns, signs)
        out[:, self.whole : self.whole + 3] *= signs
        return out


class IncompleteColumns(Columns):
    """All species, spectators and cold nucleons; sums over the particles seen are left to their momenta."""

    complete = False
    spectators = len(SPECIES)
    width = spectators + 1 + len(COLD)

    def sums(self, events: Events) -> np.ndarray:
        """Return zeros."""
        return np.zeros((len(events), SUMS))

    def of(self, events: Events, beam: np.ndarray | float) -> np.ndarray:
        """Return the columns of events, (N, width)."""
        cold = kind_counts(kinds_of(events, beam), events)[:, COLD]
        return np.column_stack([species_counts(events), spectators_of(events), cold])

    def totals(self, points: np.ndarray, integers: np.ndarray, others: np.ndarray) -> Totals:
        """Return totals with the numbers drawn."""
        sums = np.zeros((len(points), SUMS))
        facts = np.column_stack([points[:, 0], self._spectators(integers), sums, points[:, 1]])
        return Totals(self._counts(integers[:, : len(SPECIES)], integers), facts)

    def at_nodes(
        self, columns: np.ndarray, points: np.ndarray, groups: list[np.ndarray], grid: Grid
    ) -> tuple[list[np.ndarray], Grid]:
        """Return columns as they are, and the grid of the groups' mean conditions.

        In a narrow acceptance numbers are small, and shifted ones, rounded again, would have other means.
        """
        return [columns[group] for group in groups], grid.centred(points, groups)


def columns_of(events: Events) -> Columns:
    """Return the columns that suit events."""
    return CompleteColumns() if events.complete else IncompleteColumns()


def columns_of_width(width: int) -> Columns:
    """Return the columns of this number, in which a saved model differs."""
    return {kind.width: kind for kind in (CompleteColumns, IncompleteColumns)}[width]()


def facts_of(events: Events, beam: np.ndarray | float) -> np.ndarray:
    """Return the facts of events that suit them, (N, 7), as of `Totals`; `beam` is the rapidity of the nuclei."""
    impact, rapidity = points_of(events, beam).T
    return np.column_stack([impact, spectators_of(events), columns_of(events).sums(events), rapidity])


def spectators_of(events: Events) -> np.ndarray:
    """Return the number of spectators of each event, (N,), 0 if unknown."""
    return np.nan_to_num(np.asarray(events.facts.get("spectators", np.zeros(len(events))), float))


def _in_flight(beam: np.ndarray | float) -> np.ndarray:
    """Return the units of px, py, pz and E in columns, (..., 4): of pz and E as those of nuclei in flight.

    Sums of events at any energy of the beam are then nearly the same, and those between two energies nearly exact.
    """
    sinh = np.sinh(beam)
    one = np.ones_like(sinh)
    return np.stack([one, one, np.where(sinh > 0, sinh, 1), np.cosh(beam)], axis=-1)


def _shifted(values: np.ndarray, points: np.ndarray, node: np.ndarray) -> np.ndarray:
    """Shift values (n, width) at conditions (n, 2) along their linear trend, in b squared, to those of the node."""
    points, node = even(points), even(node[None])
    offset = points - points.mean(axis=0)
    # Conditions that are the same for all but for rounding have no trend.
    varies = np.ptp(points, axis=0) > 0
    if not varies.any():
        return values
    slope = np.linalg.lstsq(offset[:, varies], values, rcond=None)[0]
    return values - (points - node)[:, varies] @ slope
