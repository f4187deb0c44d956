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
from emulant.families._slots import impacts_of
from emulant.families.heidi.kinds import COLD, KINDS, SPECIES_OF, TURNED, kind_counts, kinds_of

__all__ = [
    "Columns",
    "CompleteColumns",
    "IncompleteColumns",
    "Totals",
    "columns_of",
    "columns_of_width",
    "facts_of",
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
        facts: impact parameter in fm, spectators, sums of px, py, pz and E in GeV (0 if incomplete), (N, 6).
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
    def facts(self, events: Events) -> np.ndarray:
        """Return impact parameter, spectators (0 if unknown), sums of px, py, pz and E of each event, (N, 6)."""

    @abstractmethod
    def of(self, events: Events, beam: float) -> np.ndarray:
        """Return the columns of events, (N, width); `beam` is the rapidity of the nuclei."""

    @abstractmethod
    def totals(self, impact: np.ndarray, integers: np.ndarray, others: np.ndarray) -> Totals:
        """Return multiplicities and sums at impact parameters (N,) for integers (N, whole) and other columns."""

    @abstractmethod
    def at_knot(self, values: np.ndarray, impact: np.ndarray, knot: float) -> tuple[np.ndarray, float]:
        """Bring columns (n, width) of a group at impact parameters (n,) to one, near `knot`; return both."""

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

    def facts(self, events: Events) -> np.ndarray:
        """Return facts whose sums are those of all particles."""
        sums = event_totals(events)[:, :SUMS]
        # Remove the rounding error of a sum that is conserved at zero.
        return np.column_stack([_known(events), np.where(np.abs(sums) < ROUNDED, 0, sums)])

    def of(self, events: Events, beam: float) -> np.ndarray:
        """Return the columns of events, (N, width)."""
        totals, facts = event_totals(events), self.facts(events)
        cold = kind_counts(kinds_of(events, beam), events)[:, COLD]
        numbers = (species_counts(events)[:, DRAWN], np.rint(totals[:, SUMS:]), facts[:, 1:2], cold)
        return np.column_stack([*numbers, facts[:, 2:]])

    def totals(self, impact: np.ndarray, integers: np.ndarray, others: np.ndarray) -> Totals:
        """Return totals in which n, pi^- and K^0 follow from B, Q and S."""
        species = np.zeros((len(impact), len(SPECIES)), int)
        species[:, DRAWN] = integers[:, : len(DRAWN)]
        charges = integers[:, len(DRAWN) : self.spectators]
        species[:, list(FIXED)] = (charges - species @ CHARGES) @ INVERSE.T
        facts = np.column_stack([impact, self._spectators(integers), others])
        return Totals(self._counts(species, integers), facts)

    def at_knot(self, values: np.ndarray, impact: np.ndarray, knot: float) -> tuple[np.ndarray, float]:
        """Shift columns along their linear trend to the knot."""
        offset = impact - impact.mean()
        if not offset.any():
            return values, knot
        slope = offset @ values / (offset @ offset)
        return values - (impact - knot)[:, None] * slope, knot

    def possible(self, totals: Totals, masses: np.ndarray) -> np.ndarray:
        """Return also whether the masses are below the invariant energy."""
        counts, sums = totals.counts, totals.facts[:, 2:]
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

    def facts(self, events: Events) -> np.ndarray:
        """Return facts without sums."""
        return np.column_stack([_known(events), np.zeros((len(events), SUMS))])

    def of(self, events: Events, beam: float) -> np.ndarray:
        """Return the columns of events, (N, width)."""
        cold = kind_counts(kinds_of(events, beam), events)[:, COLD]
        return np.column_stack([species_counts(events), _known(events)[:, 1], cold])

    def totals(self, impact: np.ndarray, integers: np.ndarray, others: np.ndarray) -> Totals:
        """Return totals with the numbers drawn."""
        facts = np.column_stack([impact, self._spectators(integers), np.zeros((len(impact), SUMS))])
        return Totals(self._counts(integers[:, : len(SPECIES)], integers), facts)

    def at_knot(self, values: np.ndarray, impact: np.ndarray, knot: float) -> tuple[np.ndarray, float]:
        """Return columns as they are, and the mean impact parameter of the group.

        In a narrow acceptance numbers are small, and shifted ones, rounded again, would have other means.
        """
        return values, float(impact.mean())


def columns_of(events: Events) -> Columns:
    """Return the columns that suit events."""
    return CompleteColumns() if events.complete else IncompleteColumns()


def columns_of_width(width: int) -> Columns:
    """Return the columns of this number, in which a saved model differs."""
    return {kind.width: kind for kind in (CompleteColumns, IncompleteColumns)}[width]()


def facts_of(events: Events) -> np.ndarray:
    """Return the facts of events that suit them, (N, 6), as of `Columns.facts`."""
    return columns_of(events).facts(events)


def _known(events: Events) -> np.ndarray:
    """Return impact parameter and spectators (0 if unknown) of each event, (N, 2)."""
    spectators = np.nan_to_num(np.asarray(events.facts.get("spectators", np.zeros(len(events))), float))
    return np.column_stack([impacts_of(events), spectators])
