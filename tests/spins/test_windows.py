"""Sums over windows of rows: exact where nothing is cut, unbiased where the rest is fixed, odd in the spins."""

import numpy as np
import pytest

from emulant.spins.raster import boundary
from emulant.spins.transfer_matrix import TransferMatrix
from emulant.spins.window_laws import WindowLaw
from emulant.spins.windows import window_of

SHAPE = (5, 4)
LAW = pytest.mark.parametrize(("coupling", "lattice"), [(0.44, "square"), (-0.6, "triangular")])


def spins_of(count, seed=1, shape=SHAPE):
    return np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), (count, *shape))


def exact_logits(coupling, lattice, spins):
    chance = TransferMatrix(coupling, spins.shape[1:], lattice).conditionals(spins)
    return np.log(chance / (1 - chance))


@LAW
def test_a_window_that_closes_the_torus_is_exact(coupling, lattice):
    """Four of five rows: of every row but the first all that is to come; two rows: of the last two rows."""
    spins = spins_of(6)
    exact = exact_logits(coupling, lattice, spins)
    for rows, first in ((4, 1), (2, 3)):
        for fixed in (False, True):
            logits = WindowLaw(coupling, lattice, rows, fixed=fixed).logits(spins)
            np.testing.assert_allclose(logits[:, first:], exact[:, first:], atol=1e-11)
            assert (np.abs(logits[:, :first] - exact[:, :first]) > 1e-3).any()


@LAW
def test_the_law_with_the_rest_fixed_has_the_exact_one_as_its_mean(coupling, lattice):
    """Its deviation is uncorrelated with the first spin and with the last two before: 36 numbers within 4.5 errors."""
    law = TransferMatrix(coupling, SHAPE, lattice)
    spins = law.sample(20000, np.random.default_rng(2)).spins
    logits = WindowLaw(coupling, lattice, 2, fixed=True).logits(spins)
    deviation = (1 / (1 + np.exp(-logits)) - law.conditionals(spins)).reshape(len(spins), -1)
    flat = spins.reshape(len(spins), -1)
    products = [deviation[:, 2:] * flat[:, :1], deviation[:, 2:] * flat[:, 1:-1]]
    for product in products:
        error = product.std(0) / np.sqrt(len(spins)) + 1e-15
        assert (np.abs(product.mean(0)) < 4.5 * error + 1e-12).all()
        # The last two rows are exact.
        assert (error[:10] > 1e-4).all()


@LAW
def test_laws_are_odd_in_the_spins(coupling, lattice):
    spins = spins_of(8, shape=(6, 5))
    one, two = (WindowLaw(coupling, lattice, 3).logits(s) for s in (spins, -spins))
    np.testing.assert_allclose(one, -two, atol=1e-12)
    np.testing.assert_allclose(one[:, 0, 0], 0.0, atol=1e-12)


def test_windows_end_where_the_torus_closes():
    assert window_of(0, 3, 8) == (-1, 3, 1, False, False)
    assert window_of(4, 3, 8) == (4, 3, 0, True, False)
    assert window_of(5, 3, 8) == (5, 3, 0, True, True)
    assert window_of(7, 3, 8) == (7, 1, 0, True, True)


@LAW
def test_a_law_depends_on_the_boundary_alone(coupling, lattice):
    """Spins before a site that are not at its boundary change nothing; each of them does change another law."""
    spins, changes = spins_of(1), 0
    exact = exact_logits(coupling, lattice, spins)[0].ravel()
    order = boundary(SHAPE)
    for site in range(spins.size):
        other = spins.copy()
        other.reshape(-1)[site] *= -1
        moved = np.abs(exact_logits(coupling, lattice, other)[0].ravel() - exact) > 1e-9
        # A bond along the diagonal leads to the site itself from one row above, one site further back than the strip.
        diagonal = site + SHAPE[1] + 1 if lattice == "triangular" else -1
        allowed = {i for i in range(spins.size) if site in order[i]} | {diagonal}
        assert set(np.flatnonzero(moved)) <= allowed
        changes += moved.sum()
    assert changes > 100
