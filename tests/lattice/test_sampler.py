"""Hybrid Monte Carlo with clusters against exact results; limits of 5 sigma, false alarm 6e-7 a number."""

import numba
import numpy as np
import pytest

from emulant.lattice.free import free_field_squared, free_susceptibility
from emulant.lattice.sampler import LEAPFROG, OMELYAN, Chains, Trajectory


def sampled(shape, kappa, coupling, trajectory, *, chains=256, skip=60, count=80, start=0.0, seed=1):
    generator = np.random.default_rng(seed)
    stream = Chains(shape, kappa, coupling, start + generator.normal(size=(chains, *shape)), seed=seed)
    stream.advance(trajectory, skip)
    kept = []
    for _ in range(count):
        stream.advance(trajectory)
        kept.append(stream.fields.astype(np.float64))
    return np.stack(kept, axis=1)


def mean_over_chains(values):
    """Mean and error of (chains, n): chains are independent."""
    means = values.mean(1)
    return means.mean(), means.std(ddof=1) / np.sqrt(len(means))


@pytest.mark.parametrize("shape", [(8, 8), (12,), (4, 6, 4), (2, 4, 2, 4)])
def test_free_field(shape):
    kappa = 0.8 / (4 * len(shape))
    fields = sampled(shape, kappa, 0.0, Trajectory(12, 0.12))
    value, error = mean_over_chains((fields**2).reshape(*fields.shape[:2], -1).mean(2))
    assert abs(value - free_field_squared(kappa, shape)) < 5 * error
    magnetisation = fields.reshape(*fields.shape[:2], -1).mean(2)
    value, error = mean_over_chains(np.prod(shape) * magnetisation**2)
    assert abs(value - free_susceptibility(kappa, len(shape))) < 5 * error


@pytest.mark.parametrize(
    ("kappa", "size", "size_error", "square", "square_error", "start"),
    [
        (0.21, 0.040108, 0.000057, 0.622381, 0.000055, 0.0),
        (0.26, 0.12558, 0.00028, 0.91074, 0.00019, 0.0),
        (0.4, 3.74826, 0.00015, 14.2464, 0.0011, 3.7),
        (0.5, 4.830056, 0.000079, 23.46264, 0.00077, 4.8),
    ],
)
def test_high_statistics_values_at_32(kappa, size, size_error, square, square_error, start):
    trajectory = Trajectory(24, 0.14, clusters=2) if start == 0 else Trajectory(8, 0.12, clusters=1)
    fields = sampled((32, 32), kappa, 0.022, trajectory, start=start, chains=128)
    magnetisation = np.abs(fields.mean((2, 3)))
    value, error = mean_over_chains(magnetisation)
    assert abs(value - size) < 5 * np.hypot(error, size_error)
    value, error = mean_over_chains((fields**2).mean((2, 3)))
    assert abs(value - square) < 5 * np.hypot(error, square_error)


@pytest.mark.parametrize("xi", [LEAPFROG, OMELYAN])
def test_the_energy_error_is_of_second_order(xi):
    """exp(-dH) averages to one, and <dH> falls like the fourth power of the step (Creutz, PRD 38 (1988) 1228)."""
    rejected = []
    for step in (0.08, 0.16):
        stream = Chains((8, 8), 0.2, 0.022, np.zeros((512, 8, 8)), seed=7)
        stream.advance(Trajectory(12, 0.1, clusters=0), 60)
        steps = 2 * round(0.48 / step)
        rejected.append(1 - stream.advance(Trajectory(steps, step, 0.0, 0, xi=xi), 200).mean())
    # Acceptance is erfc(sqrt(<dH>) / 2), so that rejections fall like the square of the step.
    assert 3.5 < rejected[1] / rejected[0] < 4.6


def test_results_do_not_depend_on_the_number_of_threads():
    results = []
    for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(threads)
        results.append(sampled((8, 8), 0.26, 0.022, Trajectory(10, 0.15), chains=8, skip=2, count=3))
    np.testing.assert_array_equal(*results)


def test_clusters_leave_no_domain_wall():
    """A hot start deep in the broken phase keeps walls for thousands of trajectories without clusters."""
    fields = sampled((16, 16), 0.4, 0.022, Trajectory(8, 0.12, clusters=1), chains=64, skip=100, count=1)
    assert np.abs(fields.mean((2, 3))).min() > 3.4
    walls = sampled((16, 16), 0.4, 0.022, Trajectory(8, 0.12, clusters=0), chains=64, skip=100, count=1)
    assert np.abs(walls.mean((2, 3))).min() < 3.0
