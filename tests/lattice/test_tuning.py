"""Tuning reaches its acceptance, prefers efficient trajectories, and keeps clusters where domains exist."""

import numpy as np
import pytest

from emulant.lattice.sampler import Chains
from emulant.lattice.starts import begin
from emulant.lattice.trajectory import Trajectory
from emulant.lattice.tuning import HybridMonteCarlo, tune, tuned_step, work
from emulant.markov.thermalisation import NotEquilibrated, thermalise


def warm(kappa, shape=(12, 12), chains=64):
    stream, _ = begin(shape, kappa, 0.022, chains=chains, seed=3)
    stream.advance(Trajectory(20, 0.05), 60)
    return stream


@pytest.mark.parametrize(("kappa", "target"), [(0.2, 0.9), (0.26, 0.8), (0.4, 0.9)])
def test_the_step_has_the_acceptance_asked_for(kappa, target):
    chains = warm(kappa)
    step = tuned_step(chains, target=target)
    accepted = chains.advance(Trajectory(10, step), 200).mean()
    assert accepted == pytest.approx(target, abs=0.03)


def test_the_choice_is_the_cheapest_trial():
    trajectory, record = tune(warm(0.24), trial=30)
    costs = [trial["work_per_independent"] for trial in record["trials"]]
    best = record["trials"][int(np.argmin(costs))]
    assert (trajectory.steps, trajectory.clusters) == (best["steps"], best["clusters"])
    assert {trial["clusters"] for trial in record["trials"]} == {0, 1}
    assert all(0.6 < trial["acceptance"] <= 1 for trial in record["trials"])


def test_long_trajectories_win_near_the_critical_point():
    """tau_int falls like the inverse square of the length until the slowest mode has turned over."""
    trajectory, _ = tune(warm(0.265, shape=(16, 16)), trial=40)
    assert trajectory.steps * trajectory.step_size > 2


def test_clusters_stay_where_the_order_parameter_has_two_peaks():
    trajectory, record = tune(warm(0.4), trial=20)
    assert trajectory.clusters == 1 and all(trial["clusters"] == 1 for trial in record["trials"])


def test_work_counts_forces_refresh_and_flipped_sites():
    assert work(Trajectory(20, 0.1), 0.5) - work(Trajectory(10, 0.1), 0.5) == 10
    assert work(Trajectory(10, 0.1), 0.5) > work(Trajectory(10, 0.1), 0.0) > 10


def test_without_clusters_domain_walls_are_not_let_through():
    stream, hot = begin((16, 16), 0.4, 0.022, chains=64, seed=1)
    stream.advance(Trajectory(20, 0.05, clusters=0), 20)
    with pytest.raises(NotEquilibrated, match="hot and cold"):
        thermalise(stream, Trajectory(8, 0.12, clusters=0), hot, patience=2)
    evidence, _ = thermalise(stream, Trajectory(8, 0.12, clusters=1), hot)
    assert evidence["walls"] == 0


def test_the_seed_alone_decides():
    first, second = (tune(warm(0.22, shape=(6, 6), chains=16), trial=10) for _ in range(2))
    assert first == second
    fields = np.zeros((16, 6, 6))
    streams = [Chains((6, 6), 0.22, 0.022, fields, seed=seed) for seed in (1, 2)]
    assert len({tuned_step(stream, target=0.9) for stream in streams}) == 2


def test_a_tuned_trajectory_is_rebuilt_from_its_record():
    trajectory, record = HybridMonteCarlo().choose(warm(0.22, shape=(6, 6), chains=16))
    assert HybridMonteCarlo().recall(record) == trajectory
