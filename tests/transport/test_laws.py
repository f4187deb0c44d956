"""Exact laws along a path: on the two-peak toy, on a correlated lattice field, and against each other.

Monte Carlo statements allow 4.5 standard errors: a false alarm has probability 7e-6 each.
"""

import numpy as np
import pytest

from emulant.statistics.cumulants import cumulants, site_moments
from emulant.systems.two_peak.system import TwoPeak
from emulant.transport.laws import (
    cumulant,
    generating_functional,
    mode_variance,
    sample_generating_functional,
)
from emulant.transport.paths import LinearInterpolant, VarianceExploding, VariancePreserving

PATHS = [VarianceExploding(10.0), VariancePreserving(), LinearInterpolant()]
ORDERS = (2, 4, 6, 8)


def blocked_cumulants(fields, blocks=50):
    """κ₂, κ₄, κ₆, κ₈ with jackknife errors."""
    means = site_moments(fields).reshape(blocks, -1, 8).mean(axis=1)
    left_out = (means.sum(axis=0) - means) / (blocks - 1)
    kappa = cumulants(left_out)[:, 1::2]
    return cumulants(means.mean(axis=0))[1::2], np.sqrt((blocks - 1) * kappa.var(axis=0))


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_cumulants_of_the_perturbed_toy(path):
    rng, system = np.random.default_rng(3), TwoPeak()
    x0 = system.sample(400_000, rng)
    for t in (0.05, 0.3, 0.6):
        x = path.perturb(x0, t, rng.standard_normal(x0.shape))
        measured, error = blocked_cumulants(x)
        exact = [cumulant(path, n, system.cumulants()[n - 1], t) for n in ORDERS]
        assert np.all(np.abs(measured - exact) < 4.5 * error)


def test_published_cumulants_of_the_preserving_path():
    """κ₂(t) = 1 + (κ₂(0) - 1) e^{-Ξ}, κₙ(t) = κₙ(0) e^{-nΞ/2} (arXiv:2410.21212)."""
    t = np.linspace(0, 1, 11)
    xi = (10.0 ** (2 * t) - 1) / (2 * np.log(10.0))
    np.testing.assert_allclose(cumulant(VariancePreserving(), 2, 1.0625, t), 1 + 0.0625 * np.exp(-xi))
    np.testing.assert_allclose(cumulant(VariancePreserving(), 8, -272.0, t), -272 * np.exp(-4 * xi))


def lattice_fields(rng, count=4000, length=8):
    """Correlated, non-Gaussian fields: a smooth Gaussian field about an order of random sign."""
    momentum = 2 * np.pi * np.fft.fftfreq(length)
    power = 1 / (2.4 - np.cos(momentum)[:, None] - np.cos(momentum)[None, :])
    noise = np.fft.fft2(rng.standard_normal((count, length, length)), norm="ortho")
    smooth = np.fft.ifft2(noise * np.sqrt(power), norm="ortho").real
    return smooth * 0.3 + (2 * rng.integers(0, 2, (count, 1, 1)) - 1)


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_cumulants_and_spectrum_of_a_lattice_ensemble(path):
    """Higher cumulants decay as aⁿ while noise adds to each Fourier mode alike."""
    rng = np.random.default_rng(4)
    x0 = lattice_fields(rng)
    t = 0.25
    x = path.perturb(x0, t, rng.standard_normal(x0.shape))
    (before, error_before), (after, error_after) = blocked_cumulants(x0), blocked_cumulants(x)
    for i, n in enumerate(ORDERS):
        law = cumulant(path, n, before[i], t)
        error = np.hypot(error_after[i], path.signal(t) ** n * error_before[i])
        assert abs(after[i] - law) < 4.5 * error
    modes0, modes = (np.abs(np.fft.fft2(y, norm="ortho")) ** 2 for y in (x0, x))
    difference = modes - mode_variance(path, modes0, t)
    error = difference.std(axis=0) / np.sqrt(len(x))
    assert np.all(np.abs(difference.mean(axis=0)) < 4.5 * error)


@pytest.mark.parametrize("path", PATHS, ids=str)
@pytest.mark.parametrize("t", [0.1, 0.5, 0.8])
def test_derivatives_of_the_generating_functional_are_the_cumulants(path, t):
    """Taylor coefficients from a Chebyshev fit of W on |J| <= 1/(2 a): the pole of log cosh is at π/2."""
    system = TwoPeak()
    radius = 0.5 / max(path.signal(t), path.noise(t))
    source = radius * np.cos(np.pi * (np.arange(64) + 0.5) / 64)
    values = generating_functional(path, system.log_moment_generator, source, t)
    coefficients = np.polynomial.Chebyshev.fit(source, values, 24, domain=[-radius, radius])
    taylor = coefficients.convert(kind=np.polynomial.Polynomial).coef
    factorial = 1.0
    for n in range(1, 7):
        factorial *= n
        expected = cumulant(path, n, system.cumulants()[n - 1], t)
        assert factorial * taylor[n] == pytest.approx(expected, rel=1e-5, abs=1e-6 / radius**n)


def test_generating_functional_of_samples():
    """10⁶ samples; the error of W is that of <e^{Jx}> over itself."""
    rng, system, path, t = np.random.default_rng(5), TwoPeak(), VariancePreserving(), 0.3
    source = np.array([-1.5, -0.5, 0.0, 0.7, 1.5])
    x = path.perturb(system.sample(10**6, rng), t, rng.standard_normal((10**6, 1)))[:, 0]
    exact = generating_functional(path, system.log_moment_generator, source, t)
    weights = np.exp(np.outer(source, x))
    error = weights.std(axis=1) / weights.mean(axis=1) / 1e3
    assert np.all(np.abs(sample_generating_functional(x, source) - exact) <= 4.5 * error + 1e-12)


def test_generating_functional_does_not_overflow():
    assert sample_generating_functional(np.array([1000.0, 1000.0]), np.array([5.0])) == pytest.approx(5000.0)


def test_order_is_checked():
    with pytest.raises(ValueError, match="order"):
        cumulant(LinearInterpolant(), 0, 1.0, 0.5)
