"""Annealing: Z of laws that are known, forward and backward, with maps and with resampling."""

import math

import numpy as np
import pytest
import torch

from emulant.statistics.crooks import crooks_line
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.transport.annealing import Annealing, levels_of
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.sequential import adaptive_times, sequential_monte_carlo

SIZE, STIFF, TARGET = 6, 1.0, 3.0
"""Independent sites: S_0 = phi^2/2, S = 3 phi^2/2, so that S_t has the stiffness 1 + 2 t."""
EXACT = SIZE / 2 * math.log(TARGET / (2 * math.pi))
"""-ln Z."""


class Scaled:
    """The exact map between two levels, but for a factor."""

    def __init__(self, times, off=0.0):
        self.factors = [
            math.sqrt((1 + 2 * t) / (1 + 2 * later)) * (1 + off)
            for t, later in zip(times[:-1], times[1:], strict=True)
        ]

    def forward(self, level, fields):
        log_det = torch.full((len(fields),), SIZE * math.log(self.factors[level]), dtype=torch.float64)
        return fields * self.factors[level], log_det

    def backward(self, level, fields):
        log_det = torch.full((len(fields),), SIZE * math.log(self.factors[level]), dtype=torch.float64)
        return fields / self.factors[level], log_det


def action(fields):
    return TARGET / 2 * fields.double().square().sum(1)


def moves(fields, t, seed):
    """Overrelaxed Gaussian moves, phi -> 0.8 phi + noise, in detailed balance with exp(-S_t)."""
    noise = np.random.default_rng(seed).standard_normal(fields.shape) / math.sqrt(1 + 2 * t)
    return (0.8 * fields + 0.6 * noise).astype(np.float32)


def annealing(levels, **keywords):
    start = GaussianStart(torch.full((SIZE,), STIFF, dtype=torch.float64))
    return Annealing(start, action, moves, levels_of(levels), **keywords)


def work_of(sampler, count=4000, seed=1):
    latents = sampler.start.sample(count, torch.Generator().manual_seed(seed))
    path = sampler.forward(latents, seed)
    return path, (path.work.sum(1) - sampler.start.log_normalisation).numpy()


def work_back(sampler, count=4000, seed=2):
    fields = torch.randn(count, SIZE, generator=torch.Generator().manual_seed(seed)) / math.sqrt(TARGET)
    return (sampler.backward(fields, seed).work.sum(1) - sampler.start.log_normalisation).numpy()


@pytest.mark.parametrize("levels", [1, 4, 16])
def test_minus_ln_z_without_maps(levels):
    """Within 4 errors; the effective part grows with the levels."""
    _, work = work_of(annealing(levels))
    value, error = minus_log_mean(-work)
    assert abs(value - EXACT) < 4 * error < 0.3


def test_more_levels_are_better():
    fractions = [effective_fraction(-work_of(annealing(levels))[1])[0] for levels in (1, 4, 16)]
    assert fractions[0] < fractions[1] < fractions[2]


def test_exact_maps_do_all_the_work():
    """Every path has the work -ln Z, to the rounding of float32."""
    path, work = work_of(annealing(4, transport=Scaled(levels_of(4))))
    assert np.abs(work - EXACT).max() < 1e-5
    assert abs(float(path.fields.var()) * TARGET - 1) < 4 * math.sqrt(2 / (4000 * SIZE))


@pytest.mark.parametrize("off", [0.0, 0.1])
def test_maps_that_are_wrong_cost_weight_and_no_bias(off):
    _, work = work_of(annealing(4, transport=Scaled(levels_of(4), off)))
    value, error = minus_log_mean(-work)
    assert abs(value - EXACT) < max(4 * error, 1e-5)


@pytest.mark.parametrize("off", [None, 0.1])
def test_backward_paths_obey_crooks(off):
    """The logarithm of the ratio of both laws has slope 1 and offset ln Z, each within 4 errors."""
    keywords = {} if off is None else {"transport": Scaled(levels_of(3), off)}
    sampler = annealing(3, **keywords)
    ahead, back = work_of(sampler)[1], work_back(sampler)
    line = crooks_line(ahead, back)
    assert abs(line.crooks_slope - 1) < 4 * line.crooks_slope_error < 0.3
    assert abs(line.crooks_offset + EXACT) < 4 * line.crooks_offset_error
    value, error = minus_log_mean(back)
    assert abs(-value - EXACT) < 4 * error


def test_moves_that_are_wrong_are_seen_by_crooks():
    """A kernel of another action at every level: the slope of the relation is ten errors from 1."""
    sampler = annealing(3)
    wrong = Annealing(sampler.start, action, lambda x, t, seed: moves(x, 0.3 * t, seed), sampler.times)
    line = crooks_line(work_of(wrong)[1], work_back(wrong))
    assert abs(line.crooks_slope - 1) > 10 * line.crooks_slope_error


def test_a_seed_is_its_paths():
    one, two, other = (work_of(annealing(3), 50, seed)[1] for seed in (1, 1, 2))
    assert one.tobytes() == two.tobytes() != other.tobytes()


def test_sequential_monte_carlo_has_the_same_z():
    """The mean of Z over 40 populations at frozen times, within 4 errors."""
    sampler = annealing(6)
    estimates = []
    for seed in range(40):
        latents = sampler.start.sample(200, torch.Generator().manual_seed(seed))
        estimates.append(sequential_monte_carlo(sampler, latents, seed).log_z)
    z = np.exp(np.array(estimates) + sampler.start.log_normalisation + EXACT)
    assert abs(z.mean() - 1) < 4 * z.std() / math.sqrt(40) < 0.1


def test_times_are_chosen_by_what_stays_effective():
    """Each step but the last leaves 0.9 of an unweighted population: for these Gaussians a geometric growth of stiffness."""
    latents = annealing(1).start.sample(4000, torch.Generator().manual_seed(1))
    times = adaptive_times(annealing(1), latents, 1, remaining=0.9)
    stiffness = 1 + 2 * np.array(times)
    growth = stiffness[1:-1] / stiffness[:-2]
    assert times[0] == 0 and times[-1] == 1 and len(times) > 4
    np.testing.assert_allclose(growth, growth.mean(), rtol=0.1)
