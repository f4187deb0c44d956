"""Exact results against values that were computed independently, and against sums over all charges."""

import math

import numpy as np
import pytest
from scipy.special import iv

from emulant.errors import InputError
from emulant.gauge.exact import Torus

# beta, V, <cos theta_p>, <Q^2> / V
TABLE = [
    (1, 256, 0.446389966, 0.040636236),
    (1, 64, 0.446389966, 0.040636236),
    (2, 64, 0.697774658, 0.019364046),
    (3, 256, 0.809985294, 0.011060800),
    (5, 256, 0.893383137, 0.005755807),
    (7, 256, 0.925532211, 0.003931305),
    (7, 64, 0.925700364, 0.003392357),
    (9, 256, 0.942689928, 0.002994159),
    (11, 256, 0.953401818, 0.002419054),
]
LOOPS = {
    (7, 256): {1: 0.925532211, 2: 0.856609873, 4: 0.733780476, 9: 0.498337815, 16: 0.289910948},
    (7, 64): {1: 0.925700364, 2: 0.857207481, 4: 0.735829708, 9: 0.506254251, 16: 0.310075703},
    (2, 64): {1: 0.697774658, 2: 0.486889473, 4: 0.237061360, 9: 0.039213604, 16: 0.003158257},
    (1, 64): {1: 0.446389966, 2: 0.199264002, 4: 0.039706142, 9: 0.000703768},
}
LOG_Z = {
    64: {1: 15.098518944, 2: 52.735586655, 3: 101.459690573, 5: 211.501103008, 7: 328.173575949},
    256: {1: 60.394075778, 2: 210.942346620, 3: 405.838751184, 5: 845.998534611, 7: 1312.638186266},
}
LAST_DIGIT = 6e-10
"""Of tables with nine decimals."""


@pytest.mark.parametrize(("beta", "volume", "plaquette", "susceptibility"), TABLE)
def test_plaquette_and_susceptibility(beta, volume, plaquette, susceptibility):
    torus = Torus(beta, volume)
    assert torus.plaquette == pytest.approx(plaquette, abs=LAST_DIGIT)
    assert torus.charge_squared / volume == pytest.approx(susceptibility, abs=LAST_DIGIT)


@pytest.mark.parametrize(
    ("beta", "volume", "squared"), [(3, 64, 0.707843), (5, 64, 0.360717), (2, 256, 4.957196)]
)
def test_further_charges(beta, volume, squared):
    assert Torus(beta, volume).charge_squared == pytest.approx(squared, abs=6e-7)


@pytest.mark.parametrize("case", LOOPS)
def test_wilson_loops(case):
    for area, loop in LOOPS[case].items():
        assert Torus(*case).wilson_loop(area) == pytest.approx(loop, abs=LAST_DIGIT)


@pytest.mark.parametrize("volume", LOG_Z)
def test_partition_function(volume):
    for beta, log_z in LOG_Z[volume].items():
        assert Torus(beta, volume).log_z == pytest.approx(log_z, abs=LAST_DIGIT)


def test_charges_at_beta_7_and_2():
    one, two = Torus(7, 256), Torus(2, 64)
    assert [one.charge_probability(q) for q in range(4)] == pytest.approx(
        [0.39771, 0.24195, 0.05450, 0.00455], abs=6e-6
    )
    assert [two.charge_probability(q) for q in range(4)] == pytest.approx(
        [0.3590, 0.2392, 0.0711, 0.0096], abs=6e-5
    )


@pytest.mark.parametrize("beta", [-2.0, 0.0, 0.3, 4.0, 60.0])
@pytest.mark.parametrize("volume", [9, 15, 64, 4096])
def test_sums_of_probabilities(beta, volume):
    """Probabilities are symmetric and sum to 1, and their transform is Z(theta) at an angle that no sum has used."""
    torus = Torus(beta, volume)
    charges = np.arange(-400, 401)
    probabilities = np.array([torus.charge_probability(q) for q in charges])
    assert probabilities.sum() == pytest.approx(1, abs=1e-10)
    np.testing.assert_allclose(probabilities, probabilities[::-1], atol=1e-14)
    assert probabilities @ np.cos(0.77 * charges) == pytest.approx(
        torus.vacuum(np.array([0.77]))[0], abs=1e-10
    )


def test_the_derivative_of_ln_z_is_the_plaquette():
    above, below = (Torus(2 + h, 64).log_z for h in (1e-4, -1e-4))
    assert (above - below) / 2e-4 / 64 == pytest.approx(Torus(2, 64).plaquette, abs=1e-8)


def test_no_volume_overflows():
    """At a million plaquettes only n = 0 is left: V ln I_0 and I_1 / I_0."""
    torus = Torus(3.0, 10**6)
    assert torus.log_z == pytest.approx(10**6 * math.log(iv(0, 3.0)), rel=1e-12)
    assert torus.plaquette == pytest.approx(iv(1, 3.0) / iv(0, 3.0), rel=1e-12)


def test_a_volume_that_is_too_small_is_named():
    with pytest.raises(InputError, match="plaquettes: expected at least 9, got 4"):
        Torus(1.0, 4)
