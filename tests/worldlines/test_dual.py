"""The weight of integers on links, against enumerations and exact solutions."""

import itertools

import numpy as np
import pytest
import torch

from emulant.errors import InputError
from emulant.families.height_autoregressive.loops import loops_of
from emulant.systems.complex_scalar.system import ComplexScalar
from emulant.worldlines.action import BoseGas
from emulant.worldlines.dual import Dual, DualWeights, divergence, half_occupation, split
from emulant.worldlines.transfer_matrix import log_partition
from emulant.worldlines.two_by_two import two_by_two


def log_sum(action):
    return float(np.log(np.exp(-action).sum()))


@pytest.mark.parametrize(("mu", "value"), [(0.0, -15.5273002669), (0.8, -15.4704957048)])
def test_ln_z_in_one_dimension(mu, value):
    """Ten sites, m = 0.1, lambda = 1, by another program."""
    assert log_partition(BoseGas((10,), 0.1, 1.0, mu)) == pytest.approx(value, abs=1e-9)


def test_two_sites_are_enumerated():
    """All k up to 9 and l up to 13 of a ring of two sites give ln Z; what is cut is below 1e-8."""
    gas = BoseGas((2,), 0.1, 1.0, 0.5)
    several = itertools.product(range(-9, 10), range(14), range(14))
    rows = np.array([[[k, k], [one, two]] for k, one, two in several])
    assert log_sum(DualWeights(gas).action(rows)) == pytest.approx(log_partition(gas), abs=1e-8)


@pytest.mark.parametrize(
    ("mu", "exact"),
    [
        (0.0, (-7.7035039959, 0.0, 0.3378650813)),
        (0.5, (-7.4907694766, 0.24014034, 0.3722281589)),
        (1.0, (-6.4072346704, 1.04248737, 0.5599284622)),
        (1.5, (-1.2247712111, 5.14649060, 1.2861104398)),
    ],
)
def test_two_by_two_sites(mu, exact):
    """Values by another program (density by differences), m = 0.1, lambda = 1; density is the derivative of ln Z."""
    ring = two_by_two(BoseGas((2, 2), 0.1, 1.0, mu))
    ours = (ring.log_partition, *ring.observables[:2])
    assert ours == pytest.approx(exact, abs=1e-7)
    above, below = (two_by_two(BoseGas((2, 2), 0.1, 1.0, mu + h)).log_partition for h in (1e-4, -1e-4))
    assert (above - below) / 8e-4 == pytest.approx(ring.observables.density, abs=1e-6)


def test_two_by_two_sites_are_enumerated():
    """A heavy field, whose integers are small: what |k| <= 2 and l <= 1 leave of ln Z is l = 2 on one of eight links."""
    gas, matrix = BoseGas((2, 2), 3.0, 1.0, 0.5), loops_of((2, 2)).matrix
    pairs = np.array(list(itertools.product((0, 1), repeat=8)))
    sums = []
    for most in (1, 2):
        flux = np.array(list(itertools.product(range(-most, most + 1), repeat=5))) @ matrix.T
        rows = np.concatenate([np.repeat(flux, len(pairs), 0), np.tile(pairs, (len(flux), 1))], 1)
        sums.append(log_sum(DualWeights(gas).action(rows.reshape(-1, 4, 2, 2))))
    exact = two_by_two(gas).log_partition
    assert sums[0] < sums[1] < exact
    first, second = DualWeights(gas).ratio[:2]
    assert exact - sums[1] == pytest.approx(8 * (first * second / 2) ** 2, rel=0.5)


def test_what_is_no_configuration_has_no_weight():
    weights = DualWeights(BoseGas((3, 4), 0.1, 1.0, 0.7))
    rows = np.zeros((5, 4, 3, 4))
    rows[1, 0, 1, 2], rows[2, 2, 0, 0], rows[3, 3, 0, 0], rows[4, 1, 2] = 1, -1, 0.5, 1
    assert np.isfinite(weights.action(rows)).tolist() == [True, False, False, False, True]


@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 1), (3, 2, 2)])
def test_symmetries_leave_weight_and_conservation_alone(shape):
    """Random closed lines and plaquettes with pairs; a reflection of k alone would not."""
    generator, system = np.random.default_rng(1), ComplexScalar(BoseGas(shape, 0.1, 1.0, 0.7))
    d = len(shape)
    height = generator.integers(-1, 2, (6, *shape))
    flux = np.zeros((6, d, *shape), np.int64)
    flux[:, -1] += generator.integers(0, 2, (6, *shape[:-1], 1))
    if d > 1:
        flux[:, 0] += height - np.roll(height, 1, d)
        flux[:, -1] -= height - np.roll(height, 1, 1)
    assert not divergence(flux).any()
    batch = np.concatenate([flux, generator.integers(0, 3, flux.shape)], 1)
    for symmetry in system.symmetries:
        for seed in range(6):
            moved = symmetry(torch.from_numpy(batch.copy()), torch.Generator().manual_seed(seed))
            assert not divergence(split(moved.numpy()).flux).any()
            np.testing.assert_allclose(system.action(moved), system.action(batch), rtol=1e-12)


def test_other_lattices_have_no_such_solution():
    with pytest.raises(InputError, match=r"shape: expected \(2, 2\)"):
        two_by_two(BoseGas((2, 3), 0.1, 1.0, 0.5))


def test_the_balance_of_pairs_by_enumeration():
    """<l (|k| + l)> = <R R> on two sites, with all weights; another coupling breaks it."""
    gas = BoseGas((2,), 0.1, 1.0, 0.5)
    several = itertools.product(range(-7, 8), range(12), range(12))
    rows = np.array([[[k, k], [one, two]] for k, one, two in several])
    weights = DualWeights(gas)
    probability = np.exp(-weights.action(rows) - log_partition(gas))
    dual = Dual(rows[:, :1], rows[:, 1:])
    assert abs(probability @ weights.pair_balance(dual)) < 1e-7
    other = DualWeights(BoseGas((2,), 0.1, 1.2, 0.5))
    assert abs(probability @ other.pair_balance(dual)) > 1e-3
    assert half_occupation(dual).min() == 0
