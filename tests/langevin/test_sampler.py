"""Complex Langevin gives exact moments, converges with the square of its step, and counts what runs away."""

import numpy as np
import pytest

from emulant.langevin.actions import Holomorphic, Quartic
from emulant.langevin.exact import GaussianDensity, exact_moments
from emulant.langevin.sampler import complex_langevin
from emulant.plane.points import complex_moments
from emulant.statistics.jackknife import covariance
from emulant.statistics.pulls import correlated_chi2


def moments_p(averages, wanted):
    """p-value of Re and Im of z², ..., z⁸ together."""
    columns = [c for c in (2, 3, 6, 7, 10, 11, 14, 15) if averages[:, c].std() > 1e-9]
    moments = averages[:, columns]
    targets = np.stack([wanted.real, wanted.imag], axis=1).ravel()[columns]
    samples = (moments.sum(0) - moments) / (len(moments) - 1)
    return correlated_chi2(moments.mean(0) - targets, [covariance(samples)], [len(moments)]).p


RANDOM = [(round(a, 2), round(a * b, 2), round(c, 2)) for a, b, c in np.random.default_rng(5).uniform(
    (0.5, -1.5, 0.3), (2.0, 1.5, 2.0), (2, 3))]  # fmt: skip


@pytest.mark.parametrize("numbers", [(1, 1, 1), (1, 0, 1), (2, 1, 1), (1, 1, 0), *RANDOM])
def test_moments_are_exact_where_the_process_is_confined(numbers):
    """One test of 8 numbers for each coupling, false alarm 1e-3; the last two are drawn at random."""
    action = Quartic(*map(float, numbers))
    run = complex_langevin(action, time=12.0, step=0.01, thermalisation=8.0, seed=7, groups=64, threads=2)
    assert run.runaways == 0
    assert moments_p(run.averages, exact_moments(action)) > 1e-3


def test_the_gaussian_process_has_its_exact_covariance():
    """<x²>, <y²>, <xy> within 4 errors."""
    action = Quartic(1.0, 1.0)
    products = complex_langevin(action, time=8.0, step=0.01, seed=1, groups=64, threads=2).averages[:, 16:]
    (xx, xy), (_, yy) = GaussianDensity(action).covariance
    error = products.std(axis=0) / np.sqrt(len(products) - 1)
    assert np.all(np.abs(products.mean(0) - [xx, yy, xy]) < 4 * error)


def test_the_error_falls_with_the_square_of_the_step():
    """<x²> of the Gaussian process with steps 0.4 and 0.2, none of them cut: a ratio of 4, to the next order."""
    action = Quartic(1.0, 1.0)
    exact = GaussianDensity(action).covariance[0, 0]
    bias, error = [], []
    for step in (0.4, 0.2):
        squares = complex_langevin(
            action, time=200.0, step=step, record=0.8, bound=np.inf, seed=3, groups=64
        ).averages[:, 16]
        bias.append(squares.mean() - exact)
        error.append(squares.std() / 8)
    assert abs(bias[0]) > 20 * error[0]
    ratio = bias[0] / bias[1]
    assert abs(ratio - 4) < 4 * ratio * np.hypot(error[0] / bias[0], error[1] / bias[1]) + 0.8


def test_the_process_stays_in_its_strip():
    action = Quartic(1.0, 1.0, 1.0)
    run = complex_langevin(action, time=16.0, step=0.01, seed=2, groups=16)
    assert np.abs(run.snapshots[:, 1]).max() < action.strip


def test_points_and_averages_agree():
    """Snapshots are a sample of what is averaged: 4.5 errors of 19 columns."""
    run = complex_langevin(Quartic(1.0, 1.0, 1.0), time=16.0, step=0.01, seed=4, groups=32)
    moments = complex_moments(run.snapshots)
    error = moments.std(axis=0) / np.sqrt(len(moments))
    assert np.all(np.abs(moments.mean(0) - run.averages.mean(0)) < 4.5 * error)


def test_same_seed_same_bytes_on_any_number_of_threads():
    runs = [
        complex_langevin(Quartic(1.0, 1.0, 1.0), time=2.0, step=0.02, seed=5, groups=4, threads=threads)
        for threads in (1, 2)
    ]
    for one, other in ((runs[0].averages, runs[1].averages), (runs[0].snapshots, runs[1].snapshots)):
        assert one.tobytes() == other.tobytes()


def test_runaways_are_counted_and_not_averaged():
    """S = -z⁴/4: every walker leaves for infinity; nothing of them is left."""
    run = complex_langevin(Holomorphic(lambda z: z**3 + 0j), time=8.0, step=0.01, seed=6, groups=1)
    assert run.runaways == run.walkers and len(run.snapshots) == 0
    assert np.isfinite(run.averages).all()


def test_cut_steps_leave_the_moments_alone():
    """With a bound so low that a third of the steps are cut; false alarm 1e-3."""
    action = Quartic(1.0, 1.0, 1.0)
    run = complex_langevin(
        action, time=8.0, step=0.02, thermalisation=8.0, bound=0.02, seed=8, groups=64, threads=2
    )
    assert run.cut_steps > 0.2 and run.runaways == 0
    assert moments_p(run.averages, exact_moments(action)) > 1e-3


def test_what_is_left_is_averaged_alone():
    """K = z³/12 - z on the real line: walkers that cross its barrier, |x| = √12, run away. The averages of the others
    are those of their points to 5 %; runaways in them would add half and more."""
    run = complex_langevin(
        Holomorphic(lambda z: z**3 / 12 - z),
        time=24.0,
        step=0.02,
        thermalisation=8.0,
        spacing=4.0,
        seed=9,
        groups=2,
    )
    assert 0.3 < run.runaways / run.walkers < 0.95
    x = run.snapshots[:, 0].astype(float)
    confined = x[np.abs(x) < 12**0.5]
    assert len(confined) > 0.97 * len(x)
    assert run.averages[:, 16].mean() == pytest.approx((confined**2).mean(), rel=0.05)
