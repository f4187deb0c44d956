"""Layerwise potentials: closed forms against autograd, laws that are known, and the equation that they solve."""

import math

import numpy as np
import pytest
import torch

from emulant.contracts.study import StudyInputs
from emulant.errors import InputError
from emulant.families.layerwise_potential.fit import fit_layers, least_squares
from emulant.families.layerwise_potential.model import Model, _resampled
from emulant.families.layerwise_potential.operators import Operators
from emulant.families.layerwise_potential.studies import studies
from emulant.lattice.free import free_power
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.phi4.system import Phi4
from emulant.transport.equations import heat
from emulant.transport.equations.jets import scalar_jet
from emulant.transport.gaussian_start import GaussianStart
from tests.families.chains import transfer_matrix_log_z

SETTINGS = {
    "name": "layerwise_potential",
    "family": "layerwise_potential",
    "layers": 12,
    "fit": {"samples": 512, "rounds": 1, "path": [], "steps": 6, "metropolis_steps": 5},
    "generation": {"steps": 8, "samples": 512},
}
SHAPES = [(6,), (4, 4), (3, 5), (2, 4)]


def fitted(system, **settings):
    model = Model.build({**SETTINGS, **settings}, None, system)
    for number in range(model.rounds):
        model.fit_round(number, torch.Generator().manual_seed(number), {})
    return model


def weighed(model, system, count=4096):
    fields, log_q = model.drawn(
        count, torch.Generator().manual_seed(9), model.settings["generation"]["steps"]
    )
    return (-system.action(fields) - log_q).detach().numpy()


def some_fields(shape, count=3, seed=1):
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("tau", [0.0, 0.7])
def test_force_and_traces_are_derivatives_of_the_values(shape, tau):
    operators = Operators(torch.from_numpy(free_power(0.1, shape)))
    coefficients = torch.linspace(-1, 1, len(operators), dtype=torch.float64)
    # Two sites lie beyond the edge of the quartic operator.
    y, volume = some_fields(shape, 1), math.prod(shape)
    y[0].view(-1)[:2] = torch.tensor([1.2, -1.4]) * operators.edge
    part = operators.evaluate(y, coefficients, tau)

    def values(x):
        return operators.evaluate(x.reshape(1, *shape), coefficients, tau).values[0]

    jacobian = torch.autograd.functional.jacobian(values, y.flatten())
    torch.testing.assert_close(coefficients @ jacobian, part.force.flatten())
    square = torch.stack(
        [
            operators.filtered(unit.reshape(1, *shape), operators.gain(tau) ** 2).flatten()
            for unit in torch.eye(volume).double()
        ]
    )
    for number in range(len(operators)):
        hessian = torch.autograd.functional.hessian(lambda x, n=number: values(x)[n], y.flatten())
        torch.testing.assert_close((square * hessian).sum(), part.traces[0, number], atol=1e-9, rtol=1e-9)


def test_names_and_coefficients_go_together():
    operators = Operators(torch.from_numpy(free_power(0.1, (4, 4))))
    y = 0.7 * some_fields((4, 4))
    values = operators.evaluate(y, torch.zeros(len(operators)).double(), 0.0).values
    by_name = dict(zip(operators.names, values.T, strict=True))
    torch.testing.assert_close(by_name["square"], 0.5 * y.square().sum((1, 2)))
    torch.testing.assert_close(by_name["quartic"], y.pow(4).sum((1, 2)))
    torch.testing.assert_close(by_name["mean_square"], 8 * y.mean((1, 2)).square())
    neighbours = sum(y.roll(shift, axis) for axis in (1, 2) for shift in (1, -1))
    torch.testing.assert_close(by_name["hopping"], 0.5 * (y * neighbours).sum((1, 2)))


def test_least_squares_leaves_what_the_columns_do_not_have():
    columns = torch.randn(4000, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    other = torch.randn(4000, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    truth = torch.tensor([2.0, -1.0, 0.0], dtype=torch.float64)
    solution, left = least_squares(columns, columns @ truth + 5)
    torch.testing.assert_close(solution, truth, atol=1e-8, rtol=0)
    assert left < 1e-8
    _, left = least_squares(columns, columns @ truth + 0.5 * other)
    assert left == pytest.approx(0.5 / math.sqrt(5.25), rel=0.05)
    assert least_squares(torch.zeros(10, 2).double(), torch.zeros(10).double())[1] == 0


@pytest.mark.parametrize("kappa", [0.2, 0.24])
def test_a_free_field_is_exact(kappa):
    """No coefficient, no error: log w is -ln Z of every sample."""
    system = Phi4(kappa, 0.0, (4, 6))
    model = fitted(system)
    log_z = -0.5 * float(np.log(1 / free_power(kappa, (4, 6)) / (2 * math.pi)).sum())
    np.testing.assert_allclose(weighed(model, system, 64), log_z, rtol=1e-10)
    assert float(model.network.values.detach().abs().max()) < 1e-10


def test_a_gaussian_of_another_mass_is_solved_for():
    """Its quadratic form is no operator of the fit but at tau = 0: nearly exact all the same, and ln Z is known."""
    inverse, wrong = 1 / free_power(0.22, (6, 6)), 1 / free_power(0.22, (6, 6)) + 0.3
    target = GaussianStart(torch.from_numpy(inverse))
    model = Model({**SETTINGS, "layers": 24}, GaussianStart(torch.from_numpy(wrong)))
    fields = target.sample(512, torch.Generator().manual_seed(1)).double()
    interaction = target.action(fields) - model.start.action(fields)
    fit = fit_layers(model.operators, model.network, fields, interaction, some_fields((6, 6), 512))
    assert fit.residual < 1e-8
    with torch.no_grad():
        model.network.values.copy_(fit.values)
        model.network.slopes.copy_(fit.slopes)
    log_weight = weighed(model, target, 1024)
    assert effective_fraction(log_weight)[0] > 0.99
    assert minus_log_mean(log_weight)[0] == pytest.approx(-target.log_normalisation, abs=0.01)


@pytest.fixture(scope="module")
def interacting():
    system = Phi4(0.22, 0.3, (4, 4))
    return fitted(system), system


def test_log_q_is_that_of_the_map(interacting):
    """Against the determinant of the Jacobian, to what 12 steps leave."""
    model, _ = interacting
    latent = some_fields((4, 4), 1)
    jacobian = torch.autograd.functional.jacobian(
        lambda w: model.flow.fields_of(w[None], 12)[0][0], latent[0], vectorize=True
    )
    _, log_q = model.flow.fields_of(latent, 12)
    log_normal = -0.5 * float(latent.square().sum()) - 8 * math.log(2 * math.pi)
    expected = log_normal - float(torch.linalg.slogdet(jacobian.reshape(16, 16)).logabsdet)
    assert float(log_q.detach()) == pytest.approx(expected, abs=1e-4)


def test_log_density_is_that_of_the_samples(interacting):
    model, _ = interacting
    fields, log_q = model.drawn(8, torch.Generator().manual_seed(1), 8)
    torch.testing.assert_close(model.log_density(fields), log_q.detach(), atol=1e-3, rtol=0)


def test_the_jet_has_the_derivatives_of_the_potential(interacting):
    """Closed forms beside autograd and differences in tau; up to the normaliser, as S_tau is."""
    model, _ = interacting
    operators, layers = model.operators, model.network
    depth, x = 0.4 * layers.deepest, some_fields((4, 4))

    def action(fields, tau):
        gaussian = 0.5 * (fields * operators.filtered(fields, 1 / (operators.power + tau))).sum((1, 2))
        constant = 0.5 * float((operators.multiplicity * (operators.power + tau).log()).sum())
        theta = layers(math.log1p(tau / layers.softening))
        y = operators.filtered(fields, operators.gain(tau))
        return gaussian + constant + operators.evaluate(y, theta, tau).values @ theta

    closed, automatic = model.flow.jet(x, depth), scalar_jet(action, x, layers.time(depth))
    for name in ("slope", "gradient", "laplacian"):
        torch.testing.assert_close(
            getattr(closed, name).detach(), getattr(automatic, name), atol=1e-6, rtol=1e-6
        )


def test_layers_are_the_average_over_noise(interacting):
    """Cole and Hopf, by 8 x 10^4 draws: differences of S_tau between fields to four errors and 1 % of their spread."""
    model, system = interacting
    depth = 0.3 * model.network.deepest
    tau = model.network.time(depth)
    base = some_fields((4, 4), 4) * 0.7
    noise = some_fields((4, 4), 80_000, seed=3)
    exact = heat.cole_hopf(system.action, base, tau, noise)
    halves = [heat.cole_hopf(system.action, base, tau, part) for part in noise.split(40_000)]
    error = float((halves[0] - halves[1]).abs().max())
    operators = model.operators
    y = operators.filtered(base, operators.gain(tau))
    theta = model.network(depth)
    gaussian = 0.5 * (base * operators.filtered(base, 1 / (operators.power + tau))).sum((1, 2))
    fit = (gaussian + operators.evaluate(y, theta, tau).values @ theta).detach()
    difference = (fit - exact) - (fit - exact).mean()
    assert float(difference.abs().max()) < 4 * error + 0.01 * float(exact.std())


def test_ln_z_of_a_chain_is_that_of_its_transfer_matrix():
    """Kappa = 0.3, lambda = 0.2, eight sites, from the action alone: to four errors."""
    system = Phi4(0.3, 0.2, (8,))
    log_weight = weighed(fitted(system), system, 8192)
    value, error = minus_log_mean(log_weight)
    assert effective_fraction(log_weight)[0] > 0.97
    assert abs(value + transfer_matrix_log_z(0.3, 0.2, 8)) < 4 * error < 0.01


@pytest.mark.parametrize(("kappa", "least"), [(0.2, 0.999), (0.24, 0.99)])
def test_effective_fractions_of_the_symmetric_phase(kappa, least):
    """8 x 8, lambda = 0.022; asked for were 0.95 and 0.8."""
    system = Phi4(kappa, 0.022, (8, 8))
    assert effective_fraction(weighed(fitted(system), system, 1024))[0] > least


def test_a_path_of_actions_leads_to_a_strong_coupling():
    """E1 of 1904.12072 with a third and two thirds of the interaction before; -ln Z does not move with the steps."""
    system = Phi4(0.267739776301, 0.5, (6, 6))
    model = fitted(system, fit={**SETTINGS["fit"], "path": [0.3, 0.6]})
    log_weight = weighed(model, system, 512)
    value, error = minus_log_mean(log_weight)
    assert effective_fraction(log_weight)[0] > 0.9
    model.settings = {**model.settings, "generation": {"steps": 24, "samples": 512}}
    assert abs(minus_log_mean(weighed(model, system, 512))[0] - value) < 0.2 * error


def test_too_few_layers_are_said():
    """Strong coupling at once in four steps: the coefficients are no numbers."""
    with pytest.raises(InputError, match="layers: expected enough layers"):
        fitted(Phi4(0.2677, 2.0, (4, 4)), layers=4)


def test_fields_that_ran_away_are_not_drawn():
    log_weight = torch.tensor([0.0, math.nan, math.inf, -math.inf, 1.0], dtype=torch.float64)
    drawn = _resampled(torch.arange(5.0), log_weight, torch.Generator().manual_seed(1))
    assert set(drawn.tolist()) <= {0.0, 4.0}


def inputs_of(model, **settings):
    return StudyInputs(settings, 3, None, {"layerwise_potential": model})


def test_layers_obey_their_equation(interacting):
    """At each layer; as the exact one loses a tenth of its coefficients it does not. Entropy grows as the identity says."""
    model, system = interacting
    table = studies["layers"](system, inputs_of(model)).table
    assert table["residual"].max() < 0.02
    np.testing.assert_allclose(table["entropy_rate"], table["laplacian"], rtol=0.05)
    assert list(table.columns[-len(model.operators) :]) == model.operators.names
    wrong = Model(model.settings, model.start, system)
    wrong.load_state_dict(model.state_dict())
    with torch.no_grad():
        wrong.network.values.mul_(0.9)
    assert studies["layers"](system, inputs_of(wrong)).table["residual"][0] > 3 * table["residual"].max()


def test_a_few_metropolis_steps_close_what_is_left():
    """A model that stopped on its way, at a third of the interaction: steps repair what raw averages have wrong.

    <phi^2> and <S>/V are 0.5248(9) and 0.3087(8), of 8192 samples of a fit to the end whose effective fraction is 0.998.
    """
    system = Phi4(0.2, 0.3, (8, 8))
    fit, generation = {**SETTINGS["fit"], "path": [0.3]}, {"steps": 8, "samples": 1024}
    halfway = Model.build({**SETTINGS, "fit": fit, "generation": generation}, None, system)
    halfway.fit_round(0, torch.Generator().manual_seed(1), {})
    result = studies["closure"](system, inputs_of(halfway, steps=30))
    rows = result.table.set_index(["variant", "quantity"])
    for quantity, right, uncertain in (("field_squared", 0.5248, 9e-4), ("action_density", 0.3087, 8e-4)):
        pull = {
            variant: (rows.loc[(variant, quantity), "value"] - right)
            / np.hypot(rows.loc[(variant, quantity), "error"], uncertain)
            for variant in ("raw", "metropolis")
        }
        assert abs(pull["metropolis"]) < 4 < abs(pull["raw"])
        # By how much values are wrong is told by the fields' own weights, raw and after the steps.
        for variant in pull:
            row = rows.loc[(variant, quantity)]
            error = np.hypot(rows.loc[("weighted", quantity), "error"], uncertain)
            assert abs(row["value"] - row["bias"] - right) < 4 * np.hypot(error, row["bias_error"])
    assert 0.3 < result.record["acceptance"] < 0.9
