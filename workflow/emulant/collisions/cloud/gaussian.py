r"""Momenta of each kind as three numbers that are standard normal, one particle at a time.

With F_s the distribution function of the transverse momentum of kind s, and G_s that of its rapidity at this
transverse momentum (in up to 14 ranges), a particle becomes r (cos psi, sin psi), r =
sqrt(-2 ln(1 - F_s(pT))), and Phi^{-1}(G_s(y | pT)); psi is its azimuth, made uniform by the flow of its kind there
(`azimuth`) (M. Rosenblatt, Ann. Math. Stat. 23 (1952) 470). So a diffusion starts from the right spectra and flow, and
its network learns only what these leave out: how particles hang together.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor

from emulant.collisions.cloud.azimuth import fit_flow, flow_of, uniform_angle
from emulant.collisions.cloud.impact import between, groups_of
from emulant.collisions.cloud.kinds import KINDS, SPECIES_OF, TURNED, beam_rapidity, kinds_of
from emulant.collisions.cloud.slots import impacts_of
from emulant.collisions.events import Events
from emulant.collisions.species import CHARGES, MASSES, SPECIES

__all__ = ["EDGES", "REACH", "SpeciesMaps"]

NAMES = ("knots", "pt", "rapidity", "flow", "masses", "beam")
GRID, REACH = 1025, 4.8
FEWEST, FEWEST_IN_RANGES = 100, 2400
# Ranges of F(pT) in which rapidities have one distribution; narrow where pT changes most.
EDGES = np.concatenate([np.arange(12) / 12, [0.96, 0.985, 1]])
RANGES = len(EDGES) - 1


@dataclass(frozen=True)
class SpeciesMaps:
    """The map of each kind, at each of a few impact parameters; `Momenta` is its inverse.

    Attributes:
        knots: impact parameters in fm, ascending, (K,).
        pt: transverse momenta in GeV at equidistant r in [0, REACH], (KINDS K, GRID).
        rapidity: rapidities at equidistant normal scores in [-REACH, REACH] for each range of r, (KINDS K, RANGES, GRID).
        flow: coefficients of v_1 and v_2, (KINDS K, COEFFICIENTS).
        masses: GeV, (KINDS,).
        beam: rapidity of the nuclei, by which kinds are told.
    """

    knots: np.ndarray
    pt: np.ndarray
    rapidity: np.ndarray
    flow: np.ndarray
    masses: np.ndarray
    beam: np.ndarray

    @classmethod
    def fit(cls, events: Events, masses: np.ndarray, half_turn: bool = False) -> "SpeciesMaps":
        """From training events, at the impact parameters of `groups_of`.

        A kind with fewer than 100 particles in a group borrows from the species with enough which is nearest in mass and
        has the same |B|, or from all particles together.

        Arguments:
            events: of training.
            masses: of the 26 species, GeV.
            half_turn: whether their law stays under half a turn about the y axis; every particle then counts there too.
        """
        generator = np.random.default_rng(0)
        beam, masses = beam_rapidity(events), masses[SPECIES_OF]
        kinds = kinds_of(events, beam)
        polar = _polar(events.momenta[:, :3], masses[kinds], generator)
        images = [(kinds, *polar)] + ([(TURNED[kinds], *_turned(*polar))] if half_turn else [])
        groups, knots = groups_of(impacts_of(events))
        chosen: list[tuple[np.ndarray, ...]] = []
        for group in groups:
            member = np.isin(events.owner, group)
            own, *parts = (
                np.concatenate([part[member] for part in same]) for same in zip(*images, strict=True)
            )
            sources = [_source(kind, np.bincount(own, minlength=KINDS)) for kind in range(KINDS)]
            tables = {}
            for source in set(sources):
                mine = slice(None) if source is None else own == source
                tables[source] = _tables(*(part[mine] for part in parts), generator)
            chosen += [tables[source] for source in sources]
        stacked = (np.stack(part) for part in zip(*chosen, strict=True))
        return cls(knots, *stacked, masses, np.array(beam))

    def rows(self, kinds: np.ndarray, impact: np.ndarray) -> np.ndarray:
        """Which table each particle uses, (n,): that of its kind at the nearest knot."""
        left, right, weight = between(self.knots, impact)
        return np.where(weight > 0.5, right, left) * len(self.masses) + kinds

    def encode(self, events: Events, generator: np.random.Generator) -> np.ndarray:
        """Momenta of particles as normal numbers (n, 3); equal momenta spread over the range that they stand for."""
        kinds = kinds_of(events, float(self.beam))
        rows = self.rows(kinds, np.repeat(impacts_of(events), events.counts))
        pt, rapidity, angle = _polar(events.momenta[:, :3], self.masses[kinds], generator)
        uniform = generator.random((2, len(pt)))
        radius, along = np.empty(len(pt)), np.empty(len(pt))
        for kind in np.unique(rows):
            mine = np.flatnonzero(rows == kind)
            radius[mine] = _radii(self.pt[kind], pt[mine], uniform[0, mine])
            along[mine] = _along(self.rapidity[kind], radius[mine], rapidity[mine], uniform[1, mine])
        angle = uniform_angle(angle, flow_of(self.flow[rows], _rayleigh(radius), ndtr(along)))
        return np.column_stack([radius * np.cos(angle), radius * np.sin(angle), along])

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `load` needs."""
        return {f"maps.{name}": torch.from_numpy(getattr(self, name).copy()) for name in NAMES}

    @classmethod
    def load(cls, tensors: dict[str, Tensor]) -> "SpeciesMaps":
        """The inverse of `tensors`; what it uses is taken out of them."""
        return cls(*(tensors.pop(f"maps.{name}").numpy() for name in NAMES))


def _polar(
    momenta: np.ndarray, masses: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Transverse momentum, rapidity, and azimuth, by chance where there is none."""
    pt = np.hypot(momenta[:, 0], momenta[:, 1])
    angle = np.where(
        pt > 0, np.arctan2(momenta[:, 1], momenta[:, 0]), generator.uniform(-np.pi, np.pi, len(pt))
    )
    return pt, np.arcsinh(momenta[:, 2] / np.sqrt(masses**2 + pt**2)), angle


def _turned(
    pt: np.ndarray, rapidity: np.ndarray, angle: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Particles after half a turn about the y axis."""
    return pt, -rapidity, np.pi - angle


def _source(kind: int, numbers: np.ndarray) -> int | None:
    """The kind whose particles tell the spectra of `kind`."""
    if numbers[kind] >= FEWEST:
        return kind
    own, enough = SPECIES_OF[kind], numbers[: len(SPECIES)] >= FEWEST
    alike = np.flatnonzero(enough & (np.abs(CHARGES[:, 0]) == abs(CHARGES[own, 0])))
    return None if not len(alike) else int(alike[np.argmin(np.abs(MASSES[alike] - MASSES[own]))])


def _tables(
    pt: np.ndarray, rapidity: np.ndarray, angle: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quantiles of pT, of rapidity in each range of r (ranges of few particles are one), and coefficients of flow."""
    by_radius = np.quantile(pt, _rayleigh(np.linspace(0, REACH, GRID)), method="hazen")
    probability = ndtr(np.linspace(-REACH, REACH, GRID))
    radius = _radii(by_radius, pt, generator.random(len(pt)))
    if len(pt) < FEWEST_IN_RANGES:
        by_range = np.tile(np.quantile(rapidity, probability, method="hazen"), (RANGES, 1))
    else:
        ranges = _range_of(radius)
        parts = [rapidity[ranges == part] for part in range(RANGES)]
        by_range = np.stack([np.quantile(part, probability, method="hazen") for part in parts])
    along = _along(by_range, radius, rapidity, generator.random(len(pt)))
    return by_radius, by_range, fit_flow(_rayleigh(radius), ndtr(along), angle)


def _radii(table: np.ndarray, pt: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    low, high = (REACH * place for place in _places(table, pt))
    return _drawn(low, high, uniform, _rayleigh, _rayleigh_inverse)


def _along(table: np.ndarray, radius: np.ndarray, rapidity: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Normal scores of rapidities, by the table of one species (RANGES, GRID)."""
    out, ranges = np.empty(len(rapidity)), _range_of(radius)
    for part in np.unique(ranges):
        mine = np.flatnonzero(ranges == part)
        low, high = (REACH * (2 * place - 1) for place in _places(table[part], rapidity[mine]))
        out[mine] = _drawn(low, high, uniform[mine], ndtr, ndtri)
    return out


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
