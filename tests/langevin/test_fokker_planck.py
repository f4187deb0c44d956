"""The stationary density on a grid: exact for the Gaussian process, and with the moments of the quartic action."""

import numpy as np

from emulant.langevin.actions import Quartic
from emulant.langevin.exact import GaussianDensity, exact_moments
from emulant.langevin.fokker_planck import stationary, stationary_shares
from emulant.langevin.sampler import complex_langevin
from emulant.plane.density import Grid, divergence, total_variation


def test_the_gaussian_density_is_found_with_the_first_order():
    """KL to the exact shares falls by 2.5 and more as the cells are halved."""
    action, grid = Quartic(1.0, 1.0), Grid(4.5, 2.6, 50, 50)
    x, y = np.meshgrid(*grid.refined(4).centres, indexing="ij")
    exact = grid.coarsened(GaussianDensity(action)(x, y))
    exact /= exact.sum()
    far, near = (divergence(exact, stationary(action, grid, refinement=n).shares) for n in (2, 4))
    assert near < far / 2.5 and near < 1e-3


def test_moments_of_the_quartic_action():
    """<z²> to 2e-3, <z⁴> to 5e-3: what the cells and the upwinding leave."""
    action, grid = Quartic(1.0, 1.0, 1.0), Grid(3.4, 0.308, 240, 240)
    shares = stationary_shares(action, grid)
    z = grid.centres[0][:, None] + 1j * grid.centres[1]
    mu = exact_moments(action)
    assert abs((shares * z**2).sum() - mu[1]) < 2e-3
    assert abs((shares * z**4).sum() - mu[3]) < 5e-3
    assert shares.min() >= 0 and abs(shares.sum() - 1) < 1e-12


def test_the_process_has_this_density():
    """A histogram of N = 5e5 points is no farther than its noise, half a count a cell and the grid's error allow."""
    action, grid = Quartic(1.0, 1.0, 1.0), Grid(3.4, 0.308, 60, 60)
    points = complex_langevin(action, time=64.0, step=0.01, seed=2, threads=2).snapshots
    density = stationary(action, grid)
    filled = int((density.shares * len(points) > 1).sum())
    noise = (1.5 * filled + density.shares.size) / (2 * len(points))
    assert divergence(density.shares, grid.histogram(points)) < noise + 2 * density.kl
    assert total_variation(density.shares, grid.histogram(points)) < 0.03
