"""Few states of a column: exact where they are all, odd in the spins, nearly exact at L = 16 where they are four."""

import numpy as np
import pytest

from emulant.spins.bonds import bond_sum
from emulant.spins.column_laws import ColumnLaw
from emulant.spins.columns import column_matrices
from emulant.spins.kaufman import critical_coupling, square_torus
from emulant.spins.transfer_matrix import TransferMatrix


def spins_of(count, shape, seed=1):
    return np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), (count, *shape))


@pytest.mark.parametrize(("coupling", "shape"), [(0.44, (5, 4)), (1.5, (4, 6)), (0.0, (3, 3))])
def test_all_states_are_exact(coupling, shape):
    """Of random configurations, and closer to it with every doubling of the states."""
    spins = spins_of(6, shape)
    chance = TransferMatrix(coupling, shape, "square").conditionals(spins)
    exact = np.log(chance / (1 - chance))
    errors = [np.abs(ColumnLaw(coupling, shape, 2**k).logits(spins) - exact).max() for k in range(shape[0])]
    assert errors[-1] < 1e-10
    if coupling:
        assert all(errors[k + 1] < 0.6 * errors[k] for k in range(len(errors) - 1)) and errors[1] > 1e-5


def test_laws_are_odd_in_the_spins():
    spins, law = spins_of(8, (6, 5)), ColumnLaw(0.44, (6, 5), 3)
    np.testing.assert_allclose(law.logits(spins), -law.logits(-spins), atol=1e-12)


def test_a_row_that_is_drawn_is_the_row_that_is_weighed():
    """The same numbers from both ways through a row."""
    spins, law = spins_of(4, (6, 5)), ColumnLaw(0.5, (6, 5), 4)
    logits = law.logits(spins)
    for y in range(6):
        row = law.row(spins, y)
        for x in range(5):
            np.testing.assert_allclose(row.next_logits(), logits[:, y, x], atol=1e-12)
            row.take(spins[:, y, x])


def test_matrices_are_symmetric_and_even():
    """A column seen from either side, and the turn of all spins, of which states are even or odd."""
    for matrices in column_matrices(0.44, (8, 8), 5):
        np.testing.assert_allclose(matrices, matrices.swapaxes(2, 3), atol=1e-12)
        np.testing.assert_allclose(np.abs(matrices), np.abs(matrices[::-1, ::-1]), atol=1e-12)


def drawn(law, count, seed):
    """Spins and ln q."""
    spins, log_q = np.zeros((count, *law.shape), np.int8), np.zeros(count)
    uniform = np.random.default_rng(seed).random(spins.shape)
    for y in range(law.shape[0]):
        row = law.row(spins, y)
        for x in range(law.shape[1]):
            chance = 1 / (1 + np.exp(-row.next_logits()))
            spins[:, y, x] = np.where(uniform[:, y, x] < chance, 1, -1)
            log_q += np.log(np.where(spins[:, y, x] > 0, chance, 1 - chance))
            row.take(spins[:, y, x])
    return spins, log_q


@pytest.mark.parametrize(
    ("coupling", "states", "least", "most"),
    [(0.3, 4, 1e-8, 2e-7), (critical_coupling(), 8, 5e-7, 4e-6), (0.6, 4, 1e-8, 3e-6)],
)
def test_few_states_say_nearly_all(coupling, states, least, most):
    """KL(q || p) of 16 x 16 in units of ln Z, from the second moment of ln w: 1e-7 to 2e-6 without any training."""
    law = ColumnLaw(coupling, (16, 16), states)
    spins, log_q = drawn(law, 256, seed=1)
    excess = coupling * bond_sum(spins, "square") - log_q - square_torus(coupling, (16, 16)).value
    divergence = (np.exp(excess) - 1 - excess).mean() / square_torus(coupling, (16, 16)).value
    assert least < divergence < most
    assert abs(np.exp(excess).mean() - 1) < 4.5 * excess.std() / 16
