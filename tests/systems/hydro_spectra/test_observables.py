"""Observables of spectra whose harmonics, slopes and correlations are chosen."""

import numpy as np
import pytest

from emulant.systems import observables_of
from tests.systems.hydro_spectra.spectra import SMALL, exponential, shown, system

RANDOM = np.random.default_rng(4)
SHAPE = (3, SMALL["pt_nodes"], SMALL["angles"])


def value(name, view):
    observable = observables_of("hydro_spectra")[name]
    return observable.value(observable.primaries(view).mean(axis=0), SHAPE)


def gaussian(scale, count):
    return scale * (RANDOM.normal(size=count) + 1j * RANDOM.normal(size=count)) / np.sqrt(2)


def test_yields_and_momenta_are_integrals():
    """Of exp(-p / T), with p dp: T^2 and 2 T, but for what lies above 4 GeV; the quadrature has 9 nodes."""
    view = shown(exponential(np.zeros((2, 4)), slopes=0.3, size=[100.0, 200.0]))
    whole = 2 * np.pi * 0.3**2 * 100 * np.array([1, 2])
    np.testing.assert_allclose(view.yields, 2 * 1.3 * whole, rtol=2e-3)
    np.testing.assert_allclose(view.mean_pt, 0.6, rtol=2e-3)
    assert value("multiplicity", view)[0] == pytest.approx(2 * 1.3 * whole.mean(), rel=2e-3)
    np.testing.assert_allclose(
        value("species_yields", view), whole.mean() * np.array([1, 0.2, 0.1]), rtol=2e-3
    )


def test_flow_is_the_one_that_was_put_in():
    vectors = np.zeros((3, 4), complex)
    vectors[:, 0] = 0.06 * np.exp(2j * np.arange(3))
    vectors[:, 1] = 0.02j
    view = shown(exponential(vectors))
    np.testing.assert_allclose(view.vectors, vectors, atol=1e-12)
    np.testing.assert_allclose(value("flow_two", view)[:2], [0.06, 0.02], rtol=1e-9)
    np.testing.assert_allclose(value("flow_four", view)[:2], [0.06, 0.02], rtol=1e-9)
    np.testing.assert_allclose(value("flow_ratio", view)[:2], [1, 1], rtol=1e-9)
    np.testing.assert_allclose(value("flow_2_pt", view), np.full(8, 0.06), rtol=1e-9)


def test_gaussian_flow_has_no_cumulant_of_four():
    """2 <v^2>^2 = <v^4> of Gaussian V; the error of the ratio is sqrt(20) / sqrt(N) at most: 5 errors."""
    vectors = np.zeros((4000, 4), complex)
    vectors[:, 1] = gaussian(0.02, 4000)
    ratio = value("flow_ratio", shown(exponential(vectors + 1e-6)))[1]
    assert abs(ratio) < 5 * np.sqrt(20 / 4000)


def test_non_linear_response_is_the_one_that_was_put_in():
    """V_4 = a V_2^2 + Gaussian, V_5 = b V_2 V_3 + Gaussian, of independent V_2, V_3; 5 errors of 4000 events."""
    two, three = gaussian(0.06, 4000), gaussian(0.03, 4000)
    vectors = np.stack([two, three, 0.7 * two**2, 1.5 * two * three], axis=1)
    exact = shown(exponential(vectors))
    assert value("chi_422", exact)[0] == pytest.approx(0.7, rel=1e-9)
    assert value("rho_422", exact)[0] == pytest.approx(1, rel=1e-9)
    assert value("chi_523", exact)[0] == pytest.approx(1.5, rel=1e-9)
    vectors[:, 2] += gaussian(0.01, 4000)
    noisy = shown(exponential(vectors))
    assert value("rho_422", noisy)[0] < 0.6
    assert abs(value("chi_422", noisy)[0] - 0.7) < 5 * 0.01 / (0.06**2 * np.sqrt(4000))


def test_symmetric_cumulants_see_a_common_size():
    """v_3 = c v_2 event by event: <v_2^4> / <v_2^2>^2 - 1, which of independent ones vanishes within 5 errors."""
    two, phases = gaussian(0.05, 4000), np.exp(2j * np.pi * RANDOM.random(4000))
    four = gaussian(0.02, 4000)
    vectors = np.stack([two, 0.5 * np.abs(two) * phases, four, 0 * two], axis=1)
    common, independent = value("symmetric_cumulants", shown(exponential(vectors)))
    square = np.abs(two) ** 2
    assert common == pytest.approx((square**2).mean() / square.mean() ** 2 - 1, rel=1e-9)
    assert abs(independent) < 5 / np.sqrt(4000)


@pytest.mark.parametrize("sign", [1, -1])
def test_flow_that_rises_with_the_slope_is_correlated_with_it(sign):
    """[p_T] = 2 T but for the cut at 4 GeV, so that v_2^2 linear in T has correlation +-1 nearly."""
    slopes = RANDOM.uniform(0.25, 0.3, 500)
    vectors = np.zeros((500, 4), complex)
    vectors[:, 0] = np.sqrt(0.003 + 0.03 * sign * (slopes - 0.275))
    vectors[:, 1] = gaussian(0.02, 500)
    one, none = value("flow_pt_correlation", shown(exponential(vectors, slopes)))
    assert one == pytest.approx(sign, abs=0.01)
    assert abs(none) < 5 / np.sqrt(500)


def test_a_rotation_changes_nothing():
    vectors = np.stack([gaussian(0.05, 50) for _ in range(4)], axis=1)
    outputs = exponential(vectors, RANDOM.uniform(0.4, 0.6, 50))
    turned = np.roll(outputs, 3, axis=-1)
    for name in observables_of("hydro_spectra"):
        np.testing.assert_allclose(value(name, shown(outputs)), value(name, shown(turned)), rtol=1e-7)


def test_the_spread_of_mean_pt_is_that_of_events():
    slopes = RANDOM.uniform(0.25, 0.3, 500)
    view = shown(exponential(np.zeros((500, 4)), slopes))
    assert value("mean_pt_spread", view)[0] == pytest.approx(view.mean_pt.std() / view.mean_pt.mean())
    assert set(view.quantities) == {"v2", "v3", "v4", "mean_pt"}
    assert system().output_shape == SHAPE
