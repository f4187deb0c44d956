"""Events of particles drawn from smooth spectra: independent particles, Poissonian numbers, a flat rapidity.

A spectrum is interpolated as the exponential of its logarithm, a Fourier series in phi and a cubic spline in p_T, on a fine
grid; each cell of the grid has a Poissonian number of particles, uniform in the cell. Particles and antiparticles are
equally frequent, as the matter has no net charge.
"""

import numpy as np
from scipy.interpolate import CubicSpline

from emulant.collisions.events import Events, on_shell
from emulant.errors import InputError
from emulant.hydro.chain import Spectra

__all__ = ["particles_of"]

RINGS, SECTORS = 400, 256
"""Cells in p_T and phi: uniform in a cell lowers v_n by (n pi / SECTORS)^2 / 6, 3 10^-4 of v_5."""
LEAST = 1e-300
"""1/GeV^2: where a spectrum is zero or less, which elements that flow inwards can do far out in p_T."""


def particles_of(spectra: Spectra, *, window: float, seed: int, first: int = 0) -> Events:
    """Draw one event from each spectrum, thermal: particles and antiparticles of its species, without decays.

    Arguments:
        spectra: N events.
        window: rapidities lie in (-window, window).
        seed, first: the seed and the number of the first event determine the events.

    Returns:
        events, incomplete: what is outside of the window and of these species is missing.
    """
    if not 0 < window < np.inf:
        raise InputError("particles", "window", "a rapidity > 0", window)
    number = first + np.arange(len(spectra.values))
    parts = [_event(spectra, k, window, np.random.default_rng([seed, number[k]])) for k in range(len(number))]
    counts = np.array([len(pdg) for pdg, _ in parts], int)
    pdg = np.concatenate([np.zeros(0, int), *(pdg for pdg, _ in parts)])
    momenta = np.concatenate([np.zeros((0, 4)), *(momenta for _, momenta in parts)])
    return Events(number, counts, pdg, momenta, complete=False)


def _event(
    spectra: Spectra, k: int, window: float, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the PDG numbers and momenta of an event."""
    edges = np.linspace(0, spectra.pt[-1], RINGS + 1)
    numbers, momenta = [], []
    for species, values in zip(spectra.species, spectra.values[k], strict=True):
        means = _means(values, spectra.pt, edges) * 2 * window
        counts = generator.poisson(species.states * means.sum())
        cell = np.searchsorted(np.cumsum(means), generator.random(counts) * means.sum(), side="right")
        ring, sector = np.divmod(np.minimum(cell, means.size - 1), SECTORS)
        square = edges[ring] ** 2 + generator.random(counts) * (edges[ring + 1] ** 2 - edges[ring] ** 2)
        phi = 2 * np.pi * (sector + generator.random(counts) - 0.5) / SECTORS
        pt, mass = np.sqrt(square), np.full(counts, species.mass)
        pz = np.hypot(mass, pt) * np.sinh(generator.uniform(-window, window, counts))
        momenta.append(on_shell(np.column_stack([pt * np.cos(phi), pt * np.sin(phi), pz]), mass))
        numbers.append(species.pdg * generator.choice([-1, 1][-species.states :], counts))
    return np.concatenate(numbers), np.concatenate(momenta)


def _means(values: np.ndarray, pt: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Compute the mean number per unit of rapidity in each cell, (RINGS * SECTORS,), of a spectrum (nodes, angles)."""
    angles = values.shape[1]
    waves = np.fft.rfft(np.log(np.maximum(values, LEAST)), axis=1)
    fine = np.fft.irfft(waves, SECTORS, axis=1) * SECTORS / angles
    centres = (edges[1:] + edges[:-1]) / 2
    area = np.diff(edges**2) / 2 * 2 * np.pi / SECTORS
    return (np.exp(CubicSpline(pt, fine)(centres)) * area[:, None]).ravel()
