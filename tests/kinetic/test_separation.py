"""The exchange of p_y: the asymmetry that was asked for, and the dipole that it makes."""

import numpy as np
import pytest
from scipy.integrate import dblquad

from emulant.errors import InputError
from emulant.kinetic.densities import AZIMUTH_EDGES, charge_density
from emulant.kinetic.separation import asymmetry, initial_response, separate
from tests.kinetic.gases import ellipse, off_shell


def dipoles(matter):
    """a_1 of positive and of negative particles from bins of azimuth."""
    sines = np.sin(0.5 * (AZIMUTH_EDGES[1:] + AZIMUTH_EDGES[:-1]))
    density = charge_density(matter).sum(axis=1)
    return density @ sines / density.sum(axis=1)


@pytest.mark.parametrize("fraction", [-0.5, -0.1, 0.0, 0.1, 0.5])
def test_separation_is_what_was_asked_for(fraction):
    """The exchange changes the asymmetry by f up to one particle; momentum and charges stay."""
    matter = ellipse(20_000, np.random.default_rng(6))
    before, total = asymmetry(matter), matter.momentum.sum(axis=0)
    separate(matter, fraction, np.random.default_rng(7))
    # Of partons that move down by chance more than half, more are exchanged than of those that move up.
    assert asymmetry(matter) - before == pytest.approx(fraction * (1 - np.sign(fraction) * before), abs=1e-3)
    assert np.abs(matter.momentum.sum(axis=0) - total)[1:].max() < 1e-9
    # p_y of another parton is less like p_x than its own was: energy grows, by a hundredth of f.
    assert matter.momentum[:, 0].sum() == pytest.approx(total[0] * (1 + 0.01 * abs(fraction)), rel=2e-3)
    assert off_shell(matter) < 1e-15


def test_all_or_more_cannot_be_separated():
    for fraction in (1.0, -1.0, np.nan):
        with pytest.raises(InputError, match=r"system: separation: expected fractions in \(-1, 1\)"):
            separate(ellipse(10, np.random.default_rng(8)), fraction, np.random.default_rng(9))


def test_initial_dipole_of_a_gas_at_rest():
    """Against 200,000 partons within three errors; the density of azimuths of exchanged momenta by quadrature."""
    matter, fraction = ellipse(400_000, np.random.default_rng(10)), 0.4
    before = dipoles(matter)
    separate(matter, fraction, np.random.default_rng(11))
    plus, minus = dipoles(matter) - before
    error = np.sqrt(fraction / 200_000)
    assert abs(plus - fraction * initial_response()) < 3 * error
    assert abs(minus + fraction * initial_response()) < 3 * error

    def marginal(p):
        return (1 + p) * np.exp(-p) / 4

    def sine(y, x):
        return y / np.hypot(x, y) * marginal(x) * marginal(y)

    exchanged = 4 * dblquad(sine, 0, 40, 0, 40, epsabs=1e-7)[0]
    # The sine in the middle of a bin is above its mean in the bin by x / sin x.
    unbinned = initial_response() * np.sinc(1 / 24)
    assert unbinned == pytest.approx((2 / np.pi + exchanged) / 2, rel=1e-3)
