r"""Map from the momentum of a particle to three independent standard normal variables.

With F_s the distribution function of the transverse momentum of kind s, and G_s that of its rapidity at this transverse
momentum (in up to 14 ranges), the variables are r (cos psi, sin psi) with r = sqrt(-2 ln(1 - F_s(pT))), and
Phi^{-1}(G_s(y | pT)); psi is the azimuth, made uniform by the flow of its kind (`azimuth`). This is the transformation of
M. Rosenblatt, Ann. Math. Stat. 23 (1952) 470. A diffusion in these variables starts from the right spectra and flow, so
that the network learns only the correlations between particles.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor

from emulant.collisions.events import Events
from emulant.collisions.species import CHARGES, MASSES, SPECIES
from emulant.errors import InputError
from emulant.families.heidi.azimuth import fit_flow, flow_of, uniform_angle
from emulant.families.heidi.flow_between import flow_tables, with_distance
from emulant.families.heidi.grid import Grid, groups_of
from emulant.families.heidi.kinds import (
    COLD,
    KINDS,
    SPECIES_OF,
    TURNED,
    beam_rapidity,
    beams_of,
    kinds_of,
    points_of,
)
from emulant.families.heidi.quantiles import Axis, rayleigh, rayleigh_inverse, scores

__all__ = ["EDGES", "REACH", "KindMaps"]

NAMES = ("nodes", "pt", "rapidity", "flow", "masses", "bound")
GRID = 1025
"""Quantiles in a table, which is linear between them; trades resolution against the size of the model."""
REACH = 4.8
"""Largest tabulated r and |score|: a share exp(-REACH^2 / 2) = 1e-5 of the particles has a larger r."""
MASS_GRID = 65
"""Quantiles in the table of masses, whose distribution is narrow."""
RADIUS, SCORE = Axis(0.0, REACH, rayleigh, rayleigh_inverse), Axis(-REACH, REACH, ndtr, ndtri)
FEWEST = 100
"""Particles of a kind below which it borrows the tables of another: a spectrum from fewer is worse than a similar one."""
FEWEST_COLD = 10
"""The same for cold nucleons, whose momenta are like those of no other kind."""
FEWEST_IN_RANGES = 2400
"""Particles of a kind below which its rapidities have one table for all pT: 200 for each twelfth, 36 for the last range."""
# Ranges of F(pT), each with one distribution of rapidity; narrow at the top, where pT changes most.
EDGES = np.concatenate([np.arange(12) / 12, [0.96, 0.985, 1]])
RANGES = len(EDGES) - 1
CHUNK = 1 << 19
"""Particles encoded at once; bounds the memory, the result does not depend on it."""
ROUNDED = 1e-12
"""Weight of a node that is zero: splines give those of others at a node to some 1e-16."""
ON_SHELL = 1e-4
"""GeV within which a quantile of the mass counts as on shell; nuclear binding is some MeV."""


@dataclass(frozen=True)
class KindMaps:
    """Map of each kind, tabulated at a grid of impact parameters and beams; `Momenta` is its inverse.

    Between the nodes of the grid tables and coefficients are interpolated (`Grid.weights`, `flow_between`). In the
    rapidity of the nuclei that of nucleons which fly on with them is linear, and so exact.

    Attributes:
        nodes: impact parameter in fm, and rapidity of the nuclei, which distinguishes cold nucleons from others, (K, 2).
        pt: transverse momenta in GeV at equidistant r in [0, REACH], (KINDS K, GRID).
        rapidity: rapidities at equidistant normal scores in [-REACH, REACH] for each range of r, (KINDS K, RANGES, GRID).
        flow: coefficients of v_1 and v_2, (KINDS K, coefficients).
        masses: GeV, (KINDS,).
        bound: quantiles of the masses sqrt(E^2 - p^2) of each kind, (KINDS, MASS_GRID). Those of a cold nucleon may be below
            `masses`, because spectators of a cascade are bound.
    """

    nodes: np.ndarray
    pt: np.ndarray
    rapidity: np.ndarray
    flow: np.ndarray
    masses: np.ndarray
    bound: np.ndarray

    @classmethod
    def fit(
        cls,
        events: Events,
        masses: np.ndarray,
        beam: np.ndarray | float | None = None,
        half_turn: bool = False,
    ) -> "KindMaps":
        """Fit the tables to training events, at the nodes of `groups_of`.

        A kind with few particles in a group borrows tables (`_source`).

        Arguments:
            events: training events.
            masses: masses of the 26 species, GeV.
            beam: rapidity of the nuclei, of each event (N,) or of all; None to estimate it from the events.
            half_turn: whether the distribution is symmetric under half a turn about the y axis; the rotated image of
                every particle is then added.

        Raises:
            InputError: for a group of events without any particle.
        """
        generator = np.random.default_rng(0)
        beam, masses = beam_rapidity(events) if beam is None else beam, masses[SPECIES_OF]
        kinds = kinds_of(events, beam)
        polar = _polar(events.momenta[:, :3], masses[kinds], generator)
        images = [(kinds, *polar)] + ([(TURNED[kinds], *_turned(*polar))] if half_turn else [])
        groups, grid = groups_of(points_of(events, beam))
        chosen: list[tuple[np.ndarray, ...]] = []
        for group, node in zip(groups, grid.nodes, strict=True):
            member = np.isin(events.owner, group)
            if not member.any():
                raise InputError(
                    "training events", "particles", f"particles in events at {node[0]:g} fm", "none"
                )
            member_kinds, *parts = (
                np.concatenate([part[member] for part in same]) for same in zip(*images, strict=True)
            )
            # If a rotation maps a kind to itself, both images of a particle are of that kind: one independent particle.
            copies = np.where(np.arange(KINDS) == TURNED, len(images), 1)
            numbers = np.bincount(member_kinds, minlength=KINDS) // copies
            sources, tables = [_source(kind, numbers) for kind in range(KINDS)], {}
            for source in set(sources):
                of_source = slice(None) if source is None else member_kinds == source
                count = numbers.sum() if source is None else numbers[source]
                tables[source] = _tables(*(part[of_source] for part in parts), int(count), generator)
            chosen += [tables[source] for source in sources]
        stacked = (np.stack(part) for part in zip(*chosen, strict=True))
        return cls(grid.nodes, *stacked, masses, _bound(events, kinds, masses))

    def encode(self, events: Events, generator: np.random.Generator) -> np.ndarray:
        """Map momenta to standard normal variables (n, 3); tied momenta are spread at random over their range of ranks."""
        beams = self.beams(events)
        kinds = kinds_of(events, beams)
        pt, rapidity, angle = _polar(events.momenta[:, :3], self.masses[kinds], generator)
        uniform = generator.random((2, len(pt)))
        nodes, weights = _largest(Grid.of_nodes(self.nodes).weights(points_of(events, beams)))
        tables = flow_tables(self.nodes, self.flow.reshape(len(self.nodes), KINDS, -1))
        of_rows = tables.coefficients.reshape(self.flow.shape)
        squares = np.sum(weights * tables.squares[nodes], axis=1)
        out = np.empty((len(pt), 3))
        for start in range(0, len(pt), CHUNK):
            part = slice(start, start + CHUNK)
            event_weights = weights[events.owner[part]]
            rows = kinds[part, None] + KINDS * nodes[events.owner[part]]
            radius = scores(self.pt, rows, event_weights, pt[part], uniform[0, part], RADIUS)
            along = _along(self.rapidity, rows, event_weights, radius, rapidity[part], uniform[1, part])
            flow = np.einsum("nk,nkc->nc", event_weights, of_rows[rows])
            flow = with_distance(flow, squares[events.owner[part]])
            psi = uniform_angle(angle[part], flow_of(flow, rayleigh(radius), ndtr(along)))
            out[part] = np.column_stack([radius * np.cos(psi), radius * np.sin(psi), along])
        return out

    def beams(self, events: Events) -> np.ndarray:
        """Return the rapidity of the nuclei of each event, (N,); that of the first node where events do not say."""
        return beams_of(events, float(self.nodes[0, 1]))

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors that `load` reads."""
        return {f"maps.{name}": torch.from_numpy(getattr(self, name).copy()) for name in NAMES}

    @classmethod
    def load(cls, tensors: dict[str, Tensor]) -> "KindMaps":
        """Invert `tensors`; the entries used are removed from the dictionary."""
        return cls(*(tensors.pop(f"maps.{name}").numpy() for name in NAMES))


def _polar(
    momenta: np.ndarray, masses: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return transverse momentum, rapidity and azimuth, each (n,); a particle along the beam gets a random azimuth."""
    pt = np.hypot(momenta[:, 0], momenta[:, 1])
    angle = np.where(
        pt > 0, np.arctan2(momenta[:, 1], momenta[:, 0]), generator.uniform(-np.pi, np.pi, len(pt))
    )
    return pt, np.arcsinh(momenta[:, 2] / np.sqrt(masses**2 + pt**2)), angle


def _turned(
    pt: np.ndarray, rapidity: np.ndarray, angle: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rotate particles by half a turn about the y axis."""
    return pt, -rapidity, np.pi - angle


def _bound(events: Events, kinds: np.ndarray, masses: np.ndarray) -> np.ndarray:
    """Return quantiles of the masses of each kind, the same for both directions; constant for on-shell kinds."""
    quantile_table = np.repeat(masses[:, None], MASS_GRID, axis=1)
    for kind in COLD:
        kind_masses = events.mass[(kinds == kind) | (kinds == TURNED[kind])]
        if len(kind_masses) >= FEWEST_COLD:
            quantiles = np.quantile(kind_masses, np.linspace(0, 1, MASS_GRID))
            quantile_table[kind] = np.where(
                np.abs(quantiles - masses[kind]) < ON_SHELL, masses[kind], quantiles
            )
    return quantile_table


def _source(kind: int, numbers: np.ndarray) -> int | None:
    """Select the kind whose particles define the tables of `kind`; None for all particles together.

    A kind with enough particles uses its own. A cold nucleon needs fewer, or uses the other nucleon that moves in the same
    direction. Otherwise it is the species of equal |B| and nearest mass that has enough particles.

    Arguments:
        kind: index of the kind.
        numbers: number of particles of each kind, (KINDS,).
    """
    if numbers[kind] >= FEWEST:
        return kind
    if kind in COLD:
        other = COLD[(kind - COLD[0] + 2) % len(COLD)]
        best = int(max(kind, other, key=lambda candidate: numbers[candidate]))
        if numbers[best] >= FEWEST_COLD:
            return best
    species, has_enough = SPECIES_OF[kind], numbers[: len(SPECIES)] >= FEWEST
    alike = np.flatnonzero(has_enough & (np.abs(CHARGES[:, 0]) == abs(CHARGES[species, 0])))
    return None if not len(alike) else int(alike[np.argmin(np.abs(MASSES[alike] - MASSES[species]))])


def _tables(
    pt: np.ndarray, rapidity: np.ndarray, angle: np.ndarray, count: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute quantiles of pT (GRID,), of rapidity in each range of r (RANGES, GRID), and coefficients of flow.

    `count` is the number of independent particles; if it is small, all ranges share one table.
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
    """Compute normal scores (n,) of rapidities from tables (tables, RANGES, GRID) with rows and weights (n, K)."""
    by_range = rows * RANGES + _range_of(radius)[:, None]
    return scores(tables.reshape(-1, GRID), by_range, weights, rapidity, uniform, SCORE)


def _largest(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes of weights (n, K) that are not zero but for rounding, and their weights, (n, most of them) each."""
    most = int(np.count_nonzero(np.abs(weights) > ROUNDED, axis=1).max(initial=1))
    nodes = np.sort(np.argsort(-np.abs(weights), axis=1, kind="stable")[:, :most], axis=1)
    return nodes, np.take_along_axis(weights, nodes, axis=1)


def _range_of(radius: np.ndarray) -> np.ndarray:
    """Return the index of the range of probability (EDGES) that contains each r."""
    return np.searchsorted(EDGES[1:-1], rayleigh(radius), "right")
