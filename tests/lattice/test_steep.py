"""At a large quartic coupling, where N(0, 1) is far up the walls: chains move, and what they say is right."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.lattice.quench import quenched
from emulant.lattice.sampler import Chains
from emulant.lattice.starts import begin, starts
from emulant.lattice.trajectory import Trajectory
from emulant.lattice.tuning import HybridMonteCarlo, tuned_step, warmed_up
from emulant.markov.thermalisation import FALSE_ALARM, Gate, thermalise
from emulant.stages.reference import write_reference
from emulant.statistics.pulls import limit, pull
from emulant.storage.ensemble import open_ensemble
from emulant.storage.records import read_json
from emulant.systems.phi4.system import Phi4

STEEP = {"kind": "phi4", "kappa": 0.3, "lambda": 100.0, "shape": [8, 8]}
METROPOLIS = {"phi^2": (0.99822, 0.00013), "abs M": (0.9716, 0.0004), "neighbours": (0.9508, 0.0006)}
"""Of STEEP by single-site Metropolis steps, independent of this code."""


def frozen_chains(count=64, far=5.0):
    """Chains at STEEP, warm, the first with a site far up the wall of the potential."""
    chains, hot = begin((8, 8), 0.3, 100.0, chains=count, seed=1)
    step = tuned_step(chains, target=0.9, scale=warmed_up(chains))
    chains.advance(Trajectory(28, step), 60)
    fields = chains.fields
    fields[0, 0, 0] = far
    return Chains((8, 8), 0.3, 100.0, fields, seed=2), hot, Trajectory(28, step)


def test_hybrid_monte_carlo_agrees_with_metropolis(tmp_path):
    """Three averages; false alarm 1e-4. Chains from N(0, 1) had left 3 of 256 where they were: <phi dS/dphi> = 10 +- 5."""
    path, record = tmp_path / "reference.h5", tmp_path / "reference.json"
    write_reference(
        path,
        record,
        tmp_path / "cost.json",
        role="reference",
        system=STEEP,
        reference={"sampler": "hmc", "samples": 6400, "chains": 128},
        seed=1,
        checkpoint=tmp_path / "c.npz",
        threads=1,
    )
    with open_ensemble(path) as ensemble:
        phi, chain = ensemble.read().astype(float), ensemble.chain
    neighbours = phi * (np.roll(phi, 1, 1) + np.roll(phi, 1, 2)) / 2
    values = [(phi**2).mean((1, 2)), np.abs(phi.mean((1, 2))), neighbours.mean((1, 2))]
    for series, target in zip(values, METROPOLIS.values(), strict=True):
        means = np.array([series[chain == number].mean() for number in range(128)])
        assert abs(pull(series.mean(), means.std(ddof=1) / np.sqrt(128), *target)) < limit(3, 1e-4)
    said = read_json(record)
    assert said["thermalisation"]["unmoved"] == 0 and 0.8 < said["acceptance"] < 1
    assert len(said["identities"]) == 3
    first = said["identities"]["<phi dS/dphi> = 1"]
    assert first["groups"] == 128 and first["error"] < 0.1 and abs(first["pull"]) < 5


def test_a_frozen_chain_does_not_pass():
    """One of 64, which the ordinary error of the mean lets through."""
    chains, hot, trajectory = frozen_chains()
    size, identity = np.empty((2, 64, 40))
    accepted = np.zeros(64)
    for n in range(40):
        accepted += chains.advance(trajectory)
        size[:, n], identity[:, n] = chains.averages()
    evidence = Gate().weigh(size, identity, hot, accepted / 40)
    assert abs(evidence.schwinger_dyson) < 2
    assert evidence.unmoved == 1 and evidence.identity.worst == 0
    assert set(evidence.identity.failures(FALSE_ALARM)) >= {"mean", "worst"} and not evidence.accepted
    with pytest.raises(InputError, match=r"1 of 64 chains that never moved.* chain 0 by") as caught:
        thermalise(chains, trajectory, hot, patience=2)
    assert len(str(caught.value).splitlines()) == 1


def test_the_gate_turns_right_blocks_away_as_seldom_as_it_says():
    """400 blocks of 64 chains of skewed values; 6e-4 each, so 4 or more have a probability of 1e-4."""
    generator, hot = np.random.default_rng(8), np.arange(64) % 2 == 0
    refused = 0
    for _ in range(400):
        means = generator.gamma(16, size=(64, 1)) / 16
        size = 1 + 0.1 * generator.normal(size=(64, 1))
        refused += not Gate().weigh(size, means, hot, np.ones(64)).accepted
    assert refused < 4


def test_a_quench_that_leaves_configurations_where_they_were_is_refused():
    def chains(start, seed):
        return Chains((8, 8), 0.3, 100.0, start, seed=seed)

    with pytest.raises(InputError, match=r"reference.steps: .* that none of 20 trajectories moved"):
        quenched(chains, (32, 8, 8), np.random.SeedSequence(1), trajectories=20, steps=40)


@pytest.mark.parametrize("coupling", [2.0, 100.0, 1e4])
def test_every_chain_moves_and_the_step_suits_the_potential(coupling):
    chains, _ = begin((16, 16), 0.3, coupling, chains=64, seed=5)
    scale = warmed_up(chains)
    step = tuned_step(chains, target=0.9, clusters=0, scale=scale)
    accepted = chains.advance(Trajectory(10, step, clusters=0), 60)
    assert accepted.min() > 0.5 and accepted.mean() == pytest.approx(0.9, abs=0.05)
    # The curvature at a minimum is 8 lambda; the integrator is unstable beyond 1.3 of its inverse root.
    assert 0.2 < step * np.sqrt(8 * coupling) < 1.3


def test_hot_starts_of_a_single_well_are_what_they_were():
    """N(0, 1) and the cold width of 0.1, with the very numbers of the seed."""
    fields, hot = starts(np.random.default_rng(1), 8, (4, 4), 0.26, 0.022)
    normals = np.random.default_rng(1).standard_normal((8, 4, 4), dtype=np.float32)
    np.testing.assert_array_equal(fields[hot], normals[hot])
    assert 0.05 < fields[1].std() < 0.15


def test_hot_starts_of_a_double_well_are_disordered_and_at_its_minima():
    fields, hot = starts(np.random.default_rng(1), 64, (8, 8), 0.3, 100.0)
    assert np.abs(fields[hot].mean((1, 2))).max() < 0.5
    assert np.abs(fields[hot]).min() > 0.9 and np.abs(fields[hot]).max() < 1.3
    assert Phi4(0.3, 100.0, (8, 8)).action(fields[hot]).max() < 0


def test_the_choice_of_a_trajectory_is_recorded():
    chains, _ = begin((4, 4), 0.3, 100.0, chains=16, seed=1)
    trajectory, record = HybridMonteCarlo().choose(chains)
    assert HybridMonteCarlo().recall(record) == trajectory and trajectory.step_size < 0.05
