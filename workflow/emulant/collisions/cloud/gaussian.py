r"""Momenta of each species as three numbers that are standard normal, one particle at a time.

With F_s the distribution function of the transverse momentum of species s, and G_s that of its rapidity at this
transverse momentum (in up to 14 ranges), a particle becomes r (cos phi, sin phi), r =
sqrt(-2 ln(1 - F_s(pT))), and Phi^{-1}(G_s(y | pT)) (M. Rosenblatt, Ann. Math. Stat. 23 (1952) 470). So a diffusion starts
from the right spectra, and its network learns only what these leave out: flow, and how particles hang together.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor

from emulant.collisions.cloud.impact import between, groups_of
from emulant.collisions.cloud.slots import impacts_of
from emulant.collisions.events import Events
from emulant.collisions.species import CHARGES, MASSES

__all__ = ["EDGES", "REACH", "SpeciesMaps"]

NAMES = ("knots", "pt", "rapidity", "masses")
GRID, REACH = 1025, 4.8
FEWEST, FEWEST_IN_RANGES = 100, 2400
# Ranges of F(pT) in which rapidities have one distribution; narrow where pT changes most.
EDGES = np.concatenate([np.arange(12) / 12, [0.96, 0.985, 1]])
RANGES = len(EDGES) - 1


@dataclass(frozen=True)
class SpeciesMaps:
    """The map of each species, at each of a few impact parameters; `Momenta` is its inverse.

    Attributes:
        knots: impact parameters in fm, ascending, (K,).
        pt: transverse momenta in GeV at equidistant r in [0, REACH], (26 K, GRID).
        rapidity: rapidities at equidistant normal scores in [-REACH, REACH] for each range of r, (26 K, RANGES, GRID).
        masses: GeV, (26,).
    """

    knots: np.ndarray
    pt: np.ndarray
    rapidity: np.ndarray
    masses: np.ndarray

    @classmethod
    def fit(cls, events: Events, masses: np.ndarray) -> "SpeciesMaps":
        """From training events, at the impact parameters of `groups_of`.

        A species with fewer than 100 particles in a group borrows from that with enough which is nearest in mass and
        has the same |B|, or from all particles together.
        """
        generator = np.random.default_rng(0)
        pt, rapidity = _polar(events.momenta[:, :3], masses[events.species])
        groups, knots = groups_of(impacts_of(events))
        chosen: list[tuple[np.ndarray, np.ndarray]] = []
        for group in groups:
            member = np.isin(events.owner, group)
            numbers = np.bincount(events.species[member], minlength=len(masses))
            tables = {}
            for source in {_source(kind, numbers) for kind in range(len(masses))}:
                mine = member if source is None else member & (events.species == source)
                tables[source] = _tables(pt[mine], rapidity[mine], generator)
            chosen += [tables[_source(kind, numbers)] for kind in range(len(masses))]
        return cls(knots, np.stack([t[0] for t in chosen]), np.stack([t[1] for t in chosen]), masses)

    def rows(self, species: np.ndarray, impact: np.ndarray) -> np.ndarray:
        """Which table each particle uses, (n,): that of its species at the nearest knot."""
        left, right, weight = between(self.knots, impact)
        return np.where(weight > 0.5, right, left) * len(self.masses) + species

    def encode(self, events: Events, generator: np.random.Generator) -> np.ndarray:
        """Momenta of particles as normal numbers (n, 3); equal momenta spread over the range that they stand for."""
        momenta, rows = (
            events.momenta,
            self.rows(events.species, np.repeat(impacts_of(events), events.counts)),
        )
        pt, rapidity = _polar(momenta[:, :3], self.masses[events.species])
        angle = np.where(
            pt > 0, np.arctan2(momenta[:, 1], momenta[:, 0]), generator.uniform(0, 2 * np.pi, len(pt))
        )
        uniform = generator.random((2, len(pt)))
        radius, along = np.empty(len(pt)), np.empty(len(pt))
        for kind in np.unique(rows):
            mine = np.flatnonzero(rows == kind)
            radius[mine] = _radii(self.pt[kind], pt[mine], uniform[0, mine])
            ranges = _range_of(radius[mine])
            for part in np.unique(ranges):
                few = mine[ranges == part]
                places = _places(self.rapidity[kind, part], rapidity[few])
                low, high = (REACH * (2 * place - 1) for place in places)
                along[few] = _drawn(low, high, uniform[1, few], ndtr, ndtri)
        return np.column_stack([radius * np.cos(angle), radius * np.sin(angle), along])

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `load` needs."""
        return {f"maps.{name}": torch.from_numpy(getattr(self, name).copy()) for name in NAMES}

    @classmethod
    def load(cls, tensors: dict[str, Tensor]) -> "SpeciesMaps":
        """The inverse of `tensors`; what it uses is taken out of them."""
        return cls(*(tensors.pop(f"maps.{name}").numpy() for name in NAMES))


def _polar(momenta: np.ndarray, masses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pt = np.hypot(momenta[:, 0], momenta[:, 1])
    return pt, np.arcsinh(momenta[:, 2] / np.sqrt(masses**2 + pt**2))


def _source(kind: int, numbers: np.ndarray) -> int | None:
    """The species whose particles tell the spectra of `kind`."""
    if numbers[kind] >= FEWEST:
        return kind
    alike = np.flatnonzero((numbers >= FEWEST) & (np.abs(CHARGES[:, 0]) == abs(CHARGES[kind, 0])))
    return None if not len(alike) else int(alike[np.argmin(np.abs(MASSES[alike] - MASSES[kind]))])


def _tables(
    pt: np.ndarray, rapidity: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of pT, and of rapidity in each range of r; ranges of few particles are one."""
    by_radius = np.quantile(pt, _rayleigh(np.linspace(0, REACH, GRID)), method="hazen")
    probability = ndtr(np.linspace(-REACH, REACH, GRID))
    if len(pt) < FEWEST_IN_RANGES:
        along = np.quantile(rapidity, probability, method="hazen")
        return by_radius, np.tile(along, (RANGES, 1))
    ranges = _range_of(_radii(by_radius, pt, generator.random(len(pt))))
    parts = [rapidity[ranges == part] for part in range(RANGES)]
    return by_radius, np.stack([np.quantile(part, probability, method="hazen") for part in parts])


def _radii(table: np.ndarray, pt: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    low, high = (REACH * place for place in _places(table, pt))
    return _drawn(low, high, uniform, _rayleigh, _rayleigh_inverse)


def _range_of(radius: np.ndarray) -> np.ndarray:
    """In which of the RANGES of probability r lies."""
    return np.searchsorted(EDGES[1:-1], _rayleigh(radius), "right")


def _places(table: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last place in [0, 1] where an ascending table has each value; one, unless entries are equal."""
    low, high = np.searchsorted(table, values, "left"), np.searchsorted(table, values, "right")
    left, right = np.clip(low - 1, 0, len(table) - 1), np.clip(low, 0, len(table) - 1)
    gap = table[right] - table[left]
    between = left + np.divide(values - table[left], gap, out=np.zeros(len(values)), where=gap > 0)
    found = high > low
    last = len(table) - 1
    return np.where(found, low, between) / last, np.where(found, high - 1, between) / last


def _drawn(
    low: np.ndarray,
    high: np.ndarray,
    uniform: np.ndarray,
    law: Callable[[np.ndarray], np.ndarray],
    inverse: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Numbers between two bounds, distributed as `law` has them there."""
    tied = high > low
    out = low.copy()
    bottom, top = law(low[tied]), law(high[tied])
    out[tied] = np.clip(inverse(bottom + uniform[tied] * (top - bottom)), low[tied], high[tied])
    return out


def _rayleigh(radius: np.ndarray) -> np.ndarray:
    return -np.expm1(-(radius**2) / 2)


def _rayleigh_inverse(probability: np.ndarray) -> np.ndarray:
    return np.sqrt(-2 * np.log1p(-probability))
