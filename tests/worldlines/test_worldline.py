"""The flux representation against exact results. False alarm of each set of pulls: 1 %, at fixed seeds."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.statistics.pulls import limit, pull
from emulant.systems.bose_gas.silver_blaze import silver_blaze
from emulant.worldlines import worldline as room
from emulant.worldlines.action import BoseGas
from emulant.worldlines.free import free_field
from emulant.worldlines.transfer_matrix import transfer_matrix
from emulant.worldlines.worldline import worldline


def pulls(estimates, exact):
    return [pull(*number, value) for number, value in zip(estimates, exact, strict=True)]


@pytest.mark.parametrize("shape", [(1,), (5,), (2, 2), (3, 4), (2, 3, 2)])
def test_flux_is_conserved_at_every_site(shape):
    """What flows out of a site flows in; the density is the charge through one time slice; l is not negative."""
    run = worldline(BoseGas(shape, 0.5, 0.5, 0.8), chains=8, sweeps=20, thermalisation=20, seed=1)
    axes = range(1, 1 + len(shape))
    divergence = sum(run.flux[:, a - 1] - np.roll(run.flux[:, a - 1], 1, axis=a) for a in axes)
    assert not divergence.any() and run.flux.any() and run.neutral.any()
    assert run.neutral.min() >= 0
    slices = run.flux[:, -1].reshape(8, -1, shape[-1]).sum(axis=1)
    space = np.prod(shape[:-1])
    np.testing.assert_array_equal(slices, np.repeat(slices[:, :1], shape[-1], axis=1))
    np.testing.assert_allclose(run.series[:, -1, 0], slices[:, 0] / space)


def test_one_dimension_agrees_with_the_transfer_matrix():
    """18 pulls at several temperatures, below and above threshold, weak and strong coupling."""
    deviations = []
    for extent, mu, coupling in (
        *((1, 0.8, 1.0), (2, 1.2, 1.0), (4, 0.8, 1.0)),
        *((8, 1.2, 1.0), (16, 1.2, 1.0), (6, 1.0, 60.0)),
    ):
        gas = BoseGas((extent,), 1.0, coupling, mu)
        run = worldline(gas, chains=16, sweeps=2000, thermalisation=100, seed=extent)
        deviations += pulls(run.observables, transfer_matrix(gas))
    assert len(deviations) == 18 and np.abs(deviations).max() < limit(18)


@pytest.mark.parametrize(("shape", "mu"), [((3, 4), 0.6), ((2, 3, 2), -0.5)])
def test_the_free_field(shape, mu):
    gas = BoseGas(shape, 1.0, 0.0, mu)
    run = worldline(gas, chains=16, sweeps=1500, thermalisation=100, seed=2)
    assert np.abs(pulls(run.observables, free_field(gas))).max() < limit(3)


def test_published_values_without_chemical_potential():
    """10 x 10, eta = 4.01, lambda = 1, from the field representation: <|phi|^2>, <|phi|^4>."""
    run = worldline(BoseGas((10, 10), 0.1, 1.0, 0.0), chains=8, sweeps=1000, thermalisation=100, seed=3)
    _, squared, fourth = run.observables
    assert abs(pull(*squared, 0.25855, 7e-5)) < limit(2) and abs(pull(*fourth, 0.12191, 7e-5)) < limit(2)
    assert squared.error < 6e-4


def test_charge_conjugation():
    plus, minus = (
        worldline(BoseGas((3, 3), 1.0, 1.0, mu), sweeps=800, seed=seed).observables
        for mu, seed in ((1.4, 4), (-1.4, 5))
    )
    assert plus.density.value > 0.5 > -0.5 > minus.density.value
    mirrored = minus._replace(density=minus.density._replace(value=-minus.density.value))
    assert max(abs(pull(*a, *b)) for a, b in zip(plus, mirrored, strict=True)) < limit(3)


def test_a_wrong_chemical_potential_is_noticed():
    run = worldline(BoseGas((4,), 1.0, 1.0, 0.8), sweeps=2000, seed=6)
    wrong = transfer_matrix(BoseGas((4,), 1.0, 1.0, 0.85))
    assert abs(pull(*run.observables.density, wrong.density)) > 2 * limit(1)


def test_a_charge_that_never_moved_has_an_error():
    """Deep in the Silver Blaze no worm winds: zero is known to one unit of charge in all sweeps, not exactly."""
    rows = silver_blaze(
        [0.1], [24], mass=1.0, coupling=1.0, method="worldline", chains=2, sweeps=50, thermalisation=5
    )
    assert rows[0]["density"] == 0 and rows[0]["density_error"] == pytest.approx(1 / 100)


def test_the_same_seed_gives_the_same_numbers():
    gas = BoseGas((3, 4), 1.0, 1.0, 0.9)
    one, two, other = (worldline(gas, chains=2, sweeps=20, seed=seed).series for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_a_table_that_is_too_small_is_not_used(monkeypatch):
    monkeypatch.setattr(room, "TABLE", 4)
    with pytest.raises(RuntimeError, match="more than 8 units of flux"):
        worldline(BoseGas((2,), 1.0, 0.1, 1.5), chains=2, sweeps=200)


@pytest.mark.parametrize(
    "change",
    [{"chains": 0}, {"sweeps": 4}, {"thermalisation": -1}, {"worms": 0}],
    ids=lambda c: next(iter(c)),
)
def test_bad_counts_are_named(change):
    with pytest.raises(InputError, match=f"{next(iter(change))}: expected at least"):
        worldline(BoseGas((4,), 1.0, 1.0, 0.5), **change)
