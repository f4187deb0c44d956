"""The latent flow against exact Gaussian fields: no Monte Carlo where a linear recursion will do."""

import math

import pytest
import torch

from emulant.transport.likelihood import log_likelihood
from emulant.transport.measures import ModeMeasure
from emulant.transport.metropolis import metropolis_adjusted_langevin
from emulant.transport.order_parameter import SymmetricMixture
from emulant.transport.solvers import latent_flow, latent_grid

SHAPE = (8, 8)


def free_power(kappa):
    cosine = torch.cos(2 * math.pi * torch.arange(8, dtype=torch.float64) / 8)
    return 1 / (2 - 4 * kappa * (cosine[:, None] + cosine[None, :5]))


def wrong_residual(measure, power):
    """F of a Gaussian target `power` on top of a measure with another spectrum."""

    def residual(x, s):
        s = float(s) if not torch.is_tensor(s) else float(s.flatten()[0])
        base, true = measure.power / (measure.power + s**2), power / (power + s**2)
        gain = (measure.power * s**2 / (measure.power + s**2)).sqrt()
        return measure.filtered(x, (true - base) / gain)

    return residual


def variance_ratio(steps, distortion, start=30.0, **options):
    """Power of each mode after the flow over the true one: the flow is linear, so one field of unit modes tells all."""
    power = free_power(0.24)
    measure = ModeMeasure(power * distortion, SHAPE)
    noise = start * float(measure.power.max().sqrt())
    latent = torch.zeros(1, *SHAPE, dtype=torch.float64)
    latent[0, 0, 0] = math.sqrt(64)
    residual = wrong_residual(measure, power)
    out = latent_flow(residual, measure, latent, latent_grid(measure, noise, steps), lambda s: 0.0, **options)
    return (measure.transform(out)[0].abs() ** 2 / power).flatten()


def test_exact_for_any_number_of_steps_where_the_spectrum_is_right():
    torch.testing.assert_close(variance_ratio(3, 1.0), torch.ones(40, dtype=torch.float64))


@pytest.mark.parametrize("distortion", [0.9, 1.1])
def test_a_spectrum_ten_percent_wrong_is_corrected_within_half_a_percent(distortion):
    assert (variance_ratio(8, distortion) - 1).abs().max() < 0.005


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_declared_order(order):
    """Half the step, 2^-order of the error; from so high a noise that the start's own error, 1/start^2, is none."""
    errors = [
        float((variance_ratio(steps, 1.1, start=1e4, order=order) - 1).abs().max()) for steps in (80, 160)
    ]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.25)


def two_phase_measure():
    shares = torch.tensor([0.25, 0.5, 0.25])
    mixture = SymmetricMixture(torch.tensor([20.0, 22.0, 24.0]), shares, 1.5)
    power = free_power(0.2)
    power[0, 0] = float((mixture.weights * mixture.centres**2).sum()) + mixture.width**2
    return ModeMeasure(power, SHAPE, mixture)


@pytest.mark.parametrize("noise", [0.0, 0.5, 5.0, 60.0])
def test_latent_round_trip_and_normality(noise):
    measure = two_phase_measure()
    latent = torch.randn(2000, *SHAPE, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    fields = measure.from_latent(latent, noise)
    torch.testing.assert_close(measure.to_latent(fields, noise), latent, atol=2e-5, rtol=0)


def test_the_mixture_is_fitted_and_flows_as_it_should():
    generator = torch.Generator().manual_seed(4)
    samples = 3.0 * torch.sign(torch.rand(40000, generator=generator) - 0.5) + 0.4 * torch.randn(
        40000, generator=generator
    )
    mixture = SymmetricMixture.fit(samples)
    second = float((mixture.weights * mixture.centres**2).sum()) + mixture.width**2
    assert second == pytest.approx(float((samples.double() ** 2).mean()), rel=1e-5)
    noisy, s, step = torch.tensor([0.3, 1.0, 2.5], dtype=torch.float64), 0.8, 1e-4
    moved = mixture.from_latent(mixture.to_latent(noisy, s), s + step)
    velocity = (noisy - mixture.posterior_mean(noisy, torch.tensor(s))) / s
    torch.testing.assert_close((moved - noisy) / step, velocity, atol=2e-3, rtol=2e-3)


@pytest.mark.parametrize("probes", [None, 400])
def test_likelihood_of_a_gaussian_field(probes):
    power = free_power(0.2)
    measure = ModeMeasure(power * 1.1, SHAPE)
    generator = torch.Generator().manual_seed(5)
    white = torch.randn(4, *SHAPE, dtype=torch.float64, generator=generator)
    fields = measure.filtered(white, power.sqrt())
    grid = latent_grid(measure, 60.0, 40)
    log_q, error = log_likelihood(
        wrong_residual(measure, power),
        measure,
        fields,
        grid,
        lambda s: 0.0,
        probes=probes,
        generator=generator,
    )
    multiplicity = torch.tensor([1.0, 2.0, 2.0, 2.0, 1.0], dtype=torch.float64)
    exact = (
        -0.5 * white.square().flatten(1).sum(1)
        - 0.5 * (power.log() * multiplicity).sum()
        - 32 * math.log(2 * math.pi)
    )
    assert (log_q - exact).abs().max() < (0.01 if probes is None else 0.01 + 5 * float(error.max()))
    assert float(error.max()) < 0.05


def test_langevin_with_metropolis_repairs_a_wrong_ensemble():
    power = free_power(0.2)
    measure = ModeMeasure(power, SHAPE)
    generator = torch.Generator().manual_seed(6)
    start = 1.05 * measure.filtered(
        torch.randn(4000, *SHAPE, dtype=torch.float64, generator=generator), power.sqrt()
    )
    closure = metropolis_adjusted_langevin(
        start,
        lambda x: 0.5 * (x * measure.filtered(x, 1 / power)).flatten(1).sum(1),
        lambda x: measure.filtered(x, 1 / power),
        measure,
        steps=120,
        generator=generator,
    )
    energy = 0.5 * (closure.fields * measure.filtered(closure.fields, 1 / power)).flatten(1).sum(1)
    error = float(energy.std() / math.sqrt(4000))
    assert abs(float(energy.mean()) - 32) < 5 * error
    assert 0.4 < closure.acceptance < 0.75
