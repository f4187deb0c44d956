"""Two Gaussians of opposite mean as one start, and Hybrid Monte Carlo on the way from it."""

import math

import numpy as np
import pytest
import torch

from emulant.errors import InputError
from emulant.lattice.gap_equation import broken_gap
from emulant.systems.phi4.system import Phi4
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.hybrid import HybridMoves
from emulant.transport.stored_start import start_of
from emulant.transport.two_phases import TwoPhaseStart

BROKEN = Phi4(0.3, 0.05, (4, 4))


def start_at(system=BROKEN):
    mean, inverse_power = system.two_phases()
    return TwoPhaseStart(torch.from_numpy(inverse_power), torch.tensor(mean))


def test_the_density_is_the_mean_of_two_gaussians():
    """Against torch's multivariate normal laws; its gradient against autograd."""
    start = start_at()
    unit = torch.eye(16, dtype=torch.float64).reshape(16, 4, 4)
    precision = GaussianStart(start.inverse_power).coloured(unit, 1.0).reshape(16, 16)
    peaks = [
        torch.distributions.MultivariateNormal(
            sign * start.mean * torch.ones(16, dtype=torch.float64), precision_matrix=precision
        )
        for sign in (1, -1)
    ]
    fields = start.sample(9, torch.Generator().manual_seed(1)).double().requires_grad_()
    both = torch.stack([peak.log_prob(fields.flatten(1)) for peak in peaks]).logsumexp(0) - math.log(2)
    torch.testing.assert_close(start.log_density(fields), both)
    (gradient,) = torch.autograd.grad(start.log_density(fields).sum(), fields)
    torch.testing.assert_close(start.score(fields), gradient)


def test_draws_have_both_means_and_the_power_that_is_said():
    """20000 draws: the zero mode's power and the number of positive means within 5 errors, one false alarm in 10^6."""
    start = start_at()
    fields = start.sample(20000, torch.Generator().manual_seed(1)).double()
    zero = fields.flatten(1).sum(1).square() / 16
    assert abs(float(zero.mean() - start.power[0, 0])) < 5 * float(zero.std()) / math.sqrt(20000)
    positive = (fields.flatten(1).mean(1) > 0).double().mean()
    assert abs(float(positive) - 0.5) < 5 * 0.5 / math.sqrt(20000)


def test_a_file_says_which_start_it_holds():
    one, two = GaussianStart(start_at().inverse_power), start_at()
    for start in (one, two):
        again = start_of(dict(start.parts()))
        assert type(again) is type(start)
        fields = torch.randn(3, 4, 4, generator=torch.Generator().manual_seed(1))
        torch.testing.assert_close(again.action(fields), start.action(fields))


@pytest.mark.parametrize(("shape", "kappa"), [((8,), 0.9), ((8, 8), 0.3), ((64, 8), 0.3)])
def test_the_broken_gap_equation_is_stationary(shape, kappa):
    """<S>_0 - entropy of a Gaussian about v: its derivatives by v and by the mass vanish, by central differences."""
    coupling = 0.05
    v, inverse_power = broken_gap(kappa, coupling, shape)
    waves = np.meshgrid(*[2 * np.pi * np.arange(n) / n for n in shape], indexing="ij")
    cosines = sum(np.cos(k) for k in waves)

    def free_energy(mean, shift):
        spectrum = inverse_power + 2 * shift
        square, hopping = (1 / spectrum).mean(), (cosines / spectrum).mean()
        potential = (1 - 2 * coupling) * (mean**2 + square)
        potential += coupling * (mean**4 + 6 * mean**2 * square + 3 * square**2)
        kinetic = -2 * kappa * (len(shape) * mean**2 + hopping)
        return potential + kinetic - 0.5 * np.log(2 * np.pi * np.e / spectrum).mean()

    h = 1e-4
    assert abs(free_energy(v + h, 0) - free_energy(v - h, 0)) / (2 * h) < 1e-6
    assert abs(free_energy(v, h) - free_energy(v, -h)) / (2 * h) < 1e-6
    assert free_energy(v, 0) < free_energy(0.9 * v, 0)
    assert inverse_power.flat[0] == pytest.approx(8 * coupling * v**2)


def test_there_is_no_second_phase_in_the_symmetric_one():
    with pytest.raises(InputError, match=r"kappa: expected a gap equation with two phases, got 0.2"):
        broken_gap(0.2, 0.022, (8, 8))


@pytest.mark.parametrize("t", [0.0, 0.5, 1.0])
def test_hybrid_moves_leave_the_law_of_their_path_alone(t):
    """One site and two: the second and fourth moments by quadrature, 5 errors of 4000 walkers after 12 moves.

    The walkers begin at the Gaussian, not at the law of t, so that the moves must carry them there.
    """
    system = Phi4(0.1, 0.4, (2,))
    start = GaussianStart(torch.from_numpy(np.array(system.inverse_power())))
    moves = HybridMoves(start, system.action, system.gradient)
    fields = start.sample(4000, torch.Generator().manual_seed(2)).numpy()
    for seed in range(12):
        fields = moves(fields, t, seed)
    x = np.linspace(-5, 5, 401)
    grid = torch.from_numpy(np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1).reshape(-1, 2))
    density = (-start.on_path(system.action, t)(grid)).exp().numpy()
    for power in (2, 4):
        exact = (density * grid[:, 0].numpy() ** power).sum() / density.sum()
        measured = fields.astype(float) ** power
        assert abs(measured.mean() - exact) < 5 * measured.mean(1).std() / math.sqrt(4000)
    product = fields.astype(float).prod(1)
    exact = (density * grid.prod(1).numpy()).sum() / density.sum()
    assert abs(product.mean() - exact) < 5 * product.std() / math.sqrt(4000)


def test_a_trajectory_of_a_free_field_forgets_where_it_began():
    """At t = 0 and any spectrum: fields before and after are uncorrelated to 0.25, as the length is pi/2 within a fifth."""
    start = start_at()
    moves = HybridMoves(GaussianStart(start.inverse_power), BROKEN.action, BROKEN.gradient)
    before = GaussianStart(start.inverse_power).sample(2000, torch.Generator().manual_seed(1)).numpy()
    after = moves(before, 0.0, 3)
    assert (before != after).any(axis=(1, 2)).mean() > 0.95
    modes = [np.fft.fftn(fields, axes=(1, 2)).reshape(2000, -1) for fields in (before, after)]
    overlap = (modes[0].conj() * modes[1]).mean(0).real
    size = np.sqrt((np.abs(modes[0]) ** 2).mean(0) * (np.abs(modes[1]) ** 2).mean(0))
    assert np.abs(overlap / size).max() < 0.35
