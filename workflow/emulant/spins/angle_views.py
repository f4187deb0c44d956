"""What observables of the XY model are shown of a chunk of angles, each quantity computed once on demand."""

import math
from functools import cached_property
from typing import Any

import numpy as np
import scipy.fft

from emulant.contracts.quantity import Quantity
from emulant.spins.angles import differences, vortex_charges

__all__ = ["Angles"]


class Angles:
    """Configurations of one system.

    Arguments:
        configurations: (n, L_y, L_x), as stored.
        system: with an action and an energy.
    """

    def __init__(self, configurations: np.ndarray, system: Any) -> None:
        self.angles = configurations.astype(np.float64, copy=False)
        self.system = system
        self.shape = configurations.shape[1:]
        self.volume = math.prod(self.shape)

    @cached_property
    def action(self) -> np.ndarray:
        """S of each configuration, (n,)."""
        return self.system.action(self.angles)

    @property
    def energy(self) -> np.ndarray:
        """E for each site, (n,)."""
        return self.system.energy(self.angles) / self.volume

    @cached_property
    def order(self) -> np.ndarray:
        """Modulus of the magnetisation, the mean of all unit vectors, (n,)."""
        return np.abs(np.exp(1j * self.angles).mean((1, 2)))

    @cached_property
    def vortices(self) -> np.ndarray:
        """Charge of the vortex on each plaquette, (n, L_y, L_x)."""
        return vortex_charges(self.angles)

    @cached_property
    def stiffness(self) -> np.ndarray:
        """Second derivative of the action's free energy in a twist before averaging, over beta and V, (n,).

        Mean of the cosine minus beta V times the square of the mean sine of the bonds of a direction, both averaged.
        """
        steps = differences(self.angles)
        sines = np.sin(steps).mean((2, 3))
        return (np.cos(steps).mean((2, 3)) - self.system.beta * self.volume * sines**2).mean(1)

    @cached_property
    def power(self) -> np.ndarray:
        """Square of the modulus of the modes of cos theta and of sin theta over V, added up, half a spectrum, (n, modes)."""
        parts = (scipy.fft.rfft2(part(self.angles)) for part in (np.cos, np.sin))
        total = sum(modes.real**2 + modes.imag**2 for modes in parts)
        return total.reshape(len(self.angles), -1) / self.volume

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Quantities whose distributions are drawn: modulus of the magnetisation and energy for each site."""
        return {
            "M": Quantity(self.order[:, None], "|M|", bins=60),
            "E": Quantity(self.energy[:, None], "E/V", bins=60),
        }
