"""Grids, their shares and distances."""

import numpy as np
import pytest
import torch

from emulant.plane.curl import relative_curl
from emulant.plane.density import Grid, divergence, total_variation
from emulant.plane.points import complex_moments
from emulant.systems.planar_peaks.system import PlanarPeaks


def test_exp_of_an_energy_is_the_density():
    """Two peaks: exact shares against those of exp(-E), which differ by the quadrature within a cell."""
    peaks = PlanarPeaks(1.0, 0.25)
    grid = Grid(2.5, 2.5, 50, 50)
    exact, _ = peaks.shares(grid)

    def energy(points):
        near, far = (((points - s * np.array([1.0, -1.0])) ** 2).sum(1) / (2 * 0.25**2) for s in (1, -1))
        return -np.logaddexp(-near, -far)

    shares = grid.of_energy(energy)
    assert divergence(exact, shares) < 1e-4 and total_variation(exact, shares) < 5e-3


def test_a_histogram_of_the_density_is_near():
    """KL of a right histogram is about (filled cells)/2N."""
    peaks, grid = PlanarPeaks(1.0, 0.25), Grid(2.5, 2.5, 50, 50)
    rng = np.random.default_rng(1)
    points = rng.choice([-1, 1], (200_000, 1)) * np.array([1.0, -1.0]) + 0.25 * rng.normal(size=(200_000, 2))
    exact, _ = peaks.shares(grid)
    assert 1e-4 < divergence(exact, grid.histogram(points)) < 0.01


def test_distances_of_equal_and_of_disjoint_shares():
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.0, 1.0])
    assert divergence(p, p) == 0 and total_variation(p, p) == 0
    assert divergence(p, q) == np.inf and total_variation(p, q) == 1


def test_coarsening_keeps_the_shares():
    grid = Grid(1.0, 2.0, 5, 4)
    fine = np.random.default_rng(2).random((15, 12))
    assert grid.coarsened(fine).sum() == pytest.approx(fine.sum())
    assert grid.refined(3).cell == pytest.approx(grid.cell / 9)


def test_complex_moments():
    z = complex(0.3, -1.1)
    row = complex_moments(np.array([[z.real, z.imag]]))[0]
    np.testing.assert_allclose(row[0:16:2] + 1j * row[1:16:2], z ** np.arange(1, 9))
    np.testing.assert_allclose(row[16:], [0.09, 1.21, -0.33])


def test_curl_of_a_gradient_and_of_a_rotation():
    points = torch.randn(100, 2, generator=torch.Generator().manual_seed(0))
    assert relative_curl(lambda x: -x * x.square().sum(1, keepdim=True), points) < 1e-6
    assert relative_curl(lambda x: torch.stack([-x[:, 1], x[:, 0]], 1) - x, points) == pytest.approx(
        2 / 8**0.5
    )
