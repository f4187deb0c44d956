"""Exact sums on narrow tori against enumeration, Kaufman's solution, and the law itself."""

import itertools

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.spins.bonds import bond_sum
from emulant.spins.kaufman import critical_coupling, square_torus
from emulant.spins.transfer_matrix import TransferMatrix, log_partition

LAW = pytest.mark.parametrize(
    ("coupling", "lattice"), [(0.3, "square"), (-0.7, "square"), (0.2, "triangular"), (-0.8, "triangular")]
)


def states(shape):
    every = itertools.product([1, -1], repeat=int(np.prod(shape)))
    return np.array(list(every), np.int8).reshape(-1, *shape)


@LAW
@pytest.mark.parametrize("shape", [(4, 4), (5, 3)])
def test_enumeration(coupling, lattice, shape):
    """Ln Z with both derivatives, and the probability of every state."""
    every = states(shape)
    bonds = bond_sum(every, lattice)
    z = np.exp(coupling * bonds).sum()
    law = np.exp(coupling * bonds) / z
    mean = law @ bonds
    exact = np.log(z), mean, law @ (bonds - mean) ** 2
    np.testing.assert_allclose(log_partition(coupling, shape, lattice), exact, rtol=1e-11)
    np.testing.assert_allclose(TransferMatrix(coupling, shape, lattice).log_q(every), np.log(law), atol=1e-12)


@pytest.mark.parametrize("coupling", [0.1, critical_coupling(), 1.0])
def test_the_square_torus(coupling):
    np.testing.assert_allclose(
        log_partition(coupling, (6, 8), "square"), square_torus(coupling, (6, 8)), rtol=1e-10
    )


@pytest.mark.parametrize("length", [4, 6, 8])
@pytest.mark.parametrize(("coupling", "lattice"), [(critical_coupling(), "square"), (-1.0, "triangular")])
def test_log_q_plus_the_action_is_constant(length, coupling, lattice):
    """To 1e-12, of samples and of random configurations alike, and the constant is -ln Z."""
    generator, shape = np.random.default_rng(length), (length, length)
    law = TransferMatrix(coupling, shape, lattice)
    drawn = law.sample(500, generator)
    random = generator.choice(np.array([-1, 1], np.int8), (500, *shape))
    log_z = log_partition(coupling, shape, lattice).value
    for spins, log_q in ((drawn.spins, drawn.log_q), (random, law.log_q(random))):
        np.testing.assert_allclose(log_q - coupling * bond_sum(spins, lattice), -log_z, atol=1e-12)
    np.testing.assert_allclose(law.log_q(drawn.spins), drawn.log_q, atol=1e-12)


def test_samples_have_the_law():
    """The mean of s s' and its square of 20000 samples, 4.5 errors: false alarm 1.4e-5 in all."""
    exact = log_partition(0.4, (6, 5), "triangular")
    drawn = TransferMatrix(0.4, (6, 5), "triangular").sample(20000, np.random.default_rng(1))
    bonds = bond_sum(drawn.spins, "triangular")
    for values, mean in ((bonds, exact.slope), ((bonds - exact.slope) ** 2, exact.curvature)):
        assert abs(values.mean() - mean) < 4.5 * values.std() / np.sqrt(len(values))


def test_the_entropy_of_the_triangular_antiferromagnet():
    """0.3230659 for each site (G. H. Wannier, Phys. Rev. 79 (1950) 357), as widths 3 and 6 extrapolate in 1/width^2.

    Long tori at K = -12, where excitations have e^-48; the ground states have E = -|J| for each site.
    """
    entropy = {w: log_partition(-12.0, (96, w), "triangular").value / (96 * w) - 12 for w in (3, 6)}
    assert (4 * entropy[6] - entropy[3]) / 3 == pytest.approx(0.3230659, abs=2e-3)
    assert entropy[3] > entropy[6] > 0.3230659


def test_a_wide_row_is_one_line():
    with pytest.raises(InputError, match="system: shape: expected at most 8 sites in a row"):
        TransferMatrix(0.3, (4, 9), "square")
