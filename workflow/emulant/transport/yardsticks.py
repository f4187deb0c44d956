"""What annealing without any learning reaches on a target: importance sampling, sequential Monte Carlo, the moves alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from emulant.randomness.seeds import job_seed
from emulant.statistics.autocorrelation import gamma_mean
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.transport.annealing import Annealing, levels_of
from emulant.transport.sequential import adaptive_times, sequential_monte_carlo

__all__ = ["annealed_rows", "moves_row", "sequential_rows", "weighed"]

EFFECTIVE = 0.95
"""Part of a population that each step of an adaptive schedule leaves effective, as is usual."""


def annealed_rows(
    annealing: Annealing, levels: list[int], *, walkers: int, runs: int, seed: int, cost: float
) -> Iterator[dict[str, Any]]:
    """Anneal by each number of levels; ln Z and effective fraction are of all walkers together.

    Arguments:
        annealing: of the target; its times are replaced.
        levels: how many, for each row.
        walkers: of a run.
        runs: independent ones.
        seed: of all random numbers.
        cost: operations of one move of one configuration.
    """
    for count in levels:
        schedule = replace(annealing, times=levels_of(count))
        works = []
        for run in range(runs):
            path = schedule.forward(
                _latents(annealing, walkers, seed, run), _run_seed(seed, "ais", count, run)
            )
            works.append(path.work.sum(1).numpy() - annealing.start.log_normalisation)
        work = np.concatenate(works)
        yield {
            "sampler": "annealing",
            "levels": count,
            **weighed(-work),
            "operations": count * cost,
            "training_operations": 0.0,
        }


def sequential_rows(
    annealing: Annealing, *, walkers: int, runs: int, seed: int, cost: float
) -> Iterator[dict[str, Any]]:
    """Choose times adaptively once, freeze them, and run sequential Monte Carlo; errors are of independent runs."""
    tried = _latents(annealing, walkers, seed, -1)
    times = adaptive_times(annealing, tried, _run_seed(seed, "adaptive", 0, 0), remaining=EFFECTIVE)
    schedule = replace(annealing, times=times)
    estimates, fractions = [], []
    for run in range(runs):
        population = sequential_monte_carlo(
            schedule, _latents(annealing, walkers, seed, run), _run_seed(seed, "smc", 0, run)
        )
        estimates.append(population.log_z + annealing.start.log_normalisation)
        fractions.append(effective_fraction(population.log_weight)[0])
    ess = float(np.mean(fractions)), float(np.std(fractions, ddof=1) / np.sqrt(runs))
    levels = len(times) - 1
    # Z is unbiased, and so the mean is of Z and not of its logarithm.
    log_z = minus_log_mean(np.array(estimates))
    yield _row("sequential", levels, walkers * runs, ess, log_z, levels * cost)


def moves_row(
    sampler: str,
    annealing: Annealing,
    order_parameter: Callable[[np.ndarray], np.ndarray],
    *,
    walkers: int,
    moves: int,
    seed: int,
    cost: float,
) -> dict[str, Any]:
    """Move walkers at the target alone; the effective fraction is 1 / (2 tau_int) of the order parameter's size.

    The first half of the moves is thrown away: walkers begin at the Gaussian.

    Arguments:
        sampler: name of the row.
        annealing: of the target, whose moves at t = 1 are made.
        order_parameter: of fields, (N,).
        walkers: that move side by side.
        moves: that count.
        seed: of all random numbers.
        cost: operations of one move of one configuration.
    """
    fields, series = _latents(annealing, walkers, seed, -2), []
    for number in range(2 * moves):
        fields = annealing.moved(fields, 1.0, _run_seed(seed, "moves", number, 0))
        if number >= moves:
            series.append(np.abs(order_parameter(fields.numpy())))
    mean = gamma_mean([*np.stack(series, axis=1)])
    ess = 0.5 / mean.tau_int
    error = ess * np.sqrt(2 / mean.dof)
    return _row(sampler, 1, walkers * moves, (ess, float(error)), (np.nan, np.nan), cost)


def weighed(log_weight: np.ndarray) -> dict[str, float]:
    """Number of samples, their effective part and -ln Z, with errors, from ln w of each, (N,)."""
    (ess, ess_error), (value, error) = effective_fraction(log_weight), minus_log_mean(log_weight)
    return {
        "samples": len(log_weight),
        "ess": ess,
        "ess_error": ess_error,
        "minus_log_z": value,
        "minus_log_z_error": error,
    }


def _row(
    sampler: str,
    levels: int,
    samples: int,
    ess: tuple[float, float],
    log_z: tuple[float, float],
    operations: float,
) -> dict[str, Any]:
    """A row of the table of samplers; classical ones need no training."""
    return {
        "sampler": sampler,
        "levels": levels,
        "samples": samples,
        "ess": ess[0],
        "ess_error": ess[1],
        "minus_log_z": log_z[0],
        "minus_log_z_error": log_z[1],
        "operations": operations,
        "training_operations": 0.0,
    }


def _latents(annealing: Annealing, count: int, seed: int, run: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(_run_seed(seed, "latents", 0, run))
    return annealing.start.sample(count, generator)


def _run_seed(seed: int, purpose: str, count: int, run: int) -> int:
    return job_seed(seed, purpose, str(count), str(run))
