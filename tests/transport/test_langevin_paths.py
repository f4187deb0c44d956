"""Langevin paths: Z and Crooks' relation of Gaussians for any drifts, the least work that noise allows, symmetric moves."""

import math

import numpy as np
import pytest
import torch

from emulant.statistics.crooks import crooks_line
from emulant.statistics.weights import minus_log_mean
from emulant.transport.annealing import levels_of
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.langevin_paths import LangevinPaths

SIZE, TARGET, NOISE = 6, 3.0, 0.4
"""Independent sites: S_0 = phi^2/2, S = 3 phi^2/2, so that S_t has the stiffness A_t = 1 + 2 t."""
EXACT = SIZE / 2 * math.log(TARGET / (2 * math.pi))
"""-ln Z."""


class Forces:
    """The force of S_t ahead and back, nothing learned; `tilt` gives every site a force of its own."""

    def __init__(self, levels, noise=NOISE, tilt=None):
        self.stiffness = [1 + 2 * t for t in levels_of(levels)]
        self.deviation = torch.tensor(noise)
        self.tilt = torch.ones(SIZE) if tilt is None else tilt

    def displacements(self, node, fields):
        moved = -0.5 * self.deviation**2 * self.stiffness[node] * self.tilt.to(fields) * fields
        return moved, moved

    def noise(self, level):
        return self.deviation


class Exact(Forces):
    """Kernels whose means carry each Gaussian to the next, and back."""

    def displacements(self, node, fields):
        last = len(self.stiffness) - 2
        ahead, _ = self.factors(min(node, last))
        _, back = self.factors(max(node - 1, 0))
        return (ahead - 1) * fields, (back - 1) * fields

    def factors(self, level):
        here, later = self.stiffness[level : level + 2]
        ahead = math.sqrt(here * (1 / later - NOISE**2))
        return ahead, ahead * later / here


def action(fields):
    return TARGET / 2 * fields.double().square().sum(1)


def paths_of(levels, kernels=Forces, **keywords):
    start = GaussianStart(torch.ones(SIZE, dtype=torch.float64))
    return LangevinPaths(start, action, kernels(levels), levels_of(levels), **keywords)


def work_ahead(paths, count=4000, seed=1):
    path = paths.forward(paths.start.sample(count, torch.Generator().manual_seed(seed)), seed)
    return (path.work.sum(1) - paths.start.log_normalisation).numpy()


def targets(count=4000, seed=2):
    return torch.randn(count, SIZE, generator=torch.Generator().manual_seed(seed)) / math.sqrt(TARGET)


def work_back(paths, seed=2):
    return (paths.backward(targets(seed=seed), seed).work.sum(1) - paths.start.log_normalisation).numpy()


@pytest.mark.parametrize("kernels", [Forces, Exact])
@pytest.mark.parametrize("levels", [4, 16, 64])
def test_minus_ln_z_whatever_the_drifts(levels, kernels):
    """Within 4 errors."""
    value, error = minus_log_mean(-work_ahead(paths_of(levels, kernels)))
    assert abs(value - EXACT) < 4 * error < 0.4


@pytest.mark.parametrize("kernels", [Forces, Exact])
def test_backward_paths_obey_crooks(kernels):
    """The logarithm of the ratio of both laws has slope 1 and offset ln Z, each within 4 errors."""
    paths = paths_of(8, kernels)
    line = crooks_line(work_ahead(paths), work_back(paths))
    assert abs(line.crooks_slope - 1) < 4 * line.crooks_slope_error < 0.3
    assert abs(line.crooks_offset + EXACT) < 4 * line.crooks_offset_error


def test_backward_paths_of_another_noise_are_seen_by_crooks():
    """A fifth more noise backward than the work is told of: the slope is ten errors from 1."""
    paths, other = paths_of(8, Exact), paths_of(8, lambda levels: Forces(levels, 1.2 * NOISE))
    fields = targets()
    steps = [step.fields for step in other.back(fields, torch.Generator().manual_seed(3))]
    work = (paths.work_along([*steps[::-1], fields]).sum(1) - paths.start.log_normalisation).numpy()
    line = crooks_line(work_ahead(paths), work)
    assert abs(line.crooks_slope - 1) > 10 * line.crooks_slope_error


@pytest.mark.parametrize("levels", [16, 64])
def test_the_least_work_is_that_of_one_noise_for_both_directions(levels):
    """Exact means leave Var W = V/2 sum (ln A'/A)^2, as a step back wants n^2 A'/A; 1/N vanishes. To 12 %, 4.5 errors."""
    stiffness = 1 + 2 * np.array(levels_of(levels))
    least = SIZE / 2 * np.square(np.diff(np.log(stiffness))).sum()
    assert work_ahead(paths_of(levels, Exact)).var() == pytest.approx(
        least, rel=0.12 if levels == 64 else 0.2
    )
    assert least < 0.3 and work_ahead(paths_of(levels)).var() > 5 * least


def test_work_along_given_paths_is_that_of_their_walk():
    paths = paths_of(5)
    start = paths.start.sample(50, torch.Generator().manual_seed(1))
    steps = [*paths.ahead(start, torch.Generator().manual_seed(2))]
    states = [start, *(step.fields for step in steps)]
    walked = torch.stack([step.work for step in steps], 1)
    assert torch.equal(paths.work_along(states), walked)
    double = paths.work_along([fields.double() for fields in states])
    assert double.dtype == walked.dtype == torch.float64
    torch.testing.assert_close(double, walked, atol=1e-5, rtol=0)


def test_a_step_is_a_part_of_a_walk():
    """The same noise from the same fields: the same fields and work."""
    paths = paths_of(5)
    fields = paths.start.sample(20, torch.Generator().manual_seed(1))
    first = next(paths.ahead(fields, torch.Generator().manual_seed(2)))
    one = paths.step(0, fields, torch.Generator().manual_seed(2))
    assert all(torch.equal(a, b) for a, b in zip(first, one, strict=True))


def rolled(fields, generator):
    """Roll a batch by a site or two, and change its sign by chance."""
    by, sign = (int(torch.randint(2, (), generator=generator)) for _ in range(2))
    return (1 - 2 * sign) * fields.roll(by + 1, 1)


def test_symmetric_moves_cancel():
    """Z and Crooks within 4 errors with moves after every step, as kernels and actions commute with them."""
    paths = paths_of(8, symmetries=(rolled,))
    ahead, back = work_ahead(paths), work_back(paths)
    value, error = minus_log_mean(-ahead)
    assert abs(value - EXACT) < 4 * error
    line = crooks_line(ahead, back)
    assert abs(line.crooks_slope - 1) < 4 * line.crooks_slope_error < 0.3


def test_moves_that_are_no_symmetry_are_seen():
    """Sites of different stiffness: without the move Z is right, with it ten errors off."""
    tilt = torch.linspace(0.1, 4.0, SIZE)

    def uneven(fields):
        return (tilt.double() * fields.double().square()).sum(1) * TARGET / 2

    exact = EXACT + 0.5 * float(tilt.log().sum())
    start, times = GaussianStart(torch.ones(SIZE, dtype=torch.float64)), levels_of(32)
    pulls = []
    for symmetries in ((), (rolled,)):
        paths = LangevinPaths(start, uneven, Forces(32, tilt=tilt), times, symmetries)
        value, error = minus_log_mean(-work_ahead(paths))
        pulls.append(abs(value - exact) / error)
    assert pulls[0] < 4 and pulls[1] > 10


def test_a_seed_is_its_paths():
    one, two, other = (work_ahead(paths_of(3), 50, seed) for seed in (1, 1, 2))
    assert one.tobytes() == two.tobytes() != other.tobytes()
