"""Paths: their algebra, their differential equations, and the translations of what a network predicts."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from emulant.systems.two_peak.system import TwoPeak
from emulant.transport.paths import (
    PREDICTIONS,
    Geometric,
    LinearBeta,
    LinearInterpolant,
    Path,
    VarianceExploding,
    VariancePreserving,
    path_from,
)

ALL = [
    VarianceExploding(25.0),
    VarianceExploding(10.0),
    VariancePreserving(),
    VariancePreserving(LinearBeta(0.1, 20.0)),
    LinearInterpolant(),
]
TIMES = np.linspace(0.01, 0.97, 25)


def central(function, t, step=1e-5):
    return (function(t + step) - function(t - step)) / (2 * step)


@pytest.mark.parametrize("path", ALL, ids=str)
class TestEveryPath:
    def test_slopes_are_derivatives(self, path):
        signal_slope, noise_slope = path.slopes(TIMES)
        np.testing.assert_allclose(signal_slope, central(path.signal, TIMES), rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(noise_slope, central(path.noise, TIMES), rtol=1e-6, atol=1e-9)

    def test_second_moment_obeys_the_stochastic_equation(self, path):
        """d<x²>/dt = 2 (drift / x) <x²> + g², for every second moment at t = 0."""
        for initial in (0.0, 0.7, 5.0):

            def second_moment(t, initial=initial):
                return initial * path.signal(t) ** 2 + path.noise(t) ** 2

            expected = 2 * path.drift(1.0, TIMES) * second_moment(TIMES) + path.diffusion(TIMES) ** 2
            np.testing.assert_allclose(central(second_moment, TIMES), expected, rtol=1e-6, atol=1e-9)

    def test_diffusion_agrees_with_the_general_formula(self, path):
        np.testing.assert_allclose(path.diffusion(TIMES), Path.diffusion(path, TIMES), rtol=1e-12)

    def test_fokker_planck(self, path):
        """∂p/∂t = -∂(drift p) + ½ g² ∂²p for the exact density of the two-peak toy."""
        system, x = TwoPeak(), np.linspace(-3, 3, 401)
        for t in (0.1, 0.4, 0.8):

            def density(y, s):
                return system.density(y, path.signal(s), path.noise(s))

            h = 1e-3
            curvature = (density(x + h, t) - 2 * density(x, t) + density(x - h, t)) / h**2
            flux = central(lambda y, t=t: path.drift(y, t) * density(y, t), x, h)
            change = central(lambda s: density(x, s), t)
            spread = 0.5 * path.diffusion(t) ** 2 * curvature
            np.testing.assert_allclose(change, spread - flux, rtol=0, atol=1e-5 * np.abs(spread).max())

    def test_continuity(self, path):
        """∂p/∂t = -∂(v p) with the velocity of the probability flow, from the exact denoiser."""
        system, x = TwoPeak(), np.linspace(-3, 3, 401)
        for t in (0.1, 0.4, 0.8):

            def current(y, t=t):
                a, b = path.signal(t), path.noise(t)
                return path.velocity_from_denoiser(system.denoiser(y, a, b), y, t) * system.density(y, a, b)

            change = central(lambda s: system.density(x, path.signal(s), path.noise(s)), t)
            np.testing.assert_allclose(
                change, -central(current, x, 2e-4), rtol=0, atol=1e-5 * np.abs(current(x)).max()
            )

    def test_velocity_is_drift_minus_half_the_diffusion_times_score(self, path):
        x, denoiser = np.linspace(-2, 2, 25), np.linspace(1, -1, 25)
        score = path.score_from_denoiser(denoiser, x, TIMES)
        flow = path.drift(x, TIMES) - 0.5 * path.diffusion(TIMES) ** 2 * score
        np.testing.assert_allclose(path.velocity_from_denoiser(denoiser, x, TIMES), flow, rtol=1e-9)

    def test_conversions_round_trip(self, path):
        x, value = np.linspace(-2, 2, 25), np.cos(TIMES)
        for source in PREDICTIONS:
            for wanted in PREDICTIONS:
                converted = path.convert(value, x, TIMES, kind=source, wanted=wanted)
                back = path.convert(converted, x, TIMES, kind=wanted, wanted=source)
                np.testing.assert_allclose(back, value, rtol=1e-8, err_msg=f"{source} -> {wanted}")

    def test_predictions_of_a_known_pair(self, path):
        """A measure of one point x₀: denoiser x₀, noise z, score -z/b, velocity a' x₀ + b' z."""
        x0, z = 0.7, np.linspace(-1, 1, 25)
        x = path.perturb(x0, TIMES, z)
        slopes = path.slopes(TIMES)
        for wanted, expected in {
            "noise": z,
            "score": -z / path.noise(TIMES),
            "velocity": slopes[0] * x0 + slopes[1] * z,
        }.items():
            prediction = path.convert(np.full(25, x0), x, TIMES, kind="denoiser", wanted=wanted)
            np.testing.assert_allclose(prediction, expected, rtol=1e-9, atol=1e-11)

    def test_time_of_ratio_inverts_ratio(self, path):
        times = np.concatenate([np.geomspace(1e-12, 1e-2, 11), TIMES])
        np.testing.assert_allclose(path.time_of_ratio(path.ratio(times)), times, rtol=1e-10)

    def test_noise_of_early_times_keeps_its_digits(self, path):
        """b² = g²(0) t for the diffusions and b = t on the line, to leading order at t -> 0."""
        t = 1e-14
        expected = t if isinstance(path, LinearInterpolant) else path.diffusion(0.0) * t**0.5
        assert path.noise(t) == pytest.approx(expected, rel=1e-12)

    def test_floats_arrays_and_tensors_agree(self, path):
        tensor = torch.from_numpy(TIMES)
        for name in ("signal", "noise", "ratio", "diffusion"):
            method = getattr(path, name)
            array = method(TIMES)
            assert isinstance(method(0.5), float)
            assert isinstance(method(tensor), torch.Tensor)
            np.testing.assert_allclose(method(tensor).numpy(), array, rtol=1e-12)
            np.testing.assert_allclose([method(float(t)) for t in TIMES], array, rtol=1e-12)

    def test_tensors_keep_type_gradient_and_shape(self, path):
        x = torch.randn(6, 4, 4, requires_grad=True)
        t = torch.rand(6, 1, 1) * 0.9 + 0.05
        velocity = path.velocity_from_denoiser(x**2, x, t)
        assert velocity.dtype == torch.float32
        assert velocity.shape == x.shape
        velocity.sum().backward()
        assert torch.isfinite(x.grad).all()
        assert path.noise(t.double()).dtype == torch.float64

    def test_prior_has_the_variance_of_the_end(self, path):
        """4 x 10⁵ normals: the relative error of a variance is 0.22 %, so 1 % is 4.5 sigma."""
        z = np.random.default_rng(1).standard_normal(400_000)
        expected = 2.0 * path.signal(1.0) ** 2 + path.noise(1.0) ** 2
        assert np.var(path.prior(z, 2.0)) == pytest.approx(expected, rel=0.01)


def test_perturbed_toy_has_the_exact_density():
    """Kolmogorov-Smirnov at three times, 10⁵ samples; false alarm 1e-4 each."""
    from scipy.stats import kstest

    rng, system, path = np.random.default_rng(2), TwoPeak(), VariancePreserving()
    for t in (0.2, 0.5, 0.9):
        x = path.perturb(system.sample(100_000, rng), t, rng.standard_normal((100_000, 1)))[:, 0]
        grid = np.linspace(-6, 6, 20001)
        density = system.density(grid, path.signal(t), path.noise(t))
        cdf = np.concatenate([[0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(grid))])
        assert kstest(x, lambda y, grid=grid, cdf=cdf: np.interp(y, grid, cdf)).pvalue > 1e-4


def test_published_scale_of_the_exploding_path():
    """std(1) = 9.845 at σ = 25, Ξ(1) = 21.497 at σ = 10."""
    assert VarianceExploding(25.0).noise(1.0) == pytest.approx(9.845, abs=2e-3)
    assert VarianceExploding(10.0).noise(1.0) ** 2 == pytest.approx(21.497, abs=1e-3)


def test_preserving_path_preserves_unit_variance():
    path = VariancePreserving(LinearBeta(0.1, 20.0))
    np.testing.assert_allclose(path.signal(TIMES) ** 2 + path.noise(TIMES) ** 2, 1, rtol=1e-14)


def test_interpolant_is_regular_at_both_ends():
    path, x = LinearInterpolant(), np.array([0.3])
    assert path.velocity_from_denoiser(np.array([0.1]), x, 1.0) == pytest.approx(0.2)
    assert path.denoiser_from_velocity(np.array([0.1]), x, 0.0) == pytest.approx(0.3)


def test_registry():
    assert path_from({"kind": "variance_exploding", "sigma": 10}) == VarianceExploding(10)
    assert path_from({"kind": "variance_preserving", "sigma": 7}) == VariancePreserving(Geometric(7))
    assert path_from({"kind": "variance_preserving", "beta_min": 0.1, "beta_max": 9}) == VariancePreserving(
        LinearBeta(0.1, 9)
    )
    assert path_from({"kind": "variance_preserving"}) == VariancePreserving(Geometric(10.0))
    assert path_from({"kind": "linear_interpolant"}) == LinearInterpolant()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"kind": "variance_imploding"}, "variance_imploding"),
        ({}, "path.kind"),
        ({"kind": "variance_exploding", "sigma": 1.0}, "sigma"),
        ({"kind": "variance_exploding", "sigma": float("nan")}, "sigma"),
        ({"kind": "variance_exploding", "sigma": "25"}, "sigma"),
        ({"kind": "variance_preserving", "sigma": 10, "beta_min": 1}, "beta_min"),
        ({"kind": "variance_preserving", "beta_min": 3, "beta_max": 1}, "beta_min"),
        ({"kind": "linear_interpolant", "sigma": 2}, "sigma"),
    ],
)
def test_bad_settings_are_named(settings, named):
    with pytest.raises(ValueError, match=named):
        path_from(settings)


def test_unknown_prediction_is_named():
    with pytest.raises(ValueError, match="energy"):
        LinearInterpolant().convert(0.0, 0.0, 0.5, kind="energy", wanted="score")


def test_torch_is_not_imported():
    code = "import sys, emulant.transport.laws, emulant.systems.two_peak.system; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
