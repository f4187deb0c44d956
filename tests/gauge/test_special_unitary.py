"""SU(2) on a torus: sums of characters against quadrature, against each other, and against independent plaquettes."""

import math

import numpy as np
import pytest

from emulant.gauge.special_unitary import SU2Torus, multiplied, trial_plaquettes
from emulant.statistics.weights import effective_fraction

LIMIT = 4.5
"""Errors of a mean that are allowed: false alarm 7e-6 each, below 1e-4 in this file."""
COUNT = 20000


@pytest.mark.parametrize("beta", [0.7, 2.0, 7.0])
def test_one_plaquette(beta):
    """Of one free plaquette: e^(beta cos phi) on the class angle phi, of measure (2 / pi) sin^2 phi."""
    angle, weights = np.polynomial.legendre.leggauss(200)
    angle = math.pi * (angle + 1) / 2
    density = weights * np.sin(angle) ** 2 * np.exp(beta * np.cos(angle))
    whole = density.sum()
    torus = SU2Torus(beta, 10**4)
    assert torus.log_single == pytest.approx(math.log(whole), rel=1e-10)
    assert torus.plaquette == pytest.approx((density * np.cos(angle)).sum() / whole, rel=1e-10)


@pytest.mark.parametrize("volume", [4, 9, 64])
def test_the_plaquette_is_the_slope_of_ln_z(volume):
    beta, h = 2.5, 1e-4
    slope = (SU2Torus(beta + h, volume).log_z - SU2Torus(beta - h, volume).log_z) / (2 * h)
    assert SU2Torus(beta, volume).plaquette == pytest.approx(slope / volume, rel=1e-7)


def test_the_whole_torus_is_one_commutator():
    """<(1/2) Tr> of the loop about all plaquettes is that of the commutator of holonomies, which no plaquette is beside."""
    torus = SU2Torus(2.0, 4)
    drawn = trial_plaquettes(torus, COUNT, np.random.default_rng(1))
    product = drawn.plaquettes[:, 0]
    for number in range(1, 4):
        product = multiplied(product, drawn.plaquettes[:, number])
    weight = np.exp(drawn.log_weight)
    _agrees(weight * product[:, 0], weight, torus.wilson_loop(4))


@pytest.mark.parametrize("beta", [1.0, 2.0, 4.0])
def test_weighted_plaquettes_have_exact_values(beta):
    """Z, loops of one to three plaquettes, ESS and acceptance of free plaquettes."""
    torus = SU2Torus(beta, 9)
    drawn = trial_plaquettes(torus, COUNT, np.random.default_rng(2))
    np.testing.assert_allclose((drawn.plaquettes**2).sum(-1), 1, atol=1e-10)
    weight, loop = np.exp(drawn.log_weight), drawn.plaquettes[:, 8]
    z = weight * math.exp(8 * torus.log_single - torus.log_z)
    assert abs(z.mean() - 1) < LIMIT * z.std() / math.sqrt(COUNT)
    part, error = effective_fraction(drawn.log_weight)
    assert abs(part - torus.effective_part) < LIMIT * error
    accepted = np.exp(drawn.log_weight - beta)
    assert abs(accepted.mean() - torus.acceptance) < LIMIT * accepted.std() / math.sqrt(COUNT)
    for area in (1, 2, 3):
        _agrees(weight * loop[:, 0], weight, torus.wilson_loop(area))
        loop = multiplied(drawn.plaquettes[:, 8 - area], loop)


def test_large_volumes():
    """The last of many free plaquettes is of the Haar measure: ESS 4 I_1(beta)^2 / (beta I_1(2 beta))."""
    for beta, part, rate in ((2.0, 0.518497, 0.215269), (7.0, 0.111567, 0.040654)):
        torus = SU2Torus(beta, 4096)
        assert torus.effective_part == pytest.approx(part, rel=1e-5)
        assert torus.acceptance == pytest.approx(rate, rel=1e-4)


def _agrees(numerator, weight, exact):
    """A weighted mean is the exact value within its error."""
    ratio = numerator.mean() / weight.mean()
    error = (numerator - ratio * weight).std() / weight.mean() / math.sqrt(len(weight))
    assert abs(ratio - exact) < LIMIT * error
