"""Solvers against exact scores: Gaussian modes by closed recursion, two peaks by quadrature or with common noise.

A linear solver is known from what it makes of x = 1: no Monte Carlo. Monte Carlo statements allow 4.5 standard errors:
a false alarm has probability 7e-6 each.
"""

import math

import numpy as np
import pytest
import torch

from emulant.statistics.cumulants import cumulants
from emulant.systems.two_peak.system import TwoPeak
from emulant.transport.measures import ModeMeasure
from emulant.transport.paths import LinearBeta, LinearInterpolant, VarianceExploding, VariancePreserving
from emulant.transport.solvers import (
    euler_maruyama,
    flow_times,
    latent_flow,
    latent_grid,
    predictor_corrector,
    probability_flow,
)

PATHS = [VarianceExploding(25.0), VariancePreserving(), VariancePreserving(LinearBeta()), LinearInterpolant()]
POWER = torch.tensor([0.0035, 0.013, 0.05, 0.3], dtype=torch.float64)
TOY = TwoPeak()


def gaussian_score(path, power):
    return lambda x, t: -x / (path.signal(t) ** 2 * power + path.noise(t) ** 2)


def toy_score(path):
    return lambda x, t: TOY.score(x, path.signal(t), path.noise(t))


def variance_after(path, power, times, variance, *, quiet_end=False):
    """Variance of each mode after Euler-Maruyama: m² v + g² dt a step, m from the solver's own noise-free step."""
    for step, (t, earlier) in enumerate(zip(times, times[1:], strict=False)):
        factor = euler_maruyama(gaussian_score(path, power), path, torch.ones_like(power), (t, earlier), None)
        noisy = not (quiet_end and step == len(times) - 2)
        variance = factor**2 * variance + noisy * path.diffusion(t) ** 2 * (t - earlier)
    return variance


def notebook_times(steps, last=1e-3):
    """Times of the published sampler: `steps` of them down to 1e-3, each followed by a step, the last beyond zero."""
    times = np.linspace(1.0, last, steps)
    return np.append(times, times[-1] - (times[0] - times[1]))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (500, [-0.51, -0.15, -0.04, -0.007]),
        (1000, [-0.13, -0.04, -0.01, -0.002]),
        (2000, [0.07, 0.02, 0.005, 0.001]),
    ],
)
def test_the_published_sampler_is_wrong_by_half(steps, expected):
    """2309.17082's sampler with σ = 25 and the exact score: what any other is measured against."""
    path, times = VarianceExploding(25.0), notebook_times(steps)
    start = torch.full_like(POWER, path.noise(1.0) ** 2)
    bias = variance_after(path, POWER, times, start, quiet_end=True) / POWER - 1
    np.testing.assert_allclose(bias, expected, rtol=0.05, atol=5e-3)


def test_euler_maruyama_obeys_its_recursion():
    """200 000 modes of each power, with the solver's own noise."""
    path, times = VarianceExploding(25.0), np.linspace(1.0, 1e-3, 41).tolist()
    generator = torch.Generator().manual_seed(1)
    start = path.noise(1.0) * torch.randn(200_000, 4, dtype=torch.float64, generator=generator)
    generated = euler_maruyama(gaussian_score(path, POWER), path, start, times, generator)
    expected = variance_after(
        path, POWER, times, torch.full_like(POWER, path.noise(1.0) ** 2), quiet_end=True
    )
    assert torch.all((generated.var(0) / expected - 1).abs() < 4.5 * (2 / 200_000) ** 0.5)


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_euler_maruyama_is_of_first_order(path):
    power, first = torch.tensor([0.3, 1.0, 3.0], dtype=torch.float64), float(path.time_of_ratio(20.0))

    def bias(steps, last=0.05):
        start = path.signal(first) ** 2 * power + path.noise(first) ** 2
        exact = path.signal(last) ** 2 * power + path.noise(last) ** 2
        return variance_after(path, power, np.linspace(first, last, steps + 1), start) / exact - 1

    coarse, fine = bias(1000), bias(2000)
    assert float(coarse.abs().max() / fine.abs().max()) == pytest.approx(2, abs=0.1)
    assert fine.abs().max() < 0.01


def stochastic_error(solve, steps, count=200_000):
    """Error of the fourth moment of the toy at t = 0.2, and its statistical error."""
    path, first, last = VariancePreserving(LinearBeta()), 1.0, 0.2
    generator = torch.Generator().manual_seed(2)
    start = torch.randn(count, 1, dtype=torch.float64, generator=generator)
    x = solve(toy_score(path), path, start, np.linspace(first, last, steps + 1).tolist(), generator)
    variance, centre = path.signal(last) ** 2 / 16 + path.noise(last) ** 2, path.signal(last)
    exact = 3 * variance**2 + 6 * variance * centre**2 + centre**4
    return float((x**4).mean() / exact - 1), float((x**4).std() / exact / count**0.5)


def with_noise_at_the_end(score, path, x, times, generator):
    return euler_maruyama(score, path, x, [*times, times[-1]], generator)


def corrected(score, path, x, times, generator):
    """Predictor-corrector whose Langevin steps shrink with dt."""
    rough = math.sqrt(0.25 * (times[0] - times[1]))
    return predictor_corrector(score, path, x, times, generator, signal_to_noise=rough)


@pytest.mark.parametrize("solve", [with_noise_at_the_end, corrected])
def test_stochastic_solvers_are_of_weak_first_order_on_two_peaks(solve):
    """Halving the step halves the error, within 4.5 statistical errors."""
    coarse, error = stochastic_error(solve, 25)
    fine, _ = stochastic_error(solve, 50)
    assert abs(coarse) > 9 * error
    assert abs(coarse - 2 * fine) < 4.5 * math.sqrt(5) * error + 0.15 * abs(coarse)


def test_the_corrector_has_a_measure_of_its_own():
    """A white Gaussian field comes out 1 / (1 - r²) too broad from many steps at a fixed r."""
    path, generator, r = VariancePreserving(LinearBeta()), torch.Generator().manual_seed(3), 0.16
    start = torch.randn(40, 4096, dtype=torch.float64, generator=generator)
    times = np.linspace(1.0, 0.01, 301).tolist()
    score = gaussian_score(path, 1.0)
    generated = predictor_corrector(score, path, start, times, generator, signal_to_noise=r)
    assert float(generated.var()) == pytest.approx(
        1 / (1 - r**2), abs=4.5 * (2 / generated.numel()) ** 0.5 + 2e-3
    )


def graded_normal(count=400, reach=9.0):
    """Positive nodes y and weights of a standard normal variable, dense at 0 where the map of two peaks is steep."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    u = 0.5 * (nodes + 1)
    y = reach * u**4
    weights = weights * 4 * reach * u**3 * np.exp(-0.5 * y**2) / math.sqrt(2 * math.pi)
    return torch.as_tensor(y), weights


def flow_bias(path, steps, order, variance=1.0625, noise_max=60.0):
    """Relative errors of κ₂, κ₄, κ₆, κ₈ of the toy after the flow with the exact score."""
    y, weights = graded_normal()
    times = flow_times(path, noise_max, steps)
    scale = math.hypot(path.signal(times[0]) * math.sqrt(1.0625), path.noise(times[0]))
    x = probability_flow(toy_score(path), path, scale * y, times, variance=variance, order=order).numpy()
    moments = [0.0 if n % 2 else weights @ x**n for n in range(1, 9)]
    return cumulants(np.array(moments))[1::2] / TOY.cumulants()[1::2] - 1


@pytest.mark.parametrize("path", PATHS, ids=str)
@pytest.mark.parametrize("order", [1, 2, 3, 6])
def test_probability_flow_has_its_order_on_two_peaks(path, order):
    """Errors fall by 2^order when the steps are halved, within a fifth of the order."""
    coarse, fine = (np.abs(flow_bias(path, steps, order)).max() for steps in (120, 240))
    assert np.log2(coarse / fine) == pytest.approx(order, rel=0.2)


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_probability_flow_is_precise_in_few_steps(path):
    """All four cumulants within 0.1 % in 34 evaluations, 0.2 % where it is told a wrong variance."""
    assert np.abs(flow_bias(path, 34, 4, noise_max=10.0)).max() < 1e-3
    assert np.abs(flow_bias(path, 34, 4, variance=0.8, noise_max=10.0)).max() < 2e-3


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_probability_flow_of_a_gaussian_is_exact_in_any_number_of_steps(path):
    times = flow_times(path, 30.0, 3)
    start = torch.tensor([[1.0, -2.0]], dtype=torch.float64)
    scale = math.hypot(path.signal(times[0]) * 0.7, path.noise(times[0]))
    generated = probability_flow(gaussian_score(path, 0.49), path, scale * start, times, variance=0.49)
    torch.testing.assert_close(generated, 0.7 * start)


def test_default_flows_at_24_steps_are_within_half_a_percent_in_every_mode():
    """Modes of thrice and a third of the variance that it is told, or of a spectrum that is 10 % wrong."""
    path = VarianceExploding(25.0)
    power = torch.tensor([0.3, 1.0, 3.0], dtype=torch.float64)
    times = flow_times(path, 30.0, 24)
    start = (power + path.noise(times[0]) ** 2).sqrt()
    generated = probability_flow(gaussian_score(path, power), path, start, times)
    assert (generated**2 / power - 1).abs().max() < 0.005
    measure = ModeMeasure(torch.tensor([1.1 * 1.7], dtype=torch.float64), (1,))

    def residual(x, s):
        base, true = 1.87 / (1.87 + s**2), 1.7 / (1.7 + s**2)
        return (true - base) * x / math.sqrt(1.87 * s**2 / (1.87 + s**2))

    for order, bound in {2: 5e-3, 3: 2e-4, 4: 5e-4}.items():
        one = torch.ones(1, 1, dtype=torch.float64)
        grid = latent_grid(measure, 200.0, 24)
        out = float(latent_flow(residual, measure, one, grid, lambda s: 0.0, order=order))
        assert abs(out**2 / 1.7 - 1) < bound


def test_watch_sees_the_noise_fall():
    path, noises = VarianceExploding(25.0), []
    times = flow_times(path, 10.0, 5)
    probability_flow(toy_score(path), path, torch.ones(2, 1), times, watch=lambda x, s: noises.append(s))
    assert len(noises) == 5
    assert noises[0] == pytest.approx(10.0)
    assert sorted(noises, reverse=True) == noises
