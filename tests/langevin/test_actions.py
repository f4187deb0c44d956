"""Bad actions are refused, and what is exact agrees with published and independent numbers."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.langevin.actions import Holomorphic, Quartic
from emulant.langevin.exact import GaussianDensity, exact_cumulants, exact_moments, partition_function


@pytest.mark.parametrize(("key", "numbers"), [("a", (0.0, 1.0, 1.0)), ("a", (-1.0, 0.0, 1.0)), ("b", (1.0, np.nan, 1.0)),
                                              ("coupling", (1.0, 1.0, -0.1))])  # fmt: skip
def test_an_action_without_an_integral_is_refused(key, numbers):
    with pytest.raises(InputError, match=key):
        Quartic(*numbers)


def test_an_action_that_is_not_holomorphic_is_refused():
    with pytest.raises(InputError, match="holomorphic"):
        Holomorphic(lambda z: -z * z.conjugate())
    with pytest.raises(InputError, match="finite"):
        Holomorphic(lambda z: complex("nan"))


def test_a_holomorphic_drift_is_compiled_to_what_it_says():
    quartic, compiled = Quartic(1.0, 1.0, 1.0), Holomorphic(lambda z: -((1 + 1j) * z + z**3))
    x, y = 0.7, -0.2
    assert quartic.kernel(x, y, quartic.parameters) == pytest.approx(
        compiled.kernel(x, y, compiled.parameters)
    )
    assert complex(*quartic.kernel(x, y, quartic.parameters)) == pytest.approx(quartic.drift(complex(x, y)))


def test_moments_of_the_published_quartic_model():
    """arXiv:2510.01328's couplings; 30-digit integration."""
    wanted = [0.428141876755 - 0.148009898168j, 0.423848225077 - 0.280131978587j,
              0.580445426602 - 0.587745940995j, 0.951049757786 - 1.39335937854j]  # fmt: skip
    np.testing.assert_allclose(exact_moments(Quartic(1, 1, 1))[1::2], wanted, rtol=1e-11)
    kappa = exact_cumulants(Quartic(1, 1, 1))[1::2]
    np.testing.assert_allclose(kappa[3], 0.415778821403 + 0.592276911915j, rtol=1e-9)


@pytest.mark.parametrize("numbers", [(1, 0, 1), (2, 1, 1), (1, 3, 1), (0.3, -0.4, 2.5), (1, 1, 0)])
def test_quadrature_agrees_with_bessel_functions_and_schwinger_dyson(numbers):
    action = Quartic(*numbers)
    x = np.linspace(-40, 40, 200_001)
    integral = np.exp(-action.action(x)).sum() * (x[1] - x[0])
    assert partition_function(action) == pytest.approx(integral, rel=1e-10)
    mu = exact_moments(action)
    for n in (2, 4, 6):
        left = (n - 1) * (mu[n - 3] if n > 2 else 1)
        assert left == pytest.approx(action.sigma0 * mu[n - 1] + action.coupling * mu[n + 1], rel=1e-10)


def test_gaussian_process_has_the_moment_of_its_action():
    """<z²> = <x²> - <y²> + 2i<xy> = 1/σ₀."""
    for b in (0.5, 1.0, 3.0):
        action = Quartic(1.2, b)
        (xx, xy), (_, yy) = GaussianDensity(action).covariance
        assert complex(xx - yy, 2 * xy) == pytest.approx(1 / action.sigma0)


def test_strip():
    assert Quartic(1, 1, 1).strip == pytest.approx(0.302905, abs=1e-6)
    assert not Quartic(1, 3, 1).confined and Quartic(1, 3, 1).strip == np.inf
