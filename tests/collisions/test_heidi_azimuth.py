"""Azimuths of single particles: flow that is known, its estimate, and angles that are uniform and go back."""

import numpy as np
import pytest
import torch
from scipy.stats import kstest

from emulant.families.heidi.azimuth import LARGEST, azimuth, fit_flow, flow_of, uniform_angle

COUNT = 40_000


def ranks(seed=1):
    return np.random.default_rng(seed).random((2, COUNT))


def flowing(pt_rank, rapidity_rank):
    """v_1 odd in rapidity, v_2 even, both growing with pT."""
    return 0.25 * np.sqrt(pt_rank) * (2 * rapidity_rank - 1) ** 3, 0.12 * pt_rank


@pytest.fixture(scope="module")
def particles():
    """Ranks, and azimuths with the flow of `flowing`."""
    pt_rank, rapidity_rank = ranks()
    uniform = np.random.default_rng(2).uniform(-np.pi, np.pi, COUNT)
    return pt_rank, rapidity_rank, azimuth(uniform, flowing(pt_rank, rapidity_rank))


@pytest.mark.parametrize("directed", [-LARGEST, -0.1, 0.0, LARGEST / 2])
@pytest.mark.parametrize("sign", [-1, 1])
def test_azimuth_is_the_inverse(directed, sign):
    """At the largest flow that is let through, on a grid of angles; NumPy and torch agree."""
    elliptic = sign * (LARGEST - abs(directed))
    angle = np.linspace(-np.pi, np.pi, 2001)
    flow = np.full_like(angle, directed), np.full_like(angle, elliptic)
    uniform = uniform_angle(angle, flow)
    assert np.all(np.diff(uniform) > 0)
    np.testing.assert_allclose(azimuth(uniform, flow), angle, atol=1e-12)
    by_torch = azimuth(torch.from_numpy(uniform), tuple(map(torch.from_numpy, flow)))
    np.testing.assert_allclose(by_torch, angle, atol=1e-12)


def test_azimuths_have_the_flow_they_were_given(particles):
    """Means of cos phi and cos 2 phi against those of v_1 and v_2, weighed by what they should be; 4 errors."""
    pt_rank, rapidity_rank, angle = particles
    for harmonic, flow in enumerate(flowing(pt_rank, rapidity_rank), 1):
        difference = flow * (np.cos(harmonic * angle) - flow)
        assert abs(difference.mean()) < 4 * difference.std() / COUNT**0.5
        assert (flow * np.cos(harmonic * angle)).mean() > 6 * difference.std() / COUNT**0.5


def test_fitted_flow_is_that_of_the_sampled_law(particles):
    """Within the error that so many particles leave of twelve coefficients; and angles become uniform there."""
    pt_rank, rapidity_rank, angle = particles
    fitted = flow_of(fit_flow(pt_rank, rapidity_rank, angle)[None], pt_rank, rapidity_rank)
    for one, two in zip(fitted, flowing(pt_rank, rapidity_rank), strict=True):
        error = np.sqrt(12 / (2 * COUNT))
        assert np.sqrt(np.mean((one - two) ** 2)) < error < 0.3 * np.sqrt(np.mean(two**2))
    forward = rapidity_rank > 0.8
    assert kstest(angle[forward] / (2 * np.pi) + 0.5, "uniform").pvalue < 1e-6
    flat = uniform_angle(angle, fitted)[forward]
    assert kstest(flat / (2 * np.pi) + 0.5, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("copies", [1, 2])
def test_no_flow_stays_none(copies):
    """Shrinkage leaves less than two fifths of the coefficients' noise, in the mean over twenty samples.

    Also of particles that count twice, as they are and after half a turn, where half of the coefficients vanish.
    """
    left, noise = [], []
    for seed in range(20):
        pt_rank, rapidity_rank = ranks(seed)
        angle = np.random.default_rng(100 + seed).uniform(-np.pi, np.pi, COUNT)
        images = (pt_rank, rapidity_rank, angle), (pt_rank, 1 - rapidity_rank, np.pi - angle)
        every = (np.concatenate(part) for part in zip(*images[:copies], strict=True))
        directed, _ = flow_of(fit_flow(*every, count=COUNT)[None], pt_rank, rapidity_rank)
        left.append(np.mean(directed**2))
        noise.append(12 / copies / (2 * COUNT))
    assert np.mean(left) < 0.4 * np.mean(noise)
