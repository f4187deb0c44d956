"""Rounds of the ridge flow's fit: no step is too long, no part of the path left out, no fit saved that did not arrive."""

import pytest
import torch

from emulant.errors import InputError
from emulant.families.ridge_flow.model import Model
from emulant.families.ridge_flow.rounds import REACH, Drawn, length_of
from emulant.networks.ridges.least_squares import gauss_newton_step
from emulant.systems.phi4.system import Phi4
from tests.families.test_ridge_flow import SETTINGS

STRONG = (0.300150112594, 0.5, (10, 10))
"""E3 of arXiv:1904.12072, whose weights vary by far more than REACH before the fit."""


def model_at(kappa, coupling, shape, **settings):
    return Model.build({**SETTINGS, **settings}, None, Phi4(kappa, coupling, shape))


def spread(model, seed=1):
    """Variance of ln w at the action itself."""
    return model._spread(1.0, torch.Generator().manual_seed(seed))


def test_columns_of_rounding_are_not_fitted():
    """A column of 1e-8 takes no weight, whatever it correlates with."""
    rng = torch.Generator().manual_seed(3)
    columns = torch.randn(500, 3, generator=rng, dtype=torch.float64)
    columns[:, 2] = 1e-8 * columns[:, 0]
    step = gauss_newton_step(columns, columns @ torch.tensor([1.0, -2.0, 0.0]).double(), 1, 1e-9)
    torch.testing.assert_close(step, torch.tensor([1.0, -2, 0]).double(), atol=1e-6, rtol=0)


def test_waves_of_a_constant_field_have_no_weight_on_any_lattice():
    """Of seven sites the transform of a constant field is 0 but for rounding: sines of the mean take the zero mode alone."""
    model = model_at(0.4, 0.3, (7,), fit=SETTINGS["fit"] | {"samples": 128})
    model.fit_round(0, torch.Generator().manual_seed(1), {})
    means = model.network.theta[[6, 12]]
    assert means[:, 0].abs().max() > 1e-3 and not means[:, 1:].any()
    assert model.network.theta.abs().max() < 10


def test_a_round_goes_as_far_as_a_step_may():
    """ln w of variance 9 t^2, and about t = 0.4 where a flow is fitted there; never beyond what is asked for."""
    noise = torch.randn(100000, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    steep = 10 * (noise - noise.mean()) / noise.std()
    assert Drawn(torch.zeros_like(steep), steep).furthest(1.0) == pytest.approx(REACH**0.5 / 10, rel=1e-3)
    assert Drawn(-0.4 * steep, steep).furthest(1.0) == pytest.approx(0.4 + REACH**0.5 / 10, rel=1e-3)
    assert Drawn(-0.4 * steep, steep).furthest(0.5) == 0.5
    far = Drawn(torch.randn(100000, dtype=torch.float64) * 9 - 0.4 * steep, steep)
    assert far.furthest(1.0) == pytest.approx(0.4, abs=0.02)


def test_steps_at_the_end_of_the_path_average():
    """Full at first; then each weighs as much as all estimates since the last full one."""
    assert [length_of(number) for number in range(7)] == [1, 1, 1, 1, 1 / 2, 1 / 3, 1 / 4]


@pytest.mark.parametrize("harm", [100.0, float("nan")])
def test_a_step_that_does_harm_is_not_taken(harm):
    model = model_at(0.4, 0.3, (8,))
    with torch.no_grad():
        model.network.theta += 0.01
    before = model.network.theta.clone()
    model._take(torch.full_like(before, harm), 1.0, 0.5, torch.Generator().manual_seed(1))
    assert torch.equal(model.network.theta, before)


def test_a_step_that_is_too_long_is_halved():
    """Four times the Gauss-Newton step does harm, a half or a quarter of it does not."""
    model, generator = model_at(0.4, 0.3, (8,)), torch.Generator().manual_seed(1)
    before = spread(model)
    with torch.no_grad():
        drawn, responses = model._fitted_on(generator)
    step = gauss_newton_step(responses, drawn.log_weight(1.0), SETTINGS["polynomials"], 1e-3)
    model._take(4 * step, 1.0, before, generator)
    assert spread(model) < 1.5 * before
    assert float(model.network.theta.detach().norm()) < 2.1 * float(step.norm())


def test_a_fit_that_did_not_arrive_is_not_saved():
    """Weights of the Gaussian itself vary by far too much at E3, and little at weak coupling; no rounds promise nothing."""
    generator = torch.Generator().manual_seed(1)
    with pytest.raises(InputError, match="fit"):
        model_at(*STRONG).calibrate(None, generator)
    model_at(*STRONG, fit=SETTINGS["fit"] | {"rounds": 0, "path": []}).calibrate(None, generator)
    model_at(0.2, 0.022, (4, 4)).calibrate(None, generator)


def test_weights_that_are_no_numbers_are_not_saved():
    model = model_at(0.2, 0.022, (4, 4))
    with torch.no_grad():
        model.network.theta.fill_(float("nan"))
    with pytest.raises(InputError, match="nan"):
        model.calibrate(None, torch.Generator().manual_seed(1))
