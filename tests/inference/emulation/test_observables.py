"""Emulators of observables: linear responses, honest errors on held-out points, likelihoods, errors of input."""

import numpy as np
import pytest
from scipy import stats

from emulant.errors import InputError
from emulant.inference.emulation.gaussian_process import fit_gaussian_process
from emulant.inference.emulation.observables import fit_emulator, log_likelihood
from emulant.inference.emulation.principal import principal_components

RESPONSE = np.random.default_rng(0).standard_normal((3, 8))
NOISE = 0.1


def observables(design, rng):
    """Smooth functions of three parameters with noise of 0.1."""
    signal = design @ RESPONSE + 0.3 * np.sin(2 * design) @ RESPONSE[::-1]
    return signal + NOISE * rng.standard_normal(signal.shape)


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(1)
    design = rng.standard_normal((120, 3))
    return fit_emulator(design, observables(design, rng), components=5)


@pytest.mark.parametrize("kernel", ["rbf", "matern"])
def test_a_process_predicts_as_that_of_the_library(kernel):
    """scikit-learn's own prediction at the same hyperparameters."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern

    rng = np.random.default_rng(2)
    design, points = rng.standard_normal((30, 2)), rng.standard_normal((7, 2))
    values, variances = np.sin(design[:, 0]) + 2.0, np.full(30, 1e-3)
    process = fit_gaussian_process(design, values, variances, kernel=kernel, seed=1)
    shape = RBF(process.lengths) if kernel == "rbf" else Matern(process.lengths, nu=2.5)
    peer = GaussianProcessRegressor(
        ConstantKernel(process.amplitude) * shape,
        alpha=variances + process.white + 1e-8 * values.var(),
        optimizer=None,
    ).fit(design, values - process.mean)
    mean, deviation = peer.predict(points, return_std=True)
    predicted, variance = process.predict(points)
    np.testing.assert_allclose(predicted, mean + process.mean, rtol=1e-6)
    np.testing.assert_allclose(variance, deviation**2, rtol=1e-5, atol=1e-10)


def test_left_out_residuals_are_those_of_a_process_without_the_point():
    from emulant.inference.emulation.gaussian_process import conditioned

    rng = np.random.default_rng(3)
    design, values = rng.standard_normal((12, 1)), rng.standard_normal(12)
    arguments = (np.array([1.0]), 1.3, 0.2)
    whole = conditioned("rbf", design, values - values.mean(), np.zeros(12), *arguments)
    rest = slice(1, None)
    part = conditioned("rbf", design[rest], values[rest] - values.mean(), np.zeros(11), *arguments)
    # The mean is that of the whole in both.
    centred = part.alpha - np.linalg.solve(part.factor @ part.factor.T, np.full(11, -part.mean))
    cross = 1.3 * np.exp(-0.5 * np.square(design[0] - design[rest]).sum(1))
    variance = 1.3 + 0.2 - cross @ np.linalg.solve(part.factor @ part.factor.T, cross)
    residual = values[0] - values.mean() - cross @ centred
    np.testing.assert_allclose([part[0] for part in whole.left_out()], [residual, variance], rtol=1e-9)


def test_predictions_are_honest(fitted):
    """Pulls of 400 held-out points have mean 0 and variance 1: 120 design points know it to 7 %; four and five errors."""
    rng = np.random.default_rng(4)
    points = rng.standard_normal((400, 3))
    mean, covariance = fitted.predict(points)
    difference = observables(points, rng) - mean
    pulls = difference / np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    assert (abs(pulls.std(0) - 1) < 0.3).all() and (abs(pulls.mean(0)) < 5 / 20).all()
    together = np.einsum("ni,nij,nj->n", difference, np.linalg.inv(covariance), difference) / 8
    assert abs(together.mean() - 1) < 0.3
    # Half the pulls of a normal law lie within 0.6745; six tenths more are the processes' own share.
    assert np.median(np.abs(difference)) < 1.6 * 0.6745 * NOISE


def test_the_noise_is_that_of_the_observables(fitted):
    """Its covariance between observables is diagonal with the noise's variance, as nothing else is left."""
    covariance = fitted.predict(np.zeros((1, 3)))[1][0]
    assert abs(np.sqrt(np.diag(covariance)).mean() / NOISE - 1) < 0.25


def test_further_points_measure_the_noise():
    """Of a linear response 400 of them know each element of its covariance to a twentieth; eight times that."""
    rng = np.random.default_rng(6)
    design, further = rng.standard_normal((120, 3)), rng.standard_normal((400, 3))
    values, beyond = (p @ RESPONSE + NOISE * rng.standard_normal((len(p), 8)) for p in (design, further))
    emulator = fit_emulator(design, values, components=8, further=(further, beyond))
    assert abs(emulator.noise.covariance / NOISE**2 - np.eye(8)).max() < 0.4


def test_the_mean_of_z_errs_by_what_the_design_shares(fitted):
    """200 functions of the process and their noise at 30 points have means of z with this deviation: five errors of it.

    Together with that of all observables; 1 / sqrt(30) alone would be too small.
    """
    rng = np.random.default_rng(8)
    points = 0.5 * rng.standard_normal((30, 3))
    mean, covariance = fitted.predict(points)
    roots = np.linalg.cholesky(fitted.stack.covariance(points) + 1e-9 * np.eye(30))
    drawn = np.sqrt(fitted.trust)[:, None] * (roots @ rng.standard_normal((200, 5, 30, 1)))[..., 0]
    rows = fitted.components.components * fitted.components.scale
    noise = rng.standard_normal((200, 30, 8)) @ np.linalg.cholesky(fitted.noise.covariance).T
    differences = drawn.swapaxes(1, 2) @ rows + noise * fitted.noise.factors(mean)
    z = differences / np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    alone, together = fitted.deviation_of_mean_z(points)
    np.testing.assert_allclose(z.mean(1).std(0), alone, rtol=5 / 20)
    np.testing.assert_allclose(z.mean((1, 2)).std(), together, rtol=5 / 20)
    assert (alone > 30**-0.5).all()


def test_the_likelihood_is_a_normal_density(fitted):
    point, observation = np.array([[0.2, -0.1, 0.4]]), np.linspace(-1, 1, 8)
    mean, covariance = fitted.predict(point)
    extra = 0.01 * np.eye(8)
    expected = stats.multivariate_normal(mean[0], covariance[0] + extra).logpdf(observation)
    np.testing.assert_allclose(log_likelihood(fitted, point, observation, extra)[0], expected, rtol=1e-9)


def test_noisy_observables_do_not_hide_a_precise_one():
    """One with noise of 0.02 beside eleven with as much noise as signal, 60 design points, predicted to 0.1: 0.3 where
    components are of standardised observables."""
    rng = np.random.default_rng(6)
    design, points = (rng.uniform(-(3**0.5), 3**0.5, (count, 7)) for count in (60, 300))
    response = rng.standard_normal((7, 12)) / 7**0.5
    values = design @ response + np.r_[0.02, np.ones(11)] * rng.standard_normal((60, 12))
    mean, _ = fit_emulator(design, values, components=10).predict(points)
    assert (mean[:, 0] - points @ response[:, 0]).std() < 0.1 * (points @ response[:, 0]).std()


def test_components_restore_what_they_keep():
    """All of them restore everything, and their variances the diagonal."""
    values = np.random.default_rng(5).standard_normal((50, 6)) @ np.diag([5, 4, 3, 2, 1, 0.5]) + 3.0
    whole = principal_components(values, values.std(0), 6)
    np.testing.assert_allclose(whole.restore(whole.project(values)), values)
    covariance = whole.restored_covariance(whole.project(values).var(0)[None])[0]
    np.testing.assert_allclose(np.diag(covariance), values.var(0))


@pytest.mark.parametrize(
    ("design", "values", "message"),
    [
        (np.zeros((3, 3)), np.zeros((3, 2)), "more design points than 3 parameters, got 3"),
        (np.ones((5, 1)), np.full((5, 2), np.nan), "NaN or infinity at design point 0"),
        (np.arange(5.0)[:, None], np.ones((5, 2)), "observables that differ"),
    ],
)
def test_a_design_that_cannot_be_emulated(design, values, message):
    with pytest.raises(InputError, match=message):
        fit_emulator(design, values, components=1)
