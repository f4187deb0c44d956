"""T_RENTo's initial states: entropy from the reduced thickness of participants [J. S. Moreland et al., 1412.4708].

The model is that of the public C++ program: with the minimum distance of 1808.02106, and constituents of nucleons.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from emulant.errors import InputError
from emulant.initial.collision import deposit, draw_collision, reduced_thickness
from emulant.initial.cross_section import constituent_spread, partonic_cross_section
from emulant.initial.nuclei import Nucleus
from emulant.kinetic.draws import stream_of

__all__ = ["InitialStates", "Trento"]

FINEST = 1.5
"""Cells have at most this many Gaussian widths: the sum over cells of a Gaussian is then its integral to 3 %,
at one width to 10^-8."""


@dataclass(frozen=True)
class InitialStates:
    """A batch of events.

    Attributes:
        densities: (N, n, n) in fm^-2, axes x and y, the impact parameter along x.
        impact: (N,) in fm.
        participants: (N,).
        crowded: (N,), nucleons that stand closer to another than they should.
        spacing: of the grid in fm.
    """

    densities: np.ndarray
    impact: np.ndarray
    participants: np.ndarray
    crowded: np.ndarray
    spacing: float

    def __len__(self) -> int:
        return len(self.impact)

    @property
    def multiplicity(self) -> np.ndarray:
        """Integral of the density, (N,)."""
        return self.densities.sum(axis=(1, 2)) * self.spacing**2


@dataclass(frozen=True)
class Trento:
    """Two nuclei and how they deposit entropy; the attributes are keys of a configuration.

    Attributes:
        projectile, target: the nuclei.
        impact: lowest and highest impact parameter in fm, drawn with weight b db.
        cross_section: inelastic nucleon-nucleon, in fm^2.
        cells: of the grid along each axis; the grid is centred between the nuclei.
        spacing: of the grid in fm.
        norm: density over reduced thickness.
        nucleon_width: Gaussian width w in fm.
        fluctuation: k of the Gamma distribution, mean 1 and variance 1 / k, of each constituent; infinity for none.
        reduced_p: p of the generalised mean.
        distance: that nucleons of a nucleus keep, in fm.
        constituents: of a nucleon.
        constituent_width: v <= w in fm; None for w.
    """

    projectile: Nucleus
    target: Nucleus
    impact: tuple[float, float]
    cross_section: float
    cells: int = 100
    spacing: float = 0.2
    norm: float = 1.0
    nucleon_width: float = 0.5
    fluctuation: float = 1.6
    reduced_p: float = 0.0
    distance: float = 0.0
    constituents: int = 1
    constituent_width: float | None = None

    @property
    def farthest(self) -> float:
        """Largest impact parameter in fm at which the nuclei are brought together."""
        return self.projectile.reach + self.target.reach

    @property
    def shape(self) -> tuple[float, float, float]:
        """Width of a nucleon, width and spread of its constituents, in fm."""
        width = self.nucleon_width
        inner = width if self.constituent_width is None else self.constituent_width
        return width, inner, constituent_spread(width, inner, self.constituents)

    @property
    def opacity(self) -> float:
        """Sigma_p in fm^2."""
        return partonic_cross_section(
            self.cross_section, self.nucleon_width, self.constituents, self.constituent_width
        )

    def check(self) -> None:
        """Raise InputError for nuclei that never meet, and parameters that no collision has; its key is the faulty one."""
        low, high = self.impact
        if not 0 <= low <= high <= self.farthest:
            expected = f"[lowest, highest] in fm, at most {self.farthest:.1f} where these nuclei still meet"
            raise InputError("system", "impact", expected, list(self.impact))
        for nucleus in (self.projectile, self.target):
            nucleus.check_distance(self.distance)
        self._check_constituents()
        self._check_grid()
        _ = self.opacity

    def _check_constituents(self) -> None:
        inner, width = self.constituent_width, self.nucleon_width
        if inner is not None and not 0 < inner <= width:
            raise InputError(
                "system", "constituent_width", f"a width in (0, {width:g}] fm, the nucleon's", inner
            )
        if self.constituents == 1 and inner not in (None, width):
            raise InputError(
                "system", "constituent_width", f"{width:g} fm, the nucleon's, of one constituent", inner
            )

    def _check_grid(self) -> None:
        # The density of either nucleus has dropped to a quarter there, and their overlap is smaller than either.
        widest = max(n.longest + n.diffuseness for n in (self.projectile, self.target))
        if 0.5 * self.cells * self.spacing < widest:
            expected = f"at least {int(np.ceil(2 * widest / self.spacing))} cells of {self.spacing:g} fm"
            raise InputError("system", "cells", f"{expected}, in which these nuclei find room", self.cells)
        finest = FINEST * self.shape[1]
        if self.spacing > finest:
            raise InputError(
                "system", "spacing", f"at most {finest:.3g} fm, as constituents are small", self.spacing
            )

    def events(self, numbers: Sequence[int], seed: int) -> InitialStates:
        """Draw the events of these numbers; each has random numbers of its own, whatever the others.

        Raises:
            InputError: where nothing is hit at these impact parameters.
        """
        densities = np.zeros((len(numbers), self.cells, self.cells))
        facts = [self._event(number, seed, out) for number, out in zip(numbers, densities, strict=True)]
        impact, participants, crowded = np.array(facts, float).reshape(-1, 3).T
        return InitialStates(densities, impact, participants.astype(int), crowded.astype(int), self.spacing)

    def _event(self, number: int, seed: int, density: np.ndarray) -> tuple[float, int, int]:
        """Write the density of one event; returns its impact parameter, participants and crowded nucleons."""
        sequence = np.random.SeedSequence(seed, spawn_key=(int(number),))
        masses = [self.projectile.mass_number, self.target.mass_number]
        weights = self._weights(masses, np.random.default_rng(sequence.spawn(1)[0]))
        positions = tuple(np.empty((mass, 2)) for mass in masses)
        points = tuple(np.empty((mass, self.constituents, 2)) for mass in masses)
        hit = tuple(np.zeros(mass, bool) for mass in masses)
        drawn = draw_collision(
            *(stream_of(sequence), np.array(self.impact, float), self._nuclei(), float(self.distance)),
            *(np.array(self.shape), self.opacity, positions, points, hit),
        )
        if drawn[0] < 0:
            raise InputError(
                "system", "impact", "impact parameters at which nucleons meet", list(self.impact)
            )
        other = np.zeros_like(density)
        for side, thickness in enumerate((density, other)):
            deposit(points[side], hit[side], weights[side], self.shape[1], self.spacing, thickness)
        reduced_thickness(density, other, float(self.reduced_p))
        density *= self.norm
        return drawn

    def _weights(self, masses: Sequence[int], generator: np.random.Generator) -> tuple[np.ndarray, ...]:
        """Fluctuations of all constituents of both nuclei."""
        k = self.fluctuation
        shapes = [(mass, self.constituents) for mass in masses]
        if np.isinf(k):
            return tuple(np.ones(shape) for shape in shapes)
        return tuple(generator.gamma(k, 1 / k, shape) for shape in shapes)

    def _nuclei(self) -> np.ndarray:
        rows: list[Any] = [self.projectile, self.target]
        return np.array([[n.radius, n.diffuseness, n.beta2, n.beta4] for n in rows], float)
