"""Likelihoods of the latent flow: in zero dimensions against closed forms, and the error of the random trace."""

import math

import numpy as np
import pytest
import torch

from emulant.systems.quartic_well.system import QuarticWell
from emulant.systems.two_peak.system import TwoPeak
from emulant.transport.likelihood import log_likelihood, sparse_signs
from emulant.transport.measures import ModeMeasure
from emulant.transport.solvers import latent_grid

SYSTEMS = [TwoPeak(), TwoPeak(0.5, 0.5), QuarticWell(1.0, 0.4), QuarticWell(-0.3, 1.0)]


def exact_residual(system, variance):
    """F of the system's own denoiser over a Gaussian base, differentiable: the derivative by central differences."""

    class Residual(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, s):
            ctx.save_for_backward(x)
            ctx.noise = s
            return value(x, s)

        @staticmethod
        def backward(ctx, gradient):
            (x,) = ctx.saved_tensors
            h = 1e-4
            return gradient * (value(x + h, ctx.noise) - value(x - h, ctx.noise)) / (2 * h), None

    def value(x, s):
        total = variance + s**2
        denoised = torch.as_tensor(system.denoiser(x.numpy(), 1.0, s))
        return (denoised - variance * x / total) * math.sqrt(total) / (math.sqrt(variance) * s)

    return lambda x, noise: Residual.apply(x, float(noise.flatten()[0]))


@pytest.mark.parametrize("system", SYSTEMS, ids=str)
def test_log_q_of_an_exact_model_is_log_p(system):
    """Within 0.02 with 100 steps where p > 1e-3, and four times nearer with twice as many: second order."""
    variance = float(system.moments()[1])
    measure = ModeMeasure(torch.tensor([variance], dtype=torch.float64), (1,))
    x = torch.linspace(-4, 4, 81, dtype=torch.float64)[:, None] * math.sqrt(variance)
    log_p = torch.as_tensor(np.asarray(system.log_density(x.numpy())))[:, 0]
    x, log_p = x[log_p > math.log(1e-3)], log_p[log_p > math.log(1e-3)]

    def worst(steps):
        log_q, error = log_likelihood(
            exact_residual(system, variance),
            measure,
            x,
            latent_grid(measure, 30 * math.sqrt(variance), steps),
            lambda s: 0.0,
            probes=None,
            generator=torch.Generator().manual_seed(1),
        )
        assert torch.all(error == 0)
        return float((log_q - log_p).abs().max())

    coarse, fine = worst(100), worst(200)
    assert coarse < 0.02
    assert 3 < coarse / fine < 5


def curved_residual(x, noise):
    """A local, nonlinear F whose Jacobian has entries off the diagonal."""
    s = noise.reshape(-1, 1, 1)
    near = x.roll(1, 1) + x.roll(1, 2) + x.roll((1, 1), (1, 2))
    return 0.3 * s / (1 + s**2) * torch.tanh(x + 0.5 * near)


def test_the_error_of_the_random_trace_is_calibrated():
    """Pulls of 150 likelihoods against their exact traces: mean 0 and variance 1 within 4.5 standard errors.

    Seven vectors are signs on all sites; more would leave out the neighbours, and so all noise of this F.
    """
    measure, count = ModeMeasure(torch.ones(4, 3, dtype=torch.float64), (4, 4)), 150
    generator = torch.Generator().manual_seed(2)
    grid = latent_grid(measure, 20.0, 5)

    def run(field, probes):
        return log_likelihood(
            curved_residual, measure, field, grid, lambda s: 0.0, probes=probes, generator=generator
        )

    pulls = []
    for _ in range(count):
        field = torch.randn(1, 4, 4, dtype=torch.float64, generator=generator)
        (estimate, error), (exact, _) = run(field, 7), run(field, None)
        pulls.append(float((estimate - exact) / error))
    assert abs(np.mean(pulls)) < 4.5 / math.sqrt(count)
    assert abs(np.var(pulls) - 1) < 4.5 * math.sqrt(2 / count)


@pytest.mark.parametrize(
    ("shape", "probes", "stride"),
    [((8, 8), 40, 4), ((8, 8), 8, 2), ((6, 8), 40, 2), ((16,), 9, 4), ((5, 5), 3, 1)],
)
def test_signs_on_every_kth_site_have_no_noise_from_nearer_sites(shape, probes, stride):
    """J couples sites that are nearer than k: every draw has its trace. One that couples sites k apart gives noise."""
    generator = torch.Generator().manual_seed(4)
    signs = sparse_signs(torch.zeros(1, *shape, dtype=torch.float64), probes, generator)
    assert signs.shape[1] == stride ** len(shape) and 2 <= len(signs) <= probes // stride ** len(shape)
    diagonal = torch.randn(shape, dtype=torch.float64, generator=generator)

    def estimates(distance):
        applied = diagonal * signs + signs.roll(distance, -1)
        return (signs * applied).flatten(2).sum((1, 2))

    for distance in range(1, stride):
        torch.testing.assert_close(estimates(distance), diagonal.sum().expand(len(signs)))
    assert float((estimates(stride) - diagonal.sum()).abs().max()) > 0.5
