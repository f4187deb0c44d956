"""The charge against beta by every method: models as they are and swept, swept hot and cold links, Hybrid Monte Carlo."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from emulant.contracts.family import HasOtherSystems
from emulant.gauge.chains import LinkChains, LinkTrajectory
from emulant.gauge.exact_sampler import exact_links, exact_plaquettes
from emulant.gauge.freezing import chain_series
from emulant.gauge.sweeping import starts_of
from emulant.randomness.seeds import job_seed
from emulant.statistics.autocorrelation import gamma_mean, integrated_time

__all__ = ["charge_rows"]

PLAQUETTES = 2**15
"""Of links of a model that are made together: as many as stay in the cache of a core."""
DISCARDED = 4
"""A quarter of each chain is left out, as it begins with cold links."""


def charge_rows(
    system: Any, models: Mapping[str, Any], settings: Mapping[str, Any], seed: int
) -> Iterator[dict[str, Any]]:
    """Measure <Q^2> and what an independent charge costs.

    Arguments:
        system: of the Wilson action.
        models: name -> trained model; those that go to other couplings are taken along.
        settings: `betas`, `samples` of each, `sweeps`, `chains` and their `trajectories`.
        seed: of all random numbers.

    Yields:
        Rows of method, beta, charge_squared with its error, exact, and cost: CPU microseconds of one core for each
        independent charge, infinite where a chain has never changed it.
    """
    carried = {name: model for name, model in models.items() if isinstance(model, HasOtherSystems)}
    for beta in settings["betas"]:
        elsewhere = system.at({"beta": beta})
        at = {"beta": beta, "exact": elsewhere.exact.charge_squared}
        for method, row in _rows_at(elsewhere, carried, settings, job_seed(seed, str(beta))):
            yield {"method": method, **at, **row}


def _rows_at(
    system: Any, models: Mapping[str, Any], settings: Mapping[str, Any], seed: int
) -> Iterator[tuple[str, dict[str, float]]]:
    """Rows at one coupling by method."""
    count, sweeps = settings["samples"], settings["sweeps"]
    shape = (count, *system.site_shape)
    # What is compiled on the first call is not timed.
    system.swept(np.zeros((1, *system.site_shape)), 1, 0)
    exact, spent = _timed(lambda: _exact(system, count, seed))
    yield "exact", _of_independent(system, exact, spent)
    starts = {name: (links, 0.0) for name, links in starts_of(shape, job_seed(seed, "starts")).items()}
    for name, model in models.items():
        starts[name] = links, spent = _timed(lambda model=model: _sampled(model.at(system), count, seed))
        yield name, _of_independent(system, links, spent)
    for name, (links, before) in starts.items():
        swept_seed = job_seed(seed, "sweeps", name)
        swept, spent = _timed(lambda links=links, s=swept_seed: system.swept(links, sweeps, s))
        yield f"{name}, {sweeps} sweeps", _of_independent(system, swept, before + spent)
    for method, q_shift in (("HMC", False), ("HMC and shift of Q", True)):
        yield method, _of_chains(system, q_shift, settings, job_seed(seed, method))


def _timed(make: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    """Return what a function makes, and the CPU seconds that it took."""
    start = time.process_time()
    return make(), time.process_time() - start


def _exact(system: Any, count: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(job_seed(seed, "exact"))
    return exact_links(exact_plaquettes(system.exact, count, generator).angles, system.site_shape, generator)


@torch.no_grad()
def _sampled(model: Any, count: int, seed: int) -> np.ndarray:
    generator = torch.Generator().manual_seed(job_seed(seed, "samples"))
    batch = max(1, PLAQUETTES // math.prod(model.site_shape[1:]))
    sizes = [min(batch, count - first) for first in range(0, count, batch)]
    return torch.cat([model.sample(size, generator).values for size in sizes]).numpy()


def _of_independent(system: Any, links: np.ndarray, spent: float) -> dict[str, float]:
    """A row of independent links."""
    squared = system.view(links).charge ** 2
    error = squared.std(ddof=1) / math.sqrt(len(squared))
    cost = 1e6 * spent / len(squared)
    return {"charge_squared": float(squared.mean()), "charge_squared_error": float(error), "cost": cost}


def _of_chains(system: Any, q_shift: bool, settings: Mapping[str, Any], seed: int) -> dict[str, float]:
    """A row of chains from a cold start."""
    chains, trajectories = settings["chains"], settings["trajectories"]
    moved = LinkChains(np.zeros((chains, *system.site_shape)), system.beta, seed=seed)
    update = LinkTrajectory.of(system.beta, system.site_shape, q_shift)
    moved.advance(update)
    start = time.process_time()
    squared = chain_series(moved, update, trajectories)[0] ** 2
    spent = 1e6 * (time.process_time() - start) / (chains * trajectories)
    squared = squared[:, trajectories // DISCARDED :]
    if not squared.std(1).any():
        return {"charge_squared": float(squared.mean()), "charge_squared_error": 0.0, "cost": math.inf}
    mean = gamma_mean(list(squared))
    cost = 2 * integrated_time(squared)[0] * spent
    return {"charge_squared": mean.value, "charge_squared_error": mean.error, "cost": cost}
