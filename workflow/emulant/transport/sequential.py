r"""Sequential Monte Carlo: annealing in which heavy fields are copied and light ones dropped.

(P. Del Moral, A. Doucet and A. Jasra, J. R. Stat. Soc. B 68 (2006) 411)

With a fixed schedule of times the product of the mean weights between resamplings is an unbiased estimate of Z / Z_0.
Times that are chosen on the way, each by the effective size that is left, are frozen before they count.
"""

from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import brentq
from scipy.special import logsumexp
from torch import Tensor

from emulant.randomness.seeds import job_seed
from emulant.statistics.jackknife import effective_size
from emulant.transport.annealing import Annealing

__all__ = ["Population", "adaptive_times", "sequential_monte_carlo", "systematic"]

RESAMPLE = 0.5
"""Effective part of a population below which it is resampled: the usual half."""


class Population(NamedTuple):
    """Fields with weights.

    Attributes:
        fields: (N, *shape).
        log_weight: ln w of each since the last resampling, (N,).
        log_z: ln of the estimate of Z / Z_0.
    """

    fields: Tensor
    log_weight: np.ndarray
    log_z: float


def sequential_monte_carlo(annealing: Annealing, fields: Tensor, seed: int) -> Population:
    """Anneal a population from fields (N, *shape) of the Gaussian at the times of `annealing`, with resampling."""
    generator = np.random.default_rng(job_seed(seed, "resampling"))
    log_weight, log_z = np.zeros(len(fields)), 0.0
    times = [*zip(annealing.times[:-1], annealing.times[1:], strict=True)]
    for level, (t, later) in enumerate(times):
        log_weight = log_weight - (later - t) * _slope(annealing, fields)
        if effective_size(log_weight) < RESAMPLE * len(fields):
            log_z += _log_mean(log_weight)
            fields = fields[torch.from_numpy(systematic(log_weight, generator))]
            log_weight = np.zeros(len(fields))
        fields = annealing.moved(fields, later, job_seed(seed, "level", str(level)))
    return Population(fields, log_weight, log_z + _log_mean(log_weight))


def adaptive_times(annealing: Annealing, fields: Tensor, seed: int, *, remaining: float) -> list[float]:
    """Choose times such that each step leaves the part `remaining` of an unweighted population effective."""
    generator = np.random.default_rng(job_seed(seed, "resampling"))
    times = [0.0]
    while times[-1] < 1:
        slope = _slope(annealing, fields)

        def left(step: float, slope: np.ndarray = slope) -> float:
            return effective_size(-step * slope) / len(slope) - remaining

        rest = 1 - times[-1]
        step = rest if left(rest) >= 0 else float(brentq(left, 0.0, rest))
        fields = fields[torch.from_numpy(systematic(-step * slope, generator))]
        times.append(1.0 if step == rest else times[-1] + step)
        fields = annealing.moved(fields, times[-1], job_seed(seed, "adaptive", str(len(times))))
    return times


def _slope(annealing: Annealing, fields: Tensor) -> np.ndarray:
    """dS_t/dt = S - S_0 of each field."""
    return (annealing.action(fields).double() - annealing.start.action(fields)).numpy()


def _log_mean(log_weight: np.ndarray) -> float:
    return float(logsumexp(log_weight) - np.log(len(log_weight)))


def systematic(log_weight: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Draw as many rows as there are, each as often as its weight says to within one (systematic resampling)."""
    weight = np.exp(log_weight - log_weight.max())
    edges = np.cumsum(weight) / weight.sum()
    points = (generator.random() + np.arange(len(weight))) / len(weight)
    return np.minimum(np.searchsorted(edges, points), len(weight) - 1)
