"""Step size and trajectory length, chosen by counts of work so that the choice depends on the seed alone."""

from dataclasses import replace

import numpy as np

from emulant.lattice.sampler import Chains, Trajectory
from emulant.statistics.autocorrelation import integrated_time

__all__ = ["tune", "tuned_step", "work"]

LENGTHS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0)
REFRESH, CLUSTER_SITE = 8.0, 30.0


def tune(
    chains: Chains, *, target: float = 0.85, clusters: int = 1, trial: int = 50
) -> tuple[Trajectory, dict]:
    """The trajectory with the smallest tau_int(abs M) per work at acceptance near `target`.

    Each of LENGTHS is tried for `trial` trajectories. Returns the choice and the record of the trials.
    """
    step = tuned_step(chains, target=target, clusters=clusters)
    record = []
    for length in LENGTHS:
        trajectory = _of_length(length, step, clusters)
        series, acceptance, spent = np.empty((len(chains), trial)), 0.0, chains.cluster_work
        for n in range(trial):
            acceptance += float(chains.advance(trajectory).mean()) / trial
            series[:, n] = np.abs(chains.averages()[0])
        tau = max(0.5, float(integrated_time(series)[0]))
        flipped = (chains.cluster_work - spent) / (trial * len(chains) * chains.volume)
        cost = 2 * tau * work(trajectory, flipped)
        row = {"length": length, "steps": trajectory.steps, "acceptance": acceptance, "tau_int": tau}
        record.append({**row, "work_per_independent": cost})
    best = min(range(len(LENGTHS)), key=lambda n: record[n]["work_per_independent"])
    return _of_length(LENGTHS[best], step, clusters), {"step_size": step, "trials": record}


def tuned_step(chains: Chains, *, target: float, clusters: int = 1, xi: float | None = None) -> float:
    """The step size at which trajectories of half a time unit are accepted with probability `target`.

    Stochastic approximation (Robbins-Monro) on the logarithm of the step; the last half is averaged.
    """
    step, logarithms = 0.15, []
    for iteration in range(40):
        trajectory = _of_length(0.5, step, clusters)
        trajectory = trajectory if xi is None else replace(trajectory, xi=xi)
        accepted = float(chains.advance(trajectory).mean())
        step = float(np.clip(step * np.exp((accepted - target) / np.sqrt(iteration + 1)), 0.005, 1.0))
        logarithms.append(np.log(step))
    return float(np.exp(np.mean(logarithms[20:])))


def work(trajectory: Trajectory, flipped: float) -> float:
    """Work of a trajectory in force evaluations of the lattice; `flipped` is the fraction of sites that clusters flip.

    A momentum refresh with its energies costs about REFRESH force evaluations, a flipped site about CLUSTER_SITE.
    """
    return trajectory.steps + REFRESH + CLUSTER_SITE * flipped


def _of_length(length: float, step: float, clusters: int) -> Trajectory:
    steps = max(2, 2 * round(length / step / 2))
    return Trajectory(steps, min(step, length / steps), clusters=clusters)
