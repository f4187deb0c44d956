"""A chunk of configurations and the quantities that its observables share, each computed once on demand."""

from functools import cached_property, lru_cache

import numpy as np
import scipy.fft

from emulant.contracts.quantity import Quantity
from emulant.statistics.cumulants import even_moments

__all__ = ["Fields", "axis_correlations", "half_spectrum", "mode_shells"]


class Fields:
    """Configurations of one system.

    Arguments:
        configurations: shape (n, *site_shape), as stored.
        system: with an action and its gradient.
    """

    def __init__(self, configurations: np.ndarray, system: object) -> None:
        self.configurations = configurations
        self.system = system
        self.shape = configurations.shape[1:]
        self.volume = int(np.prod(self.shape))

    @cached_property
    def values(self) -> np.ndarray:
        """Return the configurations in float64."""
        return self.configurations.astype(np.float64, copy=False)

    @cached_property
    def moments(self) -> np.ndarray:
        """Compute the means over sites of phi, phi^2, phi^4, phi^6, phi^8, shape (n, 5)."""
        return even_moments(self.configurations)

    @property
    def magnetisation(self) -> np.ndarray:
        """Return M, the mean over sites, shape (n,)."""
        return self.moments[:, 0]

    @cached_property
    def action(self) -> np.ndarray:
        """Compute S of each configuration, shape (n,)."""
        return np.asarray(self.system.action(self.values))

    @cached_property
    def virial(self) -> np.ndarray:
        """Compute the mean over sites of phi dS/dphi, shape (n,)."""
        gradient = np.asarray(self.system.gradient(self.values))
        return np.einsum("ni,ni->n", self._flat(self.values), self._flat(gradient)) / self.volume

    @cached_property
    def power(self) -> np.ndarray:
        """Compute |phi_k|^2 / V of the half spectrum, shape (n, modes)."""
        axes = tuple(range(1, self.values.ndim))
        modes = scipy.fft.rfftn(self.values, axes=axes).reshape(len(self.values), -1)
        return (modes.real**2 + modes.imag**2) / self.volume

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Return the quantities whose distributions are drawn: phi, S and, on a lattice, M."""
        every = {
            "phi": Quantity(self._flat(self.configurations), r"\phi"),
            "S": Quantity(self.action[:, None], "S", bins=60),
        }
        mean = {"M": Quantity(self.magnetisation[:, None], "M", bins=60)} if self.volume > 1 else {}
        return every | mean

    def _flat(self, values: np.ndarray) -> np.ndarray:
        return values.reshape(len(values), -1)


@lru_cache
def mode_shells(shape: tuple[int, ...]) -> np.ndarray:
    """Compute weights (modes, shells) that average the half spectrum over |n| rounded to integers.

    The wave vector is k = 2 pi n / max(shape), so shell s holds the modes near |k| = 2 pi s / max(shape).
    """
    wave_vectors, multiplicity = half_spectrum(shape)
    scaled = wave_vectors * max(shape) / np.array(shape)
    shell = np.rint(np.sqrt((scaled**2).sum(axis=1))).astype(int)
    weights = np.zeros((len(shell), shell.max() + 1))
    weights[np.arange(len(shell)), shell] = multiplicity
    return (weights / weights.sum(axis=0)).astype(float)


@lru_cache
def axis_correlations(shape: tuple[int, ...]) -> np.ndarray:
    """Compute weights (modes, distances) that turn the half spectrum into <phi(x) phi(x + r e)>.

    By the Wiener-Khinchin theorem, averaged over sites and over the axes; r = 0..min(shape)/2.
    """
    wave_vectors, multiplicity = half_spectrum(shape)
    axes = [axis for axis, length in enumerate(shape) if length > 1]
    distances = np.arange(min(shape[axis] for axis in axes) // 2 + 1)
    waves = [np.cos(2 * np.pi * np.outer(wave_vectors[:, a], distances) / shape[a]) for a in axes]
    return multiplicity[:, None] * np.mean(waves, axis=0) / np.prod(shape)


@lru_cache
def half_spectrum(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """List the integer wave vectors (modes, dimension) of `rfftn` and the number of modes that each represents."""
    full = [np.rint(np.fft.fftfreq(length) * length) for length in shape[:-1]]
    last = np.arange(shape[-1] // 2 + 1)
    grid = np.stack(np.meshgrid(*full, last, indexing="ij"), axis=-1).reshape(-1, len(shape))
    self_conjugate = (grid[:, -1] == 0) | (2 * grid[:, -1] == shape[-1])
    return grid, np.where(self_conjugate, 1, 2)
