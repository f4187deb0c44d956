"""Exact paths, their kinks, levels and densities against the transfer matrix; the gap equation; identities."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.quantum.exact_sampler import RESOLUTION, exact_paths
from emulant.quantum.gap_equation import about_the_lowest_mean, centred, in_a_well
from emulant.quantum.levels import decay, largest_eigenvalue
from emulant.quantum.path_action import gradient
from emulant.quantum.potential import Potential
from emulant.quantum.transfer_matrix import TransferMatrix
from emulant.quantum.tunnelling import expected_kinks, kinks, thresholds
from tests.quantum.wells import DEEP, DOUBLE, QUARTIC, TILTED

COUNT = 6000


@pytest.mark.parametrize(
    ("coefficients", "spacing", "points"), [(DOUBLE, 0.1, 50), (TILTED, 0.3, 13), (QUARTIC, 1.0, 2)]
)
def test_exact_paths_have_exact_moments(coefficients, spacing, points):
    """Moments, correlators and the virial, 9 to 11 pulls below 4.5 each: false alarm 2e-4 in all."""
    potential = Potential(coefficients)
    matrix = TransferMatrix(potential, 1.0, spacing, points, RESOLUTION)
    paths, x = exact_paths(matrix, COUNT, np.random.default_rng(3)), matrix.grid

    def pull(values, exact):
        return (values.mean() - exact) / (values.std() / np.sqrt(COUNT))

    pulls = [pull((paths**n).mean(1), matrix.mean(x**n)) for n in (1, 2, 3, 4, 6)]
    for t in {1, points // 4, points // 2}:
        product = (paths * np.roll(paths, t, 1)).mean(1)
        pulls.append(pull(product, matrix.correlation(x, x, np.array([t]))[0]))
    pulls.append(pull((paths * gradient(paths, potential, 1.0, spacing)).mean(1), 1.0))
    count = kinks(paths, *thresholds(potential))
    pulls.append(pull(count, expected_kinks(potential, 1.0, spacing, points)))
    assert np.abs(pulls).max() < 4.5


def test_points_of_a_grid_are_no_more_likely_than_others():
    """Where a position lies between two points of the grid is uniform: Kolmogorov-Smirnov, false alarm 1e-4."""
    from scipy.stats import kstest

    matrix = TransferMatrix(Potential(DOUBLE), 1.0, 0.5, 4, RESOLUTION)
    paths = exact_paths(matrix, COUNT, np.random.default_rng(4))
    for points in (paths[:, 0], paths[:, 2], paths[:, 1]):
        assert kstest((points - matrix.grid[0]) / matrix.step % 1.0, "uniform").pvalue > 3e-5


def test_kinks_are_counted_round_the_circle():
    low, high = -0.5, 0.5
    paths = np.array(
        [
            [1, 0.2, -0.2, 1, 1, 1],
            [1, -0.4, -1, 0, 0.4, 1],
            [0, 1, 0, -1, 0, 0],
            [0, 0.1, 0, -0.1, 0, 0],
            [-1, 1, -1, 1, -1, 1],
        ]
    )
    np.testing.assert_array_equal(kinks(paths, low, high), [0, 2, 2, 0, 6])


def test_kinks_by_enumeration():
    """The trace with a marked step is the sum over all closed paths of three points; thresholds lie between positions."""
    potential, spacing, step = Potential(DOUBLE), 0.7, 0.0625
    x = step * (np.arange(-36, 36) + 0.5)
    kernel = np.exp(
        -((x[:, None] - x) ** 2) / (2 * spacing) - spacing / 2 * (potential(x)[:, None] + potential(x))
    )
    weight = (kernel[:, :, None] * kernel[None] * kernel.T[:, None, :]).ravel()
    paths = np.stack(np.meshgrid(x, x, x, indexing="ij"), -1).reshape(-1, 3)
    mean = weight @ kinks(paths, *thresholds(potential)) / weight.sum()
    assert expected_kinks(potential, 1.0, spacing, 3) == pytest.approx(mean, rel=3e-3)


def test_the_gap_equation_is_solved():
    for solve, coefficients in ((centred, DOUBLE), (about_the_lowest_mean, TILTED), (in_a_well, DEEP)):
        potential = Potential(coefficients)
        gaussian = solve(potential, 1.0, 0.1, 64)
        smeared = potential.smeared(float((1 / gaussian.inverse_power).mean()))
        assert smeared.deriv(2)(gaussian.mean) == pytest.approx(gaussian.stiffness, rel=1e-9)
        assert smeared.deriv()(gaussian.mean) == pytest.approx(0, abs=1e-9)
        assert (gaussian.inverse_power > 0).all()
    assert in_a_well(Potential(DEEP), 1.0, 0.1, 64).mean > 1


def test_a_low_barrier_has_one_phase():
    with pytest.raises(InputError, match="two phases"):
        in_a_well(Potential(DOUBLE), 1.0, 0.1, 100)


def test_levels_of_known_exponentials_are_recovered():
    """Three levels of one sector, whose operators mix them: the eigenvalues are those of the levels alone."""
    rates, points, mixture = np.array([0.2, 0.5, 0.9]), 24, np.random.default_rng(1).normal(size=(3, 3))
    mixture = mixture / np.cosh(rates * points / 2) ** 0.5

    def upper(t):
        matrix = mixture @ np.diag(np.cosh(rates * (points / 2 - t))) @ mixture.T
        return matrix[np.triu_indices(3)]

    eigenvalue = largest_eigenvalue(np.stack([upper(1)] * 2), np.stack([upper(2)] * 2))
    np.testing.assert_allclose(decay(eigenvalue, points, 1, 2), 0.2, rtol=1e-9)
    assert np.isnan(largest_eigenvalue(np.zeros(6), np.ones(6)))
    assert np.isnan(decay(np.array(1.2), points, 1, 2))
