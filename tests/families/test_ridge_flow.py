"""The ridge flow: closed forms against autograd and differences, symmetry of the law, and ln Z that is known."""

import math

import numpy as np
import pytest
import torch

from emulant.families.ridge_flow.model import Model
from emulant.networks.ridges.channels import Channels
from emulant.networks.ridges.integration import integrated_backward, integrated_forward
from emulant.networks.ridges.least_squares import gauss_newton_step
from emulant.networks.ridges.momenta import basis, half_weights, momentum_squared
from emulant.networks.ridges.velocity import chebyshev
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.phi4.system import Phi4
from emulant.transport.gaussian_start import half_modes
from tests.families.chains import transfer_matrix_log_z

SETTINGS = {
    "name": "ridge_flow",
    "family": "ridge_flow",
    "hats": 4,
    "shells": 1,
    "polynomials": 2,
    "fit": {"samples": 512, "rounds": 3, "path": [0.3, 0.6], "steps": 6, "ridge": 1e-3},
    "generation": {"steps": 12},
}
SHAPES = [(6,), (4, 4), (6, 4), (3, 5)]


def model_of(shape=(4, 4), kappa=0.2, coupling=0.3, *, deviation=0.0, **settings):
    """A model in double precision with weights by chance."""
    model = Model.build(
        {**SETTINGS, "surroundings": [2.0], **settings}, None, Phi4(kappa, coupling, shape)
    ).double()
    torch.manual_seed(5)
    with torch.no_grad():
        model.network.theta.copy_(deviation * torch.randn_like(model.network.theta))
    return model


def fields_of(model, count=3, seed=1):
    return model.start.sample(count, torch.Generator().manual_seed(seed)).double()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_basis_divides_momenta_among_its_functions(shape):
    functions = basis(shape, 4, 1)
    assert torch.allclose(functions.sum(0), torch.ones(functions.shape[1:], dtype=torch.float64))
    assert functions[0].sum() == 1 and functions[0].flatten()[0] == 1
    shell = momentum_squared(shape)[functions[1] > 0]
    assert len(shell) and (shell - shell[0]).abs().max() < 1e-12


@pytest.mark.parametrize("shape", SHAPES)
def test_half_weights_count_every_mode_of_the_full_transform(shape):
    assert half_weights(shape).sum() == math.prod(shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_filtered_fields_have_unit_variance_under_the_gaussian(shape):
    """By the sum over modes; the field itself is checked by 20000 draws in test_gaussian_start.py."""
    model = model_of(shape)
    channels: Channels = model.velocity.channels
    power = half_modes(1 / model.start.inverse_power)
    variance = (half_weights(shape) * power * channels.filters.double() ** 2).flatten(1).sum(1)
    np.testing.assert_allclose(variance / math.prod(shape), 1, rtol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_divergence_is_the_trace_of_the_jacobian(shape):
    model = model_of(shape, deviation=0.2)
    field, kernels = fields_of(model, 1), model.schedule(0.3)
    jacobian = torch.autograd.functional.jacobian(
        lambda x: model.velocity.rates(x[None], kernels)[0][0], field[0]
    )
    volume = math.prod(shape)
    _, divergence = model.velocity.rates(field, kernels)
    assert float(divergence.detach()) == pytest.approx(
        float(jacobian.reshape(volume, volume).trace()), rel=1e-9
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_the_score_obeys_its_equation(shape):
    """ds/dt along the flow is minus the gradient of div v, minus s^T dv/dphi."""
    model = model_of(shape, deviation=0.2)
    field, kernels = fields_of(model, 1).requires_grad_(), model.schedule(0.7)
    score = torch.randn(field.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    v, divergence = model.velocity.rates(field, kernels)
    (gradient,) = torch.autograd.grad(divergence.sum() + (score * v).sum(), field)
    *_, slope = model.velocity.rates_with_score(field, score, kernels)
    torch.testing.assert_close(slope, -gradient, rtol=1e-9, atol=1e-9)


def test_log_q_is_that_of_the_map():
    """Against the determinant of the Jacobian of the whole map, to what 24 steps leave."""
    model = model_of(deviation=0.1, generation={"steps": 24})
    latent = fields_of(model, 1)

    def mapped(x):
        return integrated_forward(model.velocity, model.schedule, x[None], 24)[0][0]

    jacobian = torch.autograd.functional.jacobian(mapped, latent[0]).reshape(16, 16)
    _, change = integrated_forward(model.velocity, model.schedule, latent, 24)
    assert float(change.detach()) == pytest.approx(-float(torch.linalg.slogdet(jacobian).logabsdet), abs=1e-6)


def test_the_flow_is_inverted():
    model = model_of(deviation=0.1)
    latents = fields_of(model)
    fields, change = integrated_forward(model.velocity, model.schedule, latents, 24)
    again, same = integrated_backward(model.velocity, model.schedule, fields, 24)
    torch.testing.assert_close(again, latents, atol=1e-5, rtol=0)
    torch.testing.assert_close(same, change, atol=1e-5, rtol=0)
    model.settings["generation"] = {"steps": 24}
    torch.testing.assert_close(
        model.log_density(fields), model.start.log_density(latents) + change, atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("entry", [(0, 0, 0), (1, 2, 1), (5, 3, 0), (12, 0, 1), (9, 4, 1)])
def test_responses_are_derivatives_of_log_q_at_a_fixed_field(entry):
    """Central differences of log q at the field where the flow ended; the integral has 48 midpoints."""
    model = model_of(deviation=0.1, fit={**SETTINGS["fit"], "steps": 48}, generation={"steps": 48})
    ended = model._responding(fields_of(model, 6))
    size, (channel, function, polynomial) = 1e-4, entry
    sides = []
    for sign in (1, -1):
        with torch.no_grad():
            model.network.theta[entry] += sign * size
            sides.append(model.log_density(ended.fields))
            model.network.theta[entry] -= sign * size
    theta = model.network.theta
    column = (channel * theta.shape[1] + function) * theta.shape[2] + polynomial
    difference = (sides[0] - sides[1]) / (2 * size)
    torch.testing.assert_close(ended.responses[:, column], difference, rtol=2e-3, atol=2e-3)


def test_the_law_has_the_symmetries_of_the_action():
    """Noise of the other sign, moved, reflected or exchanged gives the field of the other sign, moved, ..."""
    model = model_of(deviation=0.2)
    latents = fields_of(model)
    ended, change = integrated_forward(model.velocity, model.schedule, latents, 6)
    for symmetry in (
        lambda x: -x,
        lambda x: x.roll(1, 1),
        lambda x: x.roll(-1, 2),
        lambda x: x.flip(2),
        lambda x: x.transpose(1, 2),
    ):
        moved, same = integrated_forward(model.velocity, model.schedule, symmetry(latents), 6)
        torch.testing.assert_close(moved, symmetry(ended))
        torch.testing.assert_close(same, change)


def test_without_weights_it_is_the_gaussian():
    model = model_of()
    samples = model.sample(64, torch.Generator().manual_seed(1))
    latents = model.start.sample(64, torch.Generator().manual_seed(1))
    torch.testing.assert_close(samples.values, latents.to(samples.values))
    torch.testing.assert_close(samples.log_q, model.start.log_density(latents))


def test_chebyshev_polynomials():
    for x in (-1.0, -0.3, 0.0, 0.8, 1.0):
        expected = [np.polynomial.chebyshev.chebval(x, np.eye(5)[n]) for n in range(5)]
        np.testing.assert_allclose(chebyshev(x, 5), expected, atol=1e-12)


def test_a_gauss_newton_step_solves_a_linear_problem():
    """Where log w is linear in the weights one step finds them, but for the ridge; columns that vanish do no harm."""
    rng = torch.Generator().manual_seed(3)
    responses = torch.randn(2000, 6, generator=rng, dtype=torch.float64) * torch.tensor([1, 5, 0.1, 0, 0, 0])
    step = gauss_newton_step(responses, responses @ torch.tensor([1.0, -2, 3, 0, 0, 0]).double() + 7, 2, 1e-9)
    torch.testing.assert_close(step, torch.tensor([1.0, -2, 3, 0, 0, 0]).double(), atol=1e-4, rtol=1e-4)


def test_ln_z_of_a_chain_is_that_of_its_transfer_matrix():
    """Kappa = 0.4, lambda = 0.3, eight sites: the flow, fitted to the action, to four errors."""
    system = Phi4(0.4, 0.3, (8,))
    model = Model.build(SETTINGS, None, system)
    for number in range(model.rounds):
        model.fit_round(number, torch.Generator().manual_seed(number), {})
    samples = model.sample(8192, torch.Generator().manual_seed(9))
    log_weight = (-system.action(samples.values) - samples.log_q).numpy()
    value, error = minus_log_mean(log_weight)
    assert effective_fraction(log_weight)[0] > 0.99
    assert abs(value + transfer_matrix_log_z(0.4, 0.3, 8)) < 4 * error < 0.01


def test_ln_z_does_not_move_with_the_steps_of_the_integrator():
    """Half and twice the steps of a generation, the same noise: less than 0.07 errors of ln Z (0.2 of 4096 samples)."""
    system = Phi4(0.2, 0.3, (4, 4))
    model = Model.build(SETTINGS, None, system)
    for number in range(model.rounds):
        model.fit_round(number, torch.Generator().manual_seed(number), {})
    values = []
    for steps in (12, 24, 48):
        model.settings["generation"] = {"steps": steps}
        samples = model.sample(512, torch.Generator().manual_seed(9))
        values.append(minus_log_mean((-system.action(samples.values) - samples.log_q).numpy()))
    assert max(abs(value - values[0][0]) for value, _ in values) < 0.07 * values[0][1]
