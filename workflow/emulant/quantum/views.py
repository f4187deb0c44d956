"""What observables of closed paths are shown of a chunk of configurations."""

from functools import cached_property

import numpy as np

from emulant.contracts.quantity import Quantity
from emulant.quantum.tunnelling import kinks

__all__ = ["Paths"]


class Paths:
    """Paths of one system.

    Arguments:
        configurations: (n, N), as stored.
        system: with its potential, spacing, action and gradient.
    """

    def __init__(self, configurations: np.ndarray, system: object) -> None:
        self.configurations, self.system = configurations, system

    @cached_property
    def values(self) -> np.ndarray:
        """The positions in float64, (n, N)."""
        return self.configurations.astype(np.float64, copy=False)

    @cached_property
    def action(self) -> np.ndarray:
        """S of each path, (n,)."""
        return self.system.action(self.values)

    @cached_property
    def kinks(self) -> np.ndarray:
        """Times that each path goes from one well to the other, (n,)."""
        return kinks(self.values, *self.system.thresholds)

    def power(self, number: int) -> np.ndarray:
        """The mean of x^n over each path, (n,)."""
        return (self.values**number).mean(1)

    @cached_property
    def modes(self) -> dict[int, np.ndarray]:
        """Fourier modes of the powers of x of each path, by the power; (n, N/2 + 1) each."""
        return {power: np.fft.rfft(self.values**power, axis=1) for power in range(1, 7)}

    def products(self, first: int, second: int, times: np.ndarray) -> np.ndarray:
        """x_i^p x_{i+t}^q averaged over i at whole numbers t, (n, times); the same for -t on average."""
        count = self.values.shape[1]
        modes = (self.modes[first].conj() * self.modes[second]).real
        frequencies = np.arange(modes.shape[1])
        alone = (frequencies == 0) | (2 * frequencies == count)
        waves = np.cos(2 * np.pi * np.outer(frequencies, times) / count) * np.where(alone, 1, 2)[:, None]
        return modes @ waves / count**2

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Quantities whose distributions are drawn: position and action."""
        return {
            "x": Quantity(self.configurations, "x"),
            "S": Quantity(self.action[:, None], "S", bins=60),
        }
