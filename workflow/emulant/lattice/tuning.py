"""Step size and trajectory length, chosen by counts of work so that the choice depends on the seed alone."""

import numpy as np

from emulant.lattice.sampler import Chains, Trajectory
from emulant.statistics.autocorrelation import integrated_time

__all__ = ["tune"]

LENGTHS = (1.0, 2.0, 4.0, 6.0)


def tune(
    chains: Chains, *, target: float = 0.85, clusters: int = 1, trial: int = 60
) -> tuple[Trajectory, dict]:
    """The trajectory with the smallest tau_int(abs M) per force evaluation at acceptance `target`.

    The step size follows the acceptance by stochastic approximation on short runs; then each length of `LENGTHS`
    is tried for `trial` trajectories. Returns the choice and the record of the trials.
    """
    step = 0.15
    for iteration in range(25):
        accepted = float(chains.advance(Trajectory(max(4, round(1 / step)), step, clusters=clusters)).mean())
        step = float(np.clip(step * np.exp((accepted - target) / np.sqrt(iteration + 1)), 0.005, 0.5))
    record, best, cheapest = [], None, np.inf
    for length in LENGTHS:
        trajectory = Trajectory(max(4, round(length / step)), step, clusters=clusters)
        series = np.empty((len(chains.padded), trial))
        accepted = 0.0
        for n in range(trial):
            accepted += float(chains.advance(trajectory).mean()) / trial
            series[:, n] = np.abs(chains.fields.reshape(len(series), -1).mean(1))
        tau = float(integrated_time(series)[0])
        # A momentum refresh and an energy cost about as much as ten force evaluations.
        cost = (trajectory.steps + 10) * max(tau, 0.5)
        record.append({"length": length, "steps": trajectory.steps, "acceptance": accepted, "tau_int": tau})
        if cost < cheapest:
            best, cheapest = trajectory, cost
    return best, {"step_size": step, "trials": record}
