"""Every row of the ladder: zero on exact laws, far from it on a wrong path, a wrong score or a wrong velocity."""

import numpy as np
import pytest
import torch

from emulant.lattice.free import free_power
from emulant.transport.equations import continuity, fokker_planck
from emulant.transport.equations.gaussian import GaussianField
from emulant.transport.equations.jets import VectorJet, scalar_jet, time_slope, vector_jet
from emulant.transport.equations.traces import Probes
from emulant.transport.paths import LinearBeta, LinearInterpolant, VarianceExploding, VariancePreserving
from tests.transport.equations.laws import quartic, two_peaks

PATHS = [VarianceExploding(5.0), VariancePreserving(LinearBeta(0.1, 5.0)), LinearInterpolant()]
WRONG = {PATHS[0]: VarianceExploding(6.0), PATHS[1]: VariancePreserving(LinearBeta(0.1, 6.0))}
TIMES = (0.3, 0.7)
POINTS = torch.linspace(-2.5, 2.5, 11, dtype=torch.float64)[:, None]
LAWS = {"two peaks": two_peaks, "quartic": quartic, "double well": lambda path: quartic(path, -1.0, 3.0)}
EXACT, WRONGNESS = 1e-7, 1e-2
"""Residuals over the size of the time derivative: below the first on exact laws, above the second on wrong ones."""

every_path = pytest.mark.parametrize("path", PATHS, ids=lambda path: type(path).__name__)
every_law = pytest.mark.parametrize("law", LAWS)


def relative(residual, slope):
    """Root mean square of the residual over that of the time derivative."""
    return float(residual.square().mean().sqrt() / slope.square().mean().sqrt())


def score_of(law, t):
    return vector_jet(law.score, POINTS, t)


def velocity_of(law, t):
    return vector_jet(law.velocity, POINTS, t)


@every_path
@every_law
@pytest.mark.parametrize("t", TIMES)
class TestExactLaws:
    def test_action(self, path, law, t):
        jet = scalar_jet(LAWS[law](path).action, POINTS, t)
        assert relative(fokker_planck.action_residual(path, jet, POINTS, t), jet.slope) < EXACT

    def test_score(self, path, law, t):
        jet = score_of(LAWS[law](path), t)
        assert relative(fokker_planck.score_residual(path, jet, POINTS, t), jet.slope) < EXACT

    def test_velocity(self, path, law, t):
        jet = velocity_of(LAWS[law](path), t)
        size = jet.divergence_gradient + jet.slope
        assert relative(fokker_planck.velocity_residual(path, jet, POINTS, t), size) < EXACT

    def test_continuity(self, path, law, t):
        exact = LAWS[law](path)
        action, score, velocity = (
            scalar_jet(exact.action, POINTS, t),
            score_of(exact, t),
            velocity_of(exact, t),
        )
        assert relative(continuity.action_residual(action, velocity), action.slope) < EXACT
        assert relative(continuity.score_residual(score, velocity), score.slope) < EXACT


@every_law
@pytest.mark.parametrize("t", TIMES)
class TestWrongLaws:
    @pytest.mark.parametrize("path", list(WRONG), ids=lambda path: type(path).__name__)
    def test_another_schedule(self, path, law, t):
        """The law of one path in the equations of another with a fifth more noise."""
        exact, other = LAWS[law](path), WRONG[path]
        action, score, velocity = (
            scalar_jet(exact.action, POINTS, t),
            score_of(exact, t),
            velocity_of(exact, t),
        )
        residuals = {
            "action": (fokker_planck.action_residual(other, action, POINTS, t), action.slope),
            "score": (fokker_planck.score_residual(other, score, POINTS, t), score.slope),
            "velocity": (fokker_planck.velocity_residual(other, velocity, POINTS, t), velocity.slope),
        }
        assert all(relative(*pair) > WRONGNESS for pair in residuals.values())

    @every_path
    def test_a_score_a_tenth_too_large(self, path, law, t):
        score = vector_jet(lambda x, time: 1.1 * LAWS[law](path).score(x, time), POINTS, t)
        assert relative(fokker_planck.score_residual(path, score, POINTS, t), score.slope) > WRONGNESS

    @every_path
    def test_a_score_with_a_ripple(self, path, law, t):
        """A factor alone would carry a Gaussian, along whose velocity any multiple of its score is carried."""
        exact = LAWS[law](path)
        score = vector_jet(lambda x, time: exact.score(x, time) + 0.3 * torch.sin(2 * x), POINTS, t)
        assert relative(continuity.score_residual(score, velocity_of(exact, t)), score.slope) > WRONGNESS

    @every_path
    def test_the_law_of_other_data(self, path, law, t):
        """A velocity of the same path from peaks elsewhere does not carry this law, though it carries its own."""
        exact, other = LAWS[law](path), two_peaks(path, 0.7, 0.4)
        action = scalar_jet(exact.action, POINTS, t)
        residual = continuity.action_residual(action, velocity_of(other, t))
        assert relative(residual - residual.mean(), action.slope) > WRONGNESS


@every_law
@pytest.mark.parametrize("t", TIMES)
def test_nothing_is_accelerated_on_the_straight_line(law, t):
    """The equation of motion with its stress holds on the line, and neither without stress nor on another path."""
    line, other = LAWS[law](PATHS[2]), LAWS[law](PATHS[0])
    jet = velocity_of(line, t)
    convected = jet.slope + jet.pushed(jet.value)
    assert relative(continuity.momentum_residual(jet, POINTS, t), convected) < EXACT
    jet = velocity_of(other, t)
    assert relative(continuity.momentum_residual(jet, POINTS, t), jet.slope) > WRONGNESS


@pytest.mark.parametrize("t", TIMES)
class TestRowsAsTheyAreWritten:
    """The general equations are the rows of the table for the paths that these are written for."""

    def test_exploding(self, t):
        path = PATHS[0]
        law, half = two_peaks(path), 0.5 * path.diffusion(t) ** 2
        action, score, velocity = scalar_jet(law.action, POINTS, t), score_of(law, t), velocity_of(law, t)
        square = action.gradient.square().sum(1)
        torch.testing.assert_close(action.slope, half * (action.laplacian - square))
        pulled = score.pulled(score.value)
        torch.testing.assert_close(score.slope, half * (score.divergence_gradient + 2 * pulled))
        torch.testing.assert_close(velocity.value, -half * score.value)

    def test_preserving(self, t):
        path = PATHS[1]
        law, k = two_peaks(path), 0.5 * path.diffusion(t) ** 2
        action, score, velocity = scalar_jet(law.action, POINTS, t), score_of(law, t), velocity_of(law, t)
        x, gradient = POINTS, action.gradient
        row = -k + k * (x * gradient).sum(1) + k * action.laplacian - k * gradient.square().sum(1)
        torch.testing.assert_close(action.slope, row)
        convected = score.pushed(x) + score.divergence_gradient + 2 * score.pushed(score.value)
        torch.testing.assert_close(score.slope, k * (score.value + convected))
        torch.testing.assert_close(velocity.value, -k * (x + score.value))


@pytest.fixture(scope="module")
def free():
    """A free field, convention (K), kappa = 0.2 on 4 x 6, and points of it with noise."""
    power = torch.from_numpy(free_power(0.2, (4, 6)))
    return power, torch.randn(7, 4, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@every_path
@pytest.mark.parametrize("t", TIMES)
def test_free_field(free, path, t):
    """Closed forms obey every equation, are those of autograd, and a fifth more hopping does not obey another's."""
    power, x = free
    field = GaussianField(power, path)
    action, score, velocity = field.action_jet(x, t), field.score_jet(x, t), field.velocity_jet(x, t)
    pairs = [
        (fokker_planck.action_residual(path, action, x, t), action.slope),
        (fokker_planck.score_residual(path, score, x, t), score.slope),
        (fokker_planck.velocity_residual(path, velocity, x, t), velocity.value),
        (continuity.action_residual(action, velocity), action.slope),
        (continuity.score_residual(score, velocity), score.slope),
    ]
    assert max(relative(*pair) for pair in pairs) < EXACT
    automatic = scalar_jet(field.action, x, t)
    for name in ("slope", "gradient", "laplacian"):
        torch.testing.assert_close(getattr(action, name), getattr(automatic, name), rtol=1e-7, atol=1e-9)
    differentiated = vector_jet(field.score, x, t)
    for name in ("value", "slope", "divergence", "divergence_gradient"):
        torch.testing.assert_close(getattr(score, name), getattr(differentiated, name), rtol=1e-7, atol=1e-9)
    for name in ("pulled", "pushed"):
        torch.testing.assert_close(getattr(score, name)(x), getattr(differentiated, name)(x))
    other = GaussianField(torch.from_numpy(free_power(0.24, (4, 6))), path).velocity_jet(x, t)
    assert relative(continuity.score_residual(score, other), score.slope) > WRONGNESS
    assert relative(continuity.action_residual(action, other), action.slope) > WRONGNESS


def test_random_signs_tell_the_trace_of_coupled_sites(free):
    """400 probes: the mean over fields within four of its errors, and the units' trace to rounding."""
    _, x = free

    def field(x, t):
        return torch.sin(x + 0.3 * x.roll(1, 1)) * x.roll(1, 2)

    exact = vector_jet(field, x, 0.5)
    estimate = vector_jet(field, x, 0.5, Probes.signs(x, 400, torch.Generator().manual_seed(2)))
    jacobian = torch.autograd.functional.jacobian(lambda y: field(y[None], 0.5)[0], x[0]).reshape(24, 24)
    assert float(exact.divergence[0]) == pytest.approx(float(jacobian.trace()))
    off = jacobian - torch.diag(jacobian.diagonal())
    error = float(((off + off.T).square().sum() / 2).sqrt() / 20)
    assert abs(float(estimate.divergence[0] - exact.divergence[0])) < 4 * error
    w = torch.randn_like(x[0])
    torch.testing.assert_close(exact.pushed(w.expand_as(x))[0].flatten(), jacobian @ w.flatten())
    torch.testing.assert_close(exact.pulled(w.expand_as(x))[0].flatten(), jacobian.T @ w.flatten())


def test_differences_in_time_are_of_fourth_order():
    errors = [abs(time_slope(np.exp, 0.4, step) - np.exp(0.4)) for step in (0.1, 0.05)]
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.05)
    assert time_slope(np.exp, 0.4) == pytest.approx(np.exp(0.4), rel=1e-11)


def test_a_field_that_does_not_depend_on_its_point_has_no_derivatives():
    jet: VectorJet = vector_jet(lambda x, t: torch.full_like(x, t), POINTS, 0.5)
    assert not jet.divergence.any() and not jet.pushed(POINTS).any()
    torch.testing.assert_close(jet.slope, torch.ones_like(POINTS))
