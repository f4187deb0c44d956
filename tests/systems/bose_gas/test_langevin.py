"""Complex Langevin where it works, where it fails, and that it says which. False alarm of each set: 1 %, fixed seeds.

Steps leave errors of order step^2; where means are compared, h and h/2 are extrapolated.
"""

import math

import numba
import numpy as np
import pytest

from emulant.errors import InputError
from emulant.statistics.pulls import limit, pull
from emulant.systems.bose_gas import steps
from emulant.systems.bose_gas.langevin import extrapolated, langevin, tail_exponent
from emulant.systems.bose_gas.silver_blaze import silver_blaze
from emulant.worldlines.action import BoseGas
from emulant.worldlines.free import free_field
from emulant.worldlines.transfer_matrix import transfer_matrix
from emulant.worldlines.worldline import worldline


def at_zero_step(gas, *, seed, walkers=128, time=50.0):
    runs = [
        langevin(gas, walkers, time, 15.0, share / gas.rate, seed + n) for n, share in enumerate((0.2, 0.1))
    ]
    assert all(run.trusted for run in runs), [(run.runaways, run.tail) for run in runs]
    return extrapolated(*runs)


def pulls(estimates, exact):
    return [pull(*number, value) for number, value in zip(estimates, exact, strict=True)]


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 4), (2, 3, 2)])
def test_the_kernel_is_the_action(shape):
    """Drift and observables of the kernel at complex fields against NumPy."""
    gas, width = BoseGas(shape, 0.8, 0.7, 0.6), steps.WIDTH
    packed = np.random.default_rng(1).normal(size=(width, 4, *shape))
    phi, bar = gas.pair(packed)
    rows = np.stack([phi.real, phi.imag, bar.real, bar.imag], axis=1).reshape(width, 4, gas.volume)
    field = np.ascontiguousarray(rows.transpose(2, 1, 0)).reshape(gas.volume, 4 * width)
    out, largest, sums = np.empty_like(field), np.empty(width), np.empty((6, width))
    steps._drift(field, out, largest, *gas.neighbours, *gas.hops, gas.eta, 2 * gas.coupling)
    a, b, c, d = out.reshape(gas.volume, 4, width).transpose(1, 2, 0)
    one, two = gas.drift(packed).reshape(width, 2, gas.volume).transpose(1, 0, 2)
    np.testing.assert_allclose(a + 1j * b, (one + 1j * two) / math.sqrt(2))
    np.testing.assert_allclose(c + 1j * d, (one - 1j * two) / math.sqrt(2))
    np.testing.assert_allclose(largest, (abs(one) ** 2 + abs(two) ** 2).max(axis=1))
    steps._observe(field, *gas.neighbours, *gas.hops, sums)
    np.testing.assert_allclose((sums[::2] + 1j * sums[1::2]).T / gas.volume, gas.observables(packed))


def test_the_free_field_below_threshold():
    deviations = []
    for shape, mu in (((4,), 0.5), ((8,), -0.7), ((4, 4), 0.6), ((2, 3, 2), 0.5)):
        gas = BoseGas(shape, 1.0, 0.0, mu)
        deviations += pulls(at_zero_step(gas, seed=10), free_field(gas))
    assert np.abs(deviations).max() < limit(12)


def test_one_dimension_agrees_with_the_transfer_matrix_where_it_is_trusted():
    deviations = []
    for extent, mu in ((1, 0.8), (2, 1.2), (4, 0.5), (4, 0.8), (4, 1.2), (8, 0.5), (8, 0.8), (8, -0.9)):
        gas = BoseGas((extent,), 1.0, 1.0, mu)
        deviations += pulls(at_zero_step(gas, seed=20, time=60.0), transfer_matrix(gas))
    assert len(deviations) == 24 and np.abs(deviations).max() < limit(24)


def test_near_threshold_it_fails_and_says_so():
    """N_tau = 16, mu = 1.2: <|phi|^2> is 3 % high with small errors; the drift has a power-law tail."""
    gas = BoseGas((16,), 1.0, 1.0, 1.2)
    run, exact = langevin(gas, 256, 100.0, 20.0, 0.02, seed=2), transfer_matrix(gas)
    assert pull(*run.real.squared, exact.squared) > 3 * limit(1)
    assert run.runaways == 0 and not run.trusted
    assert 1 < run.tail < 3


def test_two_dimensions_agree_with_worldlines():
    """4 x 4, m = lambda = 1, from the sign-problem-free point to a dense gas; 11 pulls of two samplers."""
    deviations = []
    for mu in (0.0, 0.5, 0.9, 1.3):
        gas = BoseGas((4, 4), 1.0, 1.0, mu)
        dual = worldline(gas, chains=16, sweeps=700, thermalisation=100, seed=30)
        direct = at_zero_step(gas, seed=30, walkers=80, time=40.0)
        numbers = zip(direct, dual.observables, strict=True)
        deviations += [pull(*a, *b) for a, b in numbers][1 if mu == 0 else 0 :]
        assert mu > 0 or abs(direct.density.value) < 1e-12
    assert len(deviations) == 11 and np.abs(deviations).max() < limit(11)


def test_imaginary_parts_and_charge_conjugation():
    plus, minus = (langevin(BoseGas((4, 4), 1.0, 1.0, mu), 96, 40.0, 15.0, seed=40) for mu in (1.1, -1.1))
    assert max(abs(pull(*number, 0.0)) for run in (plus, minus) for number in run.imaginary) < limit(6)
    assert plus.real.density.value > 0.1 > -0.1 > minus.real.density.value
    mirrored = minus.real._replace(density=minus.real.density._replace(value=-minus.real.density.value))
    assert max(abs(pull(*a, *b)) for a, b in zip(plus.real, mirrored, strict=True)) < limit(3)


def test_without_chemical_potential_fields_stay_real():
    run = langevin(BoseGas((3, 3), 1.0, 1.0, 0.0), 32, 5.0, 2.0, seed=1)
    assert not run.fields[:, 0, 1::2].any() and run.fields[:, 0, ::2].std() > 0.3
    # The current n is imaginary there, configuration by configuration.
    assert np.abs(run.averages[:, 1:].imag).max() < 1e-15 > np.abs(run.averages[:, 0].real).max()


def test_errors_of_the_step_are_of_second_order():
    """Deviations at h and h/2 have the ratio 4 to leading order, and h/2 is within 2 % of exact."""
    gas = BoseGas((16,), 1.0, 1.0, 0.5)
    exact = transfer_matrix(gas).squared
    off = [langevin(gas, 256, 100.0, 10.0, h, seed=50).real.squared.value - exact for h in (0.08, 0.04)]
    assert 3 < off[0] / off[1] < 5
    assert abs(off[1]) < 0.02 * exact


def test_coarse_steps_are_not_trusted():
    """At 4 x 4, mu = 1.3 a step of 0.15 gives a density 30 % low with a steep drift tail."""
    run = langevin(BoseGas((4, 4), 1.0, 1.0, 1.3), 64, 30.0, 10.0, 0.15, seed=3)
    assert run.tail > 6 and run.runaways == 0 and run.real.density.value < 0.7
    assert not run.trusted


def test_runaways_are_counted_and_left_out():
    gas = BoseGas((4, 4), 1.0, 1.0, 1.3)
    everyone = langevin(gas, 40, 20.0, 5.0, 0.5, seed=1, adaptive=False)
    assert everyone.runaways == everyone.walkers == 40 and not everyone.trusted
    assert math.isnan(everyone.real.density.value) and math.isnan(everyone.tail)
    assert everyone.fields.shape == (0, 1, 4, 4, 4)
    some = langevin(gas, 200, 100.0, 10.0, 0.16, seed=1, adaptive=False)
    assert 0 < some.runaways < 200 and not some.trusted
    assert len(some.averages) == len(some.fields) == 200 - some.runaways
    assert np.isfinite(some.fields).all() and np.isfinite(some.real.density.error)
    assert langevin(gas, 200, 100.0, 10.0, 0.16, seed=1).runaways == 0


def test_fields_are_what_was_measured():
    """Walkers' final fields are an ensemble: their observables agree with the time averages."""
    gas = BoseGas((4, 4), 1.0, 1.0, 1.0)
    run = langevin(gas, 300, 10.0, 10.0, seed=7)
    values = gas.observables(run.fields[:, 0]).real
    errors = values.std(axis=0, ddof=1) / math.sqrt(300)
    assert len(values) == 300
    for value, error, number in zip(values.mean(axis=0), errors, run.real, strict=True):
        assert abs(pull(value, error, *number)) < limit(3)


def test_time_is_shared_out_exactly():
    run = langevin(BoseGas((4, 4), 1.0, 1.0, 1.0), 20, 7.3, 2.0, 0.02, seed=8)
    assert run.histogram.sum() == pytest.approx(1) and 0.01 < run.mean_step < 0.02
    mean = run.histogram @ run.drift
    assert 3 < mean < 10


def test_results_do_not_depend_on_threads_and_repeat():
    gas, results = BoseGas((2, 3), 1.0, 1.0, 0.9), []
    for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(threads)
        results.append(langevin(gas, 40, 3.0, 2.0, seed=9).averages)
    numba.set_num_threads(1)
    np.testing.assert_array_equal(*results)


def test_the_exponent_of_a_tail():
    """Of a power law it is the power; an exponential has ln 10 / ln(4/3) = 8.0."""
    edges = 2.0 ** ((np.arange(steps.BINS + 1) - steps.BIN_OFFSET) / steps.BIN_SHARE)
    power = -np.diff(np.minimum(1, edges**-2.5))
    assert tail_exponent(power) == pytest.approx(2.5, abs=0.01)
    assert tail_exponent(-np.diff(np.exp(-edges))) == pytest.approx(math.log(10) / math.log(4 / 3), rel=0.02)


def test_the_silver_blaze():
    """The density at mu = 0.8 vanishes with the temperature, seen by complex Langevin."""
    options = {"walkers": 64, "time": 40.0, "seed": 11}
    rows = silver_blaze([0.8], [4, 12], mass=1.0, coupling=1.0, method="langevin", **options)
    hot, cold = rows
    assert hot["trusted"] and cold["trusted"]
    assert (
        hot["density"] > 10 * hot["density_error"] and abs(cold["density"]) < 4 * cold["density_error"] + 2e-3
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"walkers": 1}, "walkers: expected at least 2"),
        ({"time": 0.0}, "time: expected a finite number > 0"),
        ({"thermalisation": -1.0}, "thermalisation"),
        ({"step": math.inf}, "step"),
    ],
)
def test_bad_arguments_are_named(change, words):
    with pytest.raises(InputError, match=words):
        langevin(BoseGas((4,), 1.0, 1.0, 0.5), **change)


def test_extrapolation_wants_half_the_step():
    runs = [langevin(BoseGas((2,), 1.0, 1.0, 0.5), 4, 1.0, 1.0, step) for step in (0.02, 0.015)]
    with pytest.raises(InputError, match="one half"):
        extrapolated(*runs)


def test_records_are_configurations_along_the_run():
    """Means over four records of 256 walkers against averages over Langevin time; 3 pulls below 4.4, 3e-5."""
    gas = BoseGas((2, 4), 1.0, 1.0, 0.6)
    run = langevin(gas, 256, 16.0, 8.0, seed=4, records=4)
    assert run.fields.shape == (256, 4, 4, 2, 4) and not np.array_equal(run.fields[:, 0], run.fields[:, 3])
    values = gas.observables(run.fields.reshape(-1, 4, 2, 4)).real.reshape(256, 4, 3).mean(1)
    for column, average in zip(values.T, run.real, strict=True):
        error = np.hypot(column.std(ddof=1) / 16, average.error)
        assert abs(column.mean() - average.value) < 4.4 * error
