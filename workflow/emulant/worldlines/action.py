r"""Relativistic Bose gas: a complex phi^4 field at finite chemical potential, with a complex action.

.. math:: S = \sum_x \Big[ \eta |\phi_x|^2 + \lambda |\phi_x|^4
    - \sum_\nu \big( e^{\mu\delta_{\nu,d}} \phi^*_x \phi_{x+\nu}
    + e^{-\mu\delta_{\nu,d}} \phi^*_x \phi_{x-\nu} \big) \Big], \qquad \eta = 2d + m^2,

on a periodic lattice whose last direction is time (G. Aarts, Phys. Rev. Lett. 102 (2009) 131601 [0810.2089]; signs of
C. Gattringer and T. Kloiber, Nucl. Phys. B 869 (2013) 56 [1206.2954]; charge conjugation, phi -> phi^*, gives
the other sign of mu). The components are real, phi = (phi_1 + i phi_2) / sqrt 2, and become complex under
complex Langevin; there phi and phi^* are two independent fields.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from emulant.errors import InputError

__all__ = ["BoseGas", "Number", "Observables"]


class Number(NamedTuple):
    """A value with its standard error."""

    value: float
    error: float


class Observables(NamedTuple):
    """Results of every method: floats where exact, `Number`s where sampled.

    Attributes:
        density: n = (1/V) d ln Z / d mu, charge per site.
        squared: <|phi|^2>.
        fourth: <|phi|^4>.
    """

    density: Any
    squared: Any
    fourth: Any


@dataclass(frozen=True)
class BoseGas:
    """Action and observables in NumPy, against which fast kernels are tested.

    Arguments:
        shape: lattice shape, space first, Euclidean time last.
        mass: m >= 0, in lattice units.
        coupling: lambda >= 0.
        mu: chemical potential, in lattice units.

    Raises:
        InputError: if one of these is out of range.
    """

    shape: tuple[int, ...]
    mass: float
    coupling: float
    mu: float

    def __post_init__(self) -> None:
        shape = tuple(self.shape) if np.iterable(self.shape) else ()
        if not shape or any(not isinstance(n, (int, np.integer)) or n < 1 for n in shape):
            raise InputError("Bose gas", "shape", "one positive integer a direction", repr(self.shape))
        object.__setattr__(self, "shape", tuple(map(int, shape)))
        for name, meaning in (("mass", "m"), ("coupling", "lambda")):
            value = getattr(self, name)
            if not _is_number(value) or value < 0:
                raise InputError("Bose gas", name, f"a finite number {meaning} >= 0", repr(value))
        if not _is_number(self.mu):
            raise InputError("Bose gas", "mu", "a finite number", repr(self.mu))
        if self.coupling == 0 and abs(self.mu) >= self.onset:
            raise InputError(
                "Bose gas", "mu", f"|mu| < {self.onset:.6g}, the threshold of the free field", repr(self.mu)
            )

    @property
    def dimension(self) -> int:
        """Return the number of directions, d."""
        return len(self.shape)

    @property
    def volume(self) -> int:
        """Return the number of sites."""
        return math.prod(self.shape)

    @property
    def extent(self) -> int:
        """Return N_tau, the inverse temperature in lattice units."""
        return self.shape[-1]

    @property
    def eta(self) -> float:
        """Return 2 d + m^2."""
        return 2 * self.dimension + self.mass**2

    @property
    def onset(self) -> float:
        """Return the chemical potential at which the free field condenses, cosh mu = 1 + m^2 / 2."""
        return 2 * math.asinh(self.mass / 2)

    @property
    def hops(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights of phi^*_x phi_{x+nu} and of phi^*_x phi_{x-nu}, each (d,)."""
        tilt = np.zeros(self.dimension)
        tilt[-1] = self.mu
        return np.exp(tilt), np.exp(-tilt)

    @property
    def rate(self) -> float:
        """Return the fastest relaxation rate of the free drift, which bounds Langevin steps."""
        return self.eta + 2 * (self.dimension - 1) + 2 * math.cosh(self.mu)

    @property
    def neighbours(self) -> tuple[np.ndarray, np.ndarray]:
        """Return site numbers, in C order, of the next and the previous site in each direction, each (d, V)."""
        sites, axes = np.arange(self.volume).reshape(self.shape), range(self.dimension)
        ahead, behind = (
            np.stack([np.roll(sites, shift, axis).ravel() for axis in axes]) for shift in (-1, 1)
        )
        return ahead, behind

    def action(self, fields: np.ndarray) -> np.ndarray:
        """Compute S of each configuration, (N,) complex; `fields` as in `pair`."""
        phi, bar = self.pair(fields)
        rho = phi * bar
        density = self.eta * rho + self.coupling * rho**2 - bar * self._hopped(phi, *self.hops)
        return density.reshape(len(phi), -1).sum(axis=1)

    def drift(self, fields: np.ndarray) -> np.ndarray:
        """Compute -dS/dphi_1 and -dS/dphi_2, (N, 2, *shape) complex; `fields` as in `pair`."""
        phi, bar = self.pair(fields)
        local = self.eta + 2 * self.coupling * phi * bar
        forward, backward = self.hops
        on_phi = self._hopped(phi, forward, backward) - local * phi
        on_bar = self._hopped(bar, backward, forward) - local * bar
        return np.stack([on_phi + on_bar, -1j * (on_phi - on_bar)], axis=1) / math.sqrt(2)

    def observables(self, fields: np.ndarray) -> np.ndarray:
        """Compute density, |phi|^2 and |phi|^4 of each configuration, site averages, (N, 3) complex."""
        phi, bar = self.pair(fields)
        ahead, behind = (np.roll(phi, shift, axis=-1) for shift in (-1, 1))
        current = bar * (math.exp(self.mu) * ahead - math.exp(-self.mu) * behind)
        rho = phi * bar
        return np.stack([a.reshape(len(a), -1).mean(axis=1) for a in (current, rho, rho**2)], axis=1)

    def pair(self, fields: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute the fields phi and phi^*, each (N, *shape) complex.

        Arguments:
            fields: (N, 2, *shape): phi_1, phi_2, real or complex; or (N, 4, *shape) real: Re phi_1, Im phi_1,
                Re phi_2, Im phi_2.
        """
        fields = np.asarray(fields)
        if fields.shape[2:] != self.shape or fields.shape[1] not in (2, 4):
            raise InputError(
                "Bose gas", "fields", f"shape (N, 2 or 4, {self.shape})", f"shape {fields.shape}"
            )
        if fields.shape[1] == 4:
            fields = fields[:, ::2] + 1j * fields[:, 1::2]
        one, two = fields[:, 0] / math.sqrt(2), 1j * fields[:, 1] / math.sqrt(2)
        return one + two, one - two

    def _hopped(self, field: np.ndarray, forward: np.ndarray, backward: np.ndarray) -> np.ndarray:
        total = np.zeros_like(field)
        for axis in range(self.dimension):
            total += forward[axis] * np.roll(field, -1, axis + 1) + backward[axis] * np.roll(
                field, 1, axis + 1
            )
        return total


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, (int, float, np.integer, np.floating))
        and not isinstance(value, bool)
        and math.isfinite(value)
    )
