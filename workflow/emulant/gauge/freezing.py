"""How the topological charge freezes in Hybrid Monte Carlo: autocorrelation times and histories, with and without shifts."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from emulant.gauge.chains import LinkChains, LinkTrajectory
from emulant.gauge.exact import Torus
from emulant.gauge.exact_sampler import exact_links, exact_plaquettes
from emulant.gauge.loops import enclosed
from emulant.gauge.plaquettes import plaquette_sums
from emulant.randomness.seeds import job_seed
from emulant.statistics.autocorrelation import gamma_mean, integrated_time

__all__ = ["chain_series", "freezing_rows", "history_rows"]


def freezing_rows(
    betas: Sequence[float], shape: tuple[int, ...], *, chains: int, trajectories: int, seed: int
) -> Iterator[dict[str, Any]]:
    """Measure Q^2 and W(2 x 2) along chains that begin in equilibrium, with exact configurations.

    Yields a row for each beta, without and with the shift.
    A tau_int as long as a part of the chain is a lower limit: `changes` tells how often the charge changed at all.

    Arguments:
        betas: positive.
        shape: of one configuration, (2, L_t, L_s).
        chains: independent ones.
        trajectories: of each.
        seed: of all random numbers.
    """
    for beta in betas:
        torus = Torus(beta, shape[1] * shape[2])
        for q_shift in (False, True):
            generator = np.random.default_rng(job_seed(seed, f"{beta}", f"{q_shift}"))
            start = exact_links(exact_plaquettes(torus, chains, generator).angles, shape, generator)
            moved = LinkChains(start, beta, seed=int(generator.integers(2**62)))
            update = LinkTrajectory.of(beta, shape, q_shift)
            charge, loop, acceptance = chain_series(moved, update, trajectories)
            yield {
                "beta": beta,
                "q_shift": q_shift,
                **_times(charge**2, "charge_squared"),
                **_times(loop, "loop"),
                "acceptance": acceptance,
                "shift_acceptance": float(moved.shifts.mean() / trajectories),
                "changes": float((np.diff(charge, axis=1) != 0).mean()),
                "exact": torus.charge_squared,
                "exact_loop": torus.wilson_loop(4),
                "trajectories": trajectories,
            }


def history_rows(
    beta: float, shape: tuple[int, ...], *, trajectories: int, seed: int, rectangle: float = 0.0
) -> Iterator[dict[str, Any]]:
    """Follow Q of one chain from a cold start, without and with the shift: rows of q_shift, trajectory, charge."""
    for q_shift in (False, True):
        start, chain_seed = np.zeros((1, *shape)), job_seed(seed, "history", f"{q_shift}")
        cold = LinkChains(start, beta, rectangle, seed=chain_seed)
        charge, _, _ = chain_series(cold, LinkTrajectory.of(beta, shape, q_shift, rectangle), trajectories)
        for number, value in enumerate(charge[0]):
            yield {"q_shift": q_shift, "trajectory": number + 1, "charge": int(value)}


def chain_series(
    chains: LinkChains, update: LinkTrajectory, trajectories: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Move chains; returns Q and W(2 x 2) after each trajectory, (chains, trajectories) each, and the acceptance."""
    charge, loop = np.empty((2, len(chains), trajectories))
    accepted = 0.0
    for n in range(trajectories):
        accepted += float(chains.advance(update).mean()) / trajectories
        charge[:, n] = chains.charge
        loop[:, n] = np.cos(enclosed(plaquette_sums(chains.links), 2, 2)).mean((-2, -1))
    return charge, loop, accepted


def _times(series: np.ndarray, name: str) -> dict[str, float]:
    """Mean with its error, and tau_int with its error, of series (chains, n)."""
    tau, tau_error = integrated_time(series)
    mean = gamma_mean(list(series))
    return {
        name: mean.value,
        f"{name}_error": mean.error,
        f"tau_{name}": tau,
        f"tau_{name}_error": tau_error,
    }
