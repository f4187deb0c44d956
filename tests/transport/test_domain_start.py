"""Gaussians about every pattern of domains as one start, and annealing from it where walls count."""

import itertools
import math

import numpy as np
import pytest
import torch

from emulant.scalar.moves import kernel_of
from emulant.scalar.starts import start_at
from emulant.statistics.weights import minus_log_mean
from emulant.systems.phi4.system import Phi4
from emulant.transport.annealing import Annealing, levels_of
from emulant.transport.domain_start import WALLED
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.stored_start import start_of
from tests.families.chains import transfer_matrix_log_z

STRIP = Phi4(0.3, 0.05, (6, 4))
CHAIN = (0.7, 0.12, (24,))


def walls(signs):
    """Changes of sign along the last axis, around the ring."""
    return (signs != np.roll(signs, 1, axis=-1)).sum(-1)


@pytest.mark.parametrize("system", [STRIP, Phi4(*CHAIN[:2], (7,))])
def test_the_density_is_the_mean_over_all_patterns(system):
    """By the sum over the 2^L patterns; the score against autograd."""
    start = start_at(system, "domains")
    fields = start.sample(7, torch.Generator().manual_seed(1)).double()
    fields = (fields + torch.randn(fields.shape, generator=torch.Generator().manual_seed(2))).requires_grad_()
    about, length = GaussianStart(start.inverse_power), system.site_shape[0]
    patterns = np.array([*itertools.product([1, -1], repeat=length)])
    log_part = torch.from_numpy(-start.rarity * walls(patterns))
    means = torch.from_numpy(patterns).reshape(-1, length, *[1] * (fields.dim() - 2)) * start.mean
    densities = torch.stack([about.log_density(fields - mean) for mean in means]) + log_part[:, None]
    torch.testing.assert_close(start.log_density(fields), densities.logsumexp(0) - log_part.logsumexp(0))
    (gradient,) = torch.autograd.grad(start.log_density(fields).sum(), fields)
    torch.testing.assert_close(start.score(fields), gradient)


def test_draws_have_the_walls_that_are_said():
    """20000 draws, 5 errors: the part with walls by counting pairs and fours, and both signs as often."""
    start = start_at(Phi4(0.28, 0.022, (64, 8)), "domains")
    fields = start.sample(20000, torch.Generator().manual_seed(1)).mean(2).sign().numpy()
    part = (walls(fields) > 0).mean()
    rare = math.exp(-start.rarity)
    even = [math.comb(64, number) * rare**number for number in (0, 2, 4)]
    exact = 1 - even[0] / sum(even)
    assert exact == pytest.approx(WALLED, rel=0.1)
    assert abs(part - exact) < 5 * math.sqrt(exact / 20000)
    assert abs((fields[:, 0] > 0).mean() - 0.5) < 5 * 0.5 / math.sqrt(20000)


def test_a_file_holds_it():
    start = start_at(STRIP, "domains")
    again = start_of(dict(start.parts()))
    fields = start.sample(3, torch.Generator().manual_seed(1))
    assert type(again) is type(start)
    torch.testing.assert_close(again.action(fields), start.action(fields))


def annealed(phases):
    """Ln w of annealed fields of a chain that has walls."""
    system = Phi4(*CHAIN)
    start = start_at(system, phases)
    moves, _ = kernel_of(system, start)
    latents = start.sample(2048, torch.Generator().manual_seed(3))
    path = Annealing(start, system.action, moves, levels_of(20)).forward(latents, 4)
    return -path.work.sum(1).numpy() + start.log_normalisation


def test_annealing_knows_z_of_a_chain_with_walls_that_two_phases_alone_miss():
    """Ln Z within 4 errors of the transfer matrix, false alarm one in 10^4; from two phases it lacks a third of Z."""
    exact = transfer_matrix_log_z(*CHAIN[:2], 24)
    (value, error), (missed, its_error) = (minus_log_mean(annealed(phases)) for phases in ("domains", 2))
    assert abs(value + exact) < 4 * error < 0.3
    assert missed + exact > 5 * its_error
