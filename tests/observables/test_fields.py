"""Shared intermediates against direct sums over sites."""

import numpy as np
import pytest

from emulant.scalar.fields import Fields, axis_correlations, mode_shells
from emulant.systems.phi4.system import Phi4

SHAPES = [(6,), (8, 8), (4, 6), (4, 3, 6)]


@pytest.mark.parametrize("shape", SHAPES)
def test_axis_correlations_are_products_of_shifted_fields(shape):
    phi = np.random.default_rng(1).normal(size=(3, *shape))
    correlations = Fields(phi, None).power @ axis_correlations(shape)
    axes = range(1, phi.ndim)
    for r in range(min(shape) // 2 + 1):
        direct = np.mean([(phi * np.roll(phi, -r, axis)).reshape(3, -1).mean(1) for axis in axes], axis=0)
        np.testing.assert_allclose(correlations[:, r], direct, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_shells_average_the_full_spectrum(shape):
    phi = np.random.default_rng(2).normal(size=(2, *shape))
    full = np.abs(np.fft.fftn(phi, axes=tuple(range(1, phi.ndim)))) ** 2 / np.prod(shape)
    grid = np.meshgrid(*[np.fft.fftfreq(length) * max(shape) for length in shape], indexing="ij")
    shell = np.rint(np.sqrt(sum(g**2 for g in grid))).astype(int)
    spectrum = Fields(phi, None).power @ mode_shells(shape)
    for s in np.unique(shell):
        np.testing.assert_allclose(spectrum[:, s], full[:, shell == s].mean(axis=1), rtol=1e-10)


def test_virial_is_the_scaling_derivative_of_the_action():
    """Phi dS/dphi = d S(s phi) / ds at s = 1."""
    system = Phi4(0.26, 0.022, (4, 6))
    phi = np.random.default_rng(3).normal(size=(5, 4, 6))
    slope = (system.action(phi * (1 + 1e-5)) - system.action(phi * (1 - 1e-5))) / 2e-5
    np.testing.assert_allclose(Fields(phi, system).virial, slope / 24, rtol=1e-8)
