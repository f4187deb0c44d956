r"""Momenta of each kind as three numbers that are standard normal, one particle at a time.

With F_s the distribution function of the transverse momentum of kind s, and G_s that of its rapidity at this
transverse momentum (in up to 14 ranges), a particle becomes r (cos psi, sin psi), r =
sqrt(-2 ln(1 - F_s(pT))), and Phi^{-1}(G_s(y | pT)); psi is its azimuth, made uniform by the flow of its kind there
(`azimuth`) (M. Rosenblatt, Ann. Math. Stat. 23 (1952) 470). So a diffusion starts from the right spectra and flow, and
its network learns only what these leave out: how particles hang together.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor

from emulant.collisions.cloud.azimuth import fit_flow, flow_of, uniform_angle
from emulant.collisions.cloud.impact import curve_weights, groups_of
from emulant.collisions.cloud.kinds import COLD, KINDS, SPECIES_OF, TURNED, beam_rapidity, kinds_of
from emulant.collisions.cloud.quantiles import Axis, rayleigh, rayleigh_inverse, scores
from emulant.collisions.cloud.slots import impacts_of
from emulant.collisions.events import Events
from emulant.collisions.species import CHARGES, MASSES, SPECIES
from emulant.errors import InputError

__all__ = ["EDGES", "REACH", "KindMaps"]

NAMES = ("knots", "pt", "rapidity", "flow", "masses", "bound", "beam")
GRID, REACH, MASS_GRID = 1025, 4.8, 65
RADIUS, SCORE = Axis(0.0, REACH, rayleigh, rayleigh_inverse), Axis(-REACH, REACH, ndtr, ndtri)
FEWEST, FEWEST_COLD, FEWEST_IN_RANGES = 100, 10, 2400
# Ranges of F(pT) in which rapidities have one distribution; narrow where pT changes most.
EDGES = np.concatenate([np.arange(12) / 12, [0.96, 0.985, 1]])
RANGES = len(EDGES) - 1
CHUNK = 1 << 19
ON_SHELL = 1e-4


@dataclass(frozen=True)
class KindMaps:
    """The map of each kind, at each of a few impact parameters; `Momenta` is its inverse.

    Between these, tables and coefficients are those of smooth curves through all (`curve_weights`).

    Attributes:
        knots: impact parameters in fm, ascending, (K,).
        pt: transverse momenta in GeV at equidistant r in [0, REACH], (KINDS K, GRID).
        rapidity: rapidities at equidistant normal scores in [-REACH, REACH] for each range of r, (KINDS K, RANGES, GRID).
        flow: coefficients of v_1 and v_2, (KINDS K, coefficients).
        masses: GeV, (KINDS,).
        bound: quantiles of the masses sqrt(E^2 - p^2) of each kind, (KINDS, MASS_GRID): those of a cold nucleon may be below
            `masses`, as spectators of a cascade are bound.
        beam: rapidity of the nuclei, by which kinds are told.
    """

    knots: np.ndarray
    pt: np.ndarray
    rapidity: np.ndarray
    flow: np.ndarray
    masses: np.ndarray
    bound: np.ndarray
    beam: np.ndarray

    @classmethod
    def fit(
        cls, events: Events, masses: np.ndarray, beam: float | None = None, half_turn: bool = False
    ) -> "KindMaps":
        """From training events, at the impact parameters of `groups_of`.

        A kind with few particles in a group borrows tables (`_source`).

        Arguments:
            events: of training.
            masses: of the 26 species, GeV.
            beam: rapidity of the nuclei; by the events if not given.
            half_turn: whether their law stays under half a turn about the y axis; every particle then counts there too.

        Raises:
            InputError: for a group of events without any particle.
        """
        generator = np.random.default_rng(0)
        beam, masses = beam_rapidity(events) if beam is None else beam, masses[SPECIES_OF]
        kinds = kinds_of(events, beam)
        polar = _polar(events.momenta[:, :3], masses[kinds], generator)
        images = [(kinds, *polar)] + ([(TURNED[kinds], *_turned(*polar))] if half_turn else [])
        groups, knots = groups_of(impacts_of(events))
        chosen: list[tuple[np.ndarray, ...]] = []
        for group, knot in zip(groups, knots, strict=True):
            member = np.isin(events.owner, group)
            if not member.any():
                raise InputError(
                    "training events", "particles", f"particles in events at {knot:g} fm", "none"
                )
            own, *parts = (
                np.concatenate([part[member] for part in same]) for same in zip(*images, strict=True)
            )
            # Both images of a particle of a kind that stays tell the same.
            copies = np.where(np.arange(KINDS) == TURNED, len(images), 1)
            numbers = np.bincount(own, minlength=KINDS) // copies
            sources, tables = [_source(kind, numbers) for kind in range(KINDS)], {}
            for source in set(sources):
                mine = slice(None) if source is None else own == source
                count = numbers.sum() if source is None else numbers[source]
                tables[source] = _tables(*(part[mine] for part in parts), int(count), generator)
            chosen += [tables[source] for source in sources]
        stacked = (np.stack(part) for part in zip(*chosen, strict=True))
        return cls(knots, *stacked, masses, _bound(events, kinds, masses), np.array(beam))

    def encode(self, events: Events, generator: np.random.Generator) -> np.ndarray:
        """Momenta of particles as normal numbers (n, 3); equal momenta spread over the range that they stand for."""
        kinds = kinds_of(events, float(self.beam))
        pt, rapidity, angle = _polar(events.momenta[:, :3], self.masses[kinds], generator)
        uniform, weights = generator.random((2, len(pt))), curve_weights(self.knots, impacts_of(events))
        out = np.empty((len(pt), 3))
        for start in range(0, len(pt), CHUNK):
            part = slice(start, start + CHUNK)
            own = weights[events.owner[part]]
            rows = kinds[part, None] + KINDS * np.arange(len(self.knots))
            radius = scores(self.pt, rows, own, pt[part], uniform[0, part], RADIUS)
            along = _along(self.rapidity, rows, own, radius, rapidity[part], uniform[1, part])
            flow = np.einsum("nk,nkc->nc", own, self.flow[rows])
            turned = uniform_angle(angle[part], flow_of(flow, rayleigh(radius), ndtr(along)))
            out[part] = np.column_stack([radius * np.cos(turned), radius * np.sin(turned), along])
        return out

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `load` needs."""
        return {f"maps.{name}": torch.from_numpy(getattr(self, name).copy()) for name in NAMES}

    @classmethod
    def load(cls, tensors: dict[str, Tensor]) -> "KindMaps":
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


def _bound(events: Events, kinds: np.ndarray, masses: np.ndarray) -> np.ndarray:
    """Quantiles of the masses of each kind, the same for both directions; one value where particles are on their shell."""
    found = np.repeat(masses[:, None], MASS_GRID, axis=1)
    for kind in COLD:
        own = events.mass[(kinds == kind) | (kinds == TURNED[kind])]
        if len(own) >= FEWEST_COLD:
            quantiles = np.quantile(own, np.linspace(0, 1, MASS_GRID))
            found[kind] = np.where(np.abs(quantiles - masses[kind]) < ON_SHELL, masses[kind], quantiles)
    return found


def _source(kind: int, numbers: np.ndarray) -> int | None:
    """The kind whose particles tell the spectra of `kind`; None for all particles together.

    With enough of its own it is itself; a cold nucleon is content with few, or with those of the other charge that go the
    same way. Else it is the species with enough particles which is nearest in mass and has the same |B|.

    Arguments:
        kind: which.
        numbers: of particles of each kind, (KINDS,).
    """
    if numbers[kind] >= FEWEST:
        return kind
    if kind in COLD:
        other = COLD[(kind - COLD[0] + 2) % len(COLD)]
        best = int(max(kind, other, key=lambda candidate: numbers[candidate]))
        if numbers[best] >= FEWEST_COLD:
            return best
    own, enough = SPECIES_OF[kind], numbers[: len(SPECIES)] >= FEWEST
    alike = np.flatnonzero(enough & (np.abs(CHARGES[:, 0]) == abs(CHARGES[own, 0])))
    return None if not len(alike) else int(alike[np.argmin(np.abs(MASSES[alike] - MASSES[own]))])


def _tables(
    pt: np.ndarray, rapidity: np.ndarray, angle: np.ndarray, count: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quantiles of pT, of rapidity in each range of r (ranges of few particles are one), and coefficients of flow.

    Of the particles, `count` are independent.
    """
    uniform, alone = generator.random((2, len(pt))), (np.zeros((len(pt), 1), int), np.ones((len(pt), 1)))
    by_radius = np.quantile(pt, rayleigh(np.linspace(0, REACH, GRID)), method="hazen")
    probability = ndtr(np.linspace(-REACH, REACH, GRID))
    radius = scores(by_radius[None], *alone, pt, uniform[0], RADIUS)
    if count < FEWEST_IN_RANGES:
        by_range = np.tile(np.quantile(rapidity, probability, method="hazen"), (RANGES, 1))
    else:
        ranges = _range_of(radius)
        parts = [rapidity[ranges == part] for part in range(RANGES)]
        by_range = np.stack([np.quantile(part, probability, method="hazen") for part in parts])
    along = _along(by_range[None], *alone, radius, rapidity, uniform[1])
    return by_radius, by_range, fit_flow(rayleigh(radius), ndtr(along), angle, count)


def _along(
    tables: np.ndarray,
    rows: np.ndarray,
    weights: np.ndarray,
    radius: np.ndarray,
    rapidity: np.ndarray,
    uniform: np.ndarray,
) -> np.ndarray:
    """Normal scores (n,) of rapidities, by tables (tables, RANGES, GRID) of rows and weights (n, K)."""
    by_range = rows * RANGES + _range_of(radius)[:, None]
    return scores(tables.reshape(-1, GRID), by_range, weights, rapidity, uniform, SCORE)


def _range_of(radius: np.ndarray) -> np.ndarray:
    """In which of the RANGES of probability r lies."""
    return np.searchsorted(EDGES[1:-1], rayleigh(radius), "right")
