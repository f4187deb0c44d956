"""Step size, trajectory length and clusters, chosen by counts of work so that the choice depends on the seed alone."""

from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from emulant.lattice.trajectory import ScalarChains, Trajectory
from emulant.statistics.autocorrelation import integrated_time

__all__ = ["HybridMonteCarlo", "tune", "tuned_step", "work"]

WARM_UP = Trajectory(20, 0.05)
"""Short steps: the first trajectories from N(0, 1) meet large forces."""
HALVINGS = 12
"""Most halvings of the first step: it then suits curvatures of 10^10."""
FIRST_PROBE, SHORTEST, LONGEST = 0.15, 0.005, 1.0
"""First step that is probed, the shortest and the longest, where WARM_UP moves every chain."""
LENGTHS = (0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
"""Times of molecular dynamics to try: tau_int falls until a trajectory lasts half a period of the slowest mode."""
PROBE_STEPS, PROBES, GAIN = 10, 40, 3.0
"""Forces of a probing trajectory, number of probes, and first step of log(step size) for each unit of acceptance."""
REFRESH, CLUSTER_SITE = 12.0, 80.0
"""Cost of a momentum refresh, and of a flipped site, in force evaluations of the lattice, about."""
ONE_PEAK = 0.25
"""Binder cumulant below which M has a single peak: 0 for a Gaussian, 2/3 for two separate peaks."""


@dataclass(frozen=True)
class HybridMonteCarlo:
    """The strategy of the driver (`markov.chains.Strategy`): a tuned trajectory with its clusters.

    Arguments:
        clusters: after each trajectory, where they are used.
    """

    clusters: int = 1

    def choose(self, chains: ScalarChains) -> tuple[Trajectory, dict[str, Any]]:
        """Warm the chains up and tune; returns the trajectory and the record of the trials."""
        trajectory, tuning = tune(chains, clusters=self.clusters, scale=warmed_up(chains))
        return trajectory, {"trajectory": asdict(trajectory), "tuning": tuning}

    def recall(self, record: dict[str, Any]) -> Trajectory:
        """Rebuild the trajectory from its record."""
        return Trajectory(**record["trajectory"])


def warmed_up(chains: ScalarChains) -> float:
    """Move the chains by WARM_UP, with half the step until each has moved; returns the step in units of the first."""
    for halvings in range(HALVINGS + 1):
        scale = 0.5**halvings
        if chains.advance(replace(WARM_UP, step_size=scale * WARM_UP.step_size), WARM_UP.steps).all():
            break
    return scale


class Trial(NamedTuple):
    """A trajectory, what it achieved, and the Binder cumulant of the chains."""

    trajectory: Trajectory
    record: dict[str, float]
    binder: float


def tune(
    chains: ScalarChains, *, target: float = 0.9, clusters: int = 1, trial: int = 50, scale: float = 1.0
) -> tuple[Trajectory, dict[str, Any]]:
    """The trajectory with the smallest tau_int(abs M) per work at acceptance near `target`.

    Each of LENGTHS is tried for `trial` trajectories with clusters. Where the order parameter has a single peak,
    as its Binder cumulant tells, there are no domains to flip, and the best length and longer ones are tried
    without clusters. With two peaks clusters stay: a short trial cannot see how seldom a chain without them changes
    its domain.

    Arguments:
        chains: the chains, warm; they go on moving.
        target: acceptance at which the step size is tuned.
        clusters: after each trajectory, where they are used.
        trial: trajectories of each trial.
        scale: as of `tuned_step`.

    Returns:
        The choice and the record of the trials.
    """
    step = tuned_step(chains, target=target, clusters=clusters, scale=scale)
    trials = [_tried(chains, _of_length(length, step, clusters), trial) for length in LENGTHS]
    if clusters and trials[-1].binder < ONE_PEAK:
        shortest = _best(trials).record["length"]
        trials += [
            _tried(chains, _of_length(length, step, 0), trial) for length in LENGTHS if length >= shortest
        ]
    return _best(trials).trajectory, {"step_size": step, "trials": [trial.record for trial in trials]}


def tuned_step(chains: ScalarChains, *, target: float, clusters: int = 1, scale: float = 1.0) -> float:
    """The step size at which trajectories of PROBE_STEPS force evaluations are accepted with probability `target`.

    Stochastic approximation (Robbins-Monro) on the logarithm of the step; the last half is averaged.

    Arguments:
        chains: the chains, warm; they go on moving.
        target: acceptance.
        clusters: after each trajectory.
        scale: of the steps that are probed; below 1 where the action is so steep that WARM_UP does not move all chains.
    """
    step, logarithms = FIRST_PROBE * scale, []
    for probe in range(PROBES):
        accepted = float(chains.advance(Trajectory(PROBE_STEPS, step, clusters=clusters)).mean())
        step = float(
            np.clip(step * np.exp(GAIN * (accepted - target) / np.sqrt(probe + 1)), SHORTEST * scale, LONGEST)
        )
        logarithms.append(np.log(step))
    return float(np.exp(np.mean(logarithms[PROBES // 2 :])))


def work(trajectory: Trajectory, flipped: float) -> float:
    """Work of a trajectory in force evaluations of the lattice; `flipped` is the fraction of sites that clusters flip.

    A momentum refresh with its energies costs about REFRESH force evaluations, a flipped site about CLUSTER_SITE.
    """
    return trajectory.steps + REFRESH + CLUSTER_SITE * flipped


def _tried(chains: ScalarChains, trajectory: Trajectory, count: int) -> Trial:
    magnetisation, acceptance, spent = np.empty((len(chains), count)), 0.0, chains.cluster_work
    for n in range(count):
        acceptance += float(chains.advance(trajectory).mean()) / count
        magnetisation[:, n] = chains.averages()[0]
    tau = max(0.5, float(integrated_time(np.abs(magnetisation))[0]))
    flipped = (chains.cluster_work - spent) / (count * len(chains) * chains.volume)
    record = {
        "length": round(trajectory.steps * trajectory.step_size, 6),
        "steps": trajectory.steps,
        "clusters": trajectory.clusters,
        "acceptance": acceptance,
        "tau_int": tau,
        "work_per_independent": 2 * tau * work(trajectory, flipped),
    }
    return Trial(trajectory, record, _binder(magnetisation))


def _best(trials: list[Trial]) -> Trial:
    return min(trials, key=lambda trial: trial.record["work_per_independent"])


def _binder(magnetisation: np.ndarray) -> float:
    """1 - <M^4> / (3 <M^2>^2)."""
    return float(1 - np.mean(magnetisation**4) / (3 * np.mean(magnetisation**2) ** 2))


def _of_length(length: float, step: float, clusters: int) -> Trajectory:
    """The trajectory of this length whose step is nearest to `step`."""
    steps = max(2, 2 * round(length / step / 2))
    return Trajectory(steps, length / steps, clusters=clusters)
