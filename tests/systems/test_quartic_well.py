"""The quartic well against published numbers, exact identities and its own samples."""

import math

import numpy as np
import pytest
import torch

from emulant.statistics.cumulants import site_moments
from emulant.systems.quartic_well.system import QuarticWell

SINGLE, DOUBLE = QuarticWell(1.0, 0.4), QuarticWell(-1.0, 0.4)
WELLS = [SINGLE, DOUBLE, QuarticWell(-10.0, 0.4), QuarticWell(0.0, 2.0), QuarticWell(3.0, 1e-3)]


def test_numbers_of_the_single_well():
    moments, kappa = SINGLE.moments(), SINGLE.cumulants()
    assert SINGLE.expectation(np.abs) == pytest.approx(0.748495092, abs=6e-10)
    np.testing.assert_allclose(moments[1::2], [0.862096589, 2.068551160, 7.766079120, 38.650150], rtol=2e-8)
    np.testing.assert_allclose(moments[1:6:2], [0.862096589, 2.068551160, 7.766079120], rtol=0, atol=6e-10)
    np.testing.assert_allclose(kappa[3::2], [-0.161080428, 0.238293496, -0.867585542], rtol=0, atol=6e-10)


def test_numbers_of_the_double_well():
    moments, kappa = DOUBLE.moments(), DOUBLE.cumulants()
    assert DOUBLE.expectation(np.abs) == pytest.approx(3.591332, abs=6e-7)
    np.testing.assert_allclose(
        moments[1::2], [13.6730337539, 220.095506308, 3916.71911355, 75257.949677], rtol=1e-11
    )
    np.testing.assert_allclose(kappa[3::2], [-340.760049797, 35462.0893079, -7856985.8556], rtol=1e-11)
    assert DOUBLE.minimum == pytest.approx(math.sqrt(15))
    assert DOUBLE.potential(0.0) - DOUBLE.potential(DOUBLE.minimum) == pytest.approx(3.75)


@pytest.mark.parametrize("well", WELLS, ids=str)
def test_schwinger_dyson(well):
    """<φⁿ dS/dφ> = n <φ^{n-1}>."""
    for n in (1, 3, 5, 7):
        exact = n * well.expectation(lambda x, n=n: x ** (n - 1))
        assert well.expectation(lambda x, n=n: x**n * well.gradient(x)) == pytest.approx(exact, rel=1e-10)


def test_weak_coupling_is_gaussian():
    """⟨φ²⟩ = 1/μ² - g / (2 μ⁶) + O(g²), Z = √(2π/μ²) at g -> 0."""
    well = QuarticWell(3.0, 1e-5)
    assert well.moments()[1] == pytest.approx(1 / 3 - 1e-5 / 54, abs=1e-10)
    assert well.log_partition_function == pytest.approx(0.5 * math.log(2 * math.pi / 3), abs=1e-6)


@pytest.mark.parametrize("well", WELLS, ids=str)
@pytest.mark.parametrize(
    ("signal", "noise"),
    [(1.0, 0.0), (1.0, 0.05), (1.0, 0.5), (1.0, 9.8), (0.6, 0.8), (0.01, 1.0), (0.0, 1.0)],
)
def test_density_along_a_path(well, signal, noise):
    """Normalised, κ₂(t) = a² κ₂ + b², κ₄(t) = a⁴ κ₄, and score = ∂ log p where p is not negligible."""
    kappa = well.cumulants()
    spread = np.sqrt(kappa[1] * signal**2 + noise**2)
    x = np.linspace(-12, 12, 4001) * spread
    density, step = well.density(x, signal, noise), x[1] - x[0]
    assert density.sum() * step == pytest.approx(1.0, rel=1e-9)
    second, fourth = ((x**n * density).sum() * step for n in (2, 4))
    assert second == pytest.approx(spread**2, rel=1e-9)
    assert fourth - 3 * second**2 == pytest.approx(kappa[3] * signal**4, abs=1e-8 * spread**4)
    if signal:
        h = 1e-4 * spread
        near = x[density > 1e-3 / spread]
        slope = (well.log_density(near + h, signal, noise) - well.log_density(near - h, signal, noise)) / (
            2 * h
        )
        np.testing.assert_allclose(slope, well.score(near, signal, noise), atol=2e-5 / spread, rtol=1e-5)


@pytest.mark.parametrize("well", [SINGLE, DOUBLE], ids=str)
def test_both_quadratures_of_the_marginal_agree(well):
    """Nodes change from noise to field at b = a reach / 30: p is smooth there, and noises compose."""
    edge = well.reach / 30
    x = np.linspace(-6, 6, 13)
    below, above = (well.log_density(x, 1.0, edge * (1 + sign * 1e-9)) for sign in (-1, 1))
    np.testing.assert_allclose(below, above, atol=1e-7)
    z = np.linspace(-8, 8, 401)
    weights = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    composed = well.density(x[:, None] - 3 * z, 1.0, 0.1) @ weights
    np.testing.assert_allclose(composed, well.density(x, 1.0, np.hypot(3, 0.1)), rtol=1e-9)


def test_gradient_is_the_derivative_of_the_action():
    x = torch.linspace(-5, 5, 61, dtype=torch.float64)[:, None].requires_grad_()
    DOUBLE.action(x).sum().backward()
    np.testing.assert_allclose(x.grad, DOUBLE.gradient(x.detach()), rtol=1e-12, atol=1e-12)
    assert DOUBLE.action(x.detach().numpy()).shape == (61,)


@pytest.mark.parametrize("well", [SINGLE, DOUBLE], ids=str)
def test_samples(well):
    """10⁶ samples: moments within 4.5 errors (7e-6 each), distribution by Kolmogorov-Smirnov at 1e-4."""
    from scipy.integrate import cumulative_simpson
    from scipy.stats import kstest

    x = well.sample(10**6, np.random.default_rng(1))
    assert x.shape == (10**6, 1)
    moments = site_moments(x)
    error = moments.std(axis=0) / 1e3
    assert np.all(np.abs(moments.mean(axis=0) - well.moments()) < 4.5 * error)
    grid = np.linspace(-well.reach, well.reach, 20001)
    cdf = cumulative_simpson(well.density(grid), x=grid, initial=0)
    assert cdf[-1] == pytest.approx(1, abs=1e-12)
    assert kstest(x[:, 0], lambda y: np.interp(y, grid, cdf)).pvalue > 1e-4
    np.testing.assert_array_equal(
        well.sample(10, np.random.default_rng(7)), well.sample(10, np.random.default_rng(7))
    )


@pytest.mark.parametrize("bad", [{"g": 0.0}, {"g": -1.0}, {"mu2": float("inf")}])
def test_bad_parameters_are_named(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        QuarticWell(**({"mu2": 1.0, "g": 0.4} | bad))
