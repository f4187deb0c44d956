"""Likelihood of nucleons of a nucleus of unknown axis: against a direct sum over many axes, and the law of what is drawn."""

import numpy as np
from scipy.special import logsumexp

from emulant.initial import orientations
from emulant.initial.nuclei import Nucleus
from emulant.initial.orientations import Deformations, draw_nucleons, half_sphere

URANIUM = {"mass_number": 238, "radius": 6.81, "diffuseness": 0.6}
SHAPES = [Nucleus(**URANIUM, beta2=b2, beta4=b4) for b2 in (-0.3, 0.0, 0.3) for b4 in (-0.1, 0.1)]


def direct(nucleons, nucleus, axes):
    """Ln p of nucleons by a sum over axes, without nodes."""
    r = np.linalg.norm(nucleons, axis=1)
    cosines = nucleons @ axes.T / r[:, None]
    outside = (r[:, None] - nucleus.surface(cosines)) / nucleus.diffuseness
    return logsumexp(-np.logaddexp(0, outside).sum(0)) - np.log(len(axes))


def test_likelihoods_are_those_of_many_axes():
    """Ratios of likelihoods to 0.15 of a nucleus, and to 0.05 on average over 12: nodes add a scatter, and no slope."""
    generator, axes = np.random.default_rng(1), half_sphere(3000)
    of_nodes = Deformations(SHAPES)
    volume = np.log([orientations._volume(nucleus) for nucleus in SHAPES])
    apart = []
    for nucleus in SHAPES * 2:
        nucleons = draw_nucleons(nucleus, generator)
        exact = np.array([direct(nucleons, n, axes) for n in SHAPES]) - len(nucleons) * volume
        difference = of_nodes.log_likelihood(nucleons) - exact
        apart.append(difference - difference.mean())
    assert np.abs(apart).max() < 0.15
    assert np.abs(np.mean(apart, axis=0)).max() < 0.05


def test_rotations_change_little():
    """Axes are a lattice: nuclei that are turned have likelihood ratios alike to 0.1."""
    generator, of_nodes = np.random.default_rng(2), Deformations(SHAPES)
    nucleons = draw_nucleons(SHAPES[-1], generator)
    turned = [nucleons @ np.linalg.qr(generator.standard_normal((3, 3)))[0] for _ in range(4)]
    log_likelihood = np.array([of_nodes.log_likelihood(part) for part in turned])
    ratios = log_likelihood - log_likelihood[:, -1:]
    assert np.ptp(ratios, axis=0).max() < 0.2


def test_nucleons_follow_the_density():
    """Mean squares along and across the axis against the integral over r and cos, within five errors."""
    generator, nucleus = np.random.default_rng(3), SHAPES[-1]
    points = np.concatenate([draw_nucleons(nucleus, generator) for _ in range(60)])
    r, cosine = np.linspace(0, 20, 2001)[1:, None], np.linspace(-1, 1, 401)
    weight = r**2 / (1 + np.exp((r - nucleus.surface(cosine)) / nucleus.diffuseness))
    along = (weight * (r * cosine) ** 2).sum() / weight.sum()
    across = (weight * r**2).sum() / weight.sum() - along
    for values, exact in ((points[:, 2] ** 2, along), ((points[:, :2] ** 2).sum(1), across)):
        assert abs(values.mean() - exact) < 5 * values.std() / np.sqrt(len(values)) + 0.01 * exact
