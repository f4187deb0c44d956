"""Hybrid Monte Carlo with clusters, on all backends, against exact results.

Limits are 5 sigma, a false alarm of 6e-7 a number, where nothing else is said.
"""

import subprocess
import sys

import numba
import numpy as np
import pandas as pd
import pytest

from emulant.contracts.declaration import SYSTEMS
from emulant.lattice.backends import BACKENDS, backend
from emulant.lattice.free import free_field_squared, free_susceptibility
from emulant.lattice.on_the_fly import OnTheFly
from emulant.lattice.sampler import Chains
from emulant.lattice.starts import starts
from emulant.lattice.torch_spread import torch_chains
from emulant.lattice.trajectory import LEAPFROG, OMELYAN, Trajectory
from emulant.statistics.pulls import limit, pull
from emulant.systems import observables_of
from emulant.systems.phi4.system import Phi4

TABLE = SYSTEMS / "phi4/published_high_statistics.csv"
engines = pytest.mark.parametrize("engine", BACKENDS)


def sampled(engine, shape, kappa, coupling, trajectory, *, chains=256, skip=60, count=80, seed=1):
    """Fields (chains, count, *shape) after `skip` trajectories from N(0, 1)."""
    fields = np.random.default_rng(seed).normal(size=(chains, *shape))
    stream = backend(engine)(shape, kappa, coupling, fields, seed=seed)
    stream.advance(trajectory, skip)
    configurations = []
    for _ in range(count):
        stream.advance(trajectory)
        configurations.append(stream.fields.astype(np.float64))
    return np.stack(configurations, axis=1)


def mean_over_chains(values):
    """Mean and error of (chains, n): chains are independent."""
    means = values.mean(1)
    return means.mean(), means.std(ddof=1) / np.sqrt(len(means))


@engines
@pytest.mark.parametrize("clusters", [0, 2])
@pytest.mark.parametrize("shape", [(8, 8), (12,), (4, 6, 4), (2, 4, 2, 4)])
def test_free_field(shape, clusters, engine):
    kappa = 0.8 / (4 * len(shape))
    fields = sampled(engine, shape, kappa, 0.0, Trajectory(12, 0.12, clusters=clusters), skip=40, count=30)
    value, error = mean_over_chains((fields**2).reshape(*fields.shape[:2], -1).mean(2))
    assert abs(value - free_field_squared(kappa, shape)) < 5 * error
    magnetisation = fields.reshape(*fields.shape[:2], -1).mean(2)
    value, error = mean_over_chains(np.prod(shape) * magnetisation**2)
    assert abs(value - free_susceptibility(kappa, len(shape))) < 5 * error


@engines
@pytest.mark.parametrize("kappa", [0.1, -0.2])
def test_other_couplings_obey_the_schwinger_dyson_identity(kappa, engine):
    """<phi dS/dphi> = 1 at strong coupling, and where bonds are antiferromagnetic and clusters do not apply."""
    stream = backend(engine)((6, 4), kappa, 0.8, np.zeros((256, 6, 4)), seed=5)
    trajectory = Trajectory(10, 0.12)
    stream.advance(trajectory, 40)
    identity = np.empty((256, 60))
    for n in range(60):
        stream.advance(trajectory)
        identity[:, n] = stream.averages()[1]
    value, error = mean_over_chains(identity)
    assert abs(value - 1) < 5 * error < 0.04


POINTS = [0.21, 0.24, 0.26, 0.27, 0.2705, 0.27088, 0.28, 0.4, 0.5]


@pytest.mark.parametrize(
    ("engine", "kappa"), [*(("numba", k) for k in POINTS), *(("torch", k) for k in (0.21, 0.27, 0.4))]
)
def test_high_statistics_values_at_32(engine, kappa):
    """All published rows at L = 32, from hot and cold starts; false alarm 1e-4 for the rows of one kappa."""
    table = pd.read_csv(TABLE, comment="#")
    here = (table["shape"] == "32x32") & (table["parameters"] == f"kappa={kappa:g};lambda=0.022")
    rows = table[here & (table["protocol"] == "equilibrium")]
    assert len(rows) >= 6
    shape, chains = (32, 32), 128 if engine == "numba" else 48
    fields, _ = starts(np.random.default_rng(1), chains, shape, kappa, 0.022)
    stream = backend(engine)(shape, kappa, 0.022, fields, seed=2)
    trajectory = Trajectory(22, 0.25, clusters=1) if kappa < 0.3 else Trajectory(8, 0.12, clusters=1)
    stream.advance(Trajectory(20, 0.05), 20)
    stream.advance(trajectory, 60 if engine == "numba" else 20)
    chosen = [observables_of("phi4")[name] for name in set(rows["observable"])]
    run = OnTheFly(chosen, Phi4(kappa, 0.022, shape))
    run.follow(stream, trajectory, sweeps=48 if engine == "numba" else 16)
    values = run.values()
    for _, row in rows.iterrows():
        component = observables_of("phi4")[row["observable"]].indices(shape).index(row["index"])
        ours = values[row["observable"]]
        size = pull(ours.value[component], ours.error[component], row["value"], row["error"])
        assert abs(size) < limit(len(rows), 1e-4), (row["observable"], row["index"], size)


@engines
@pytest.mark.parametrize("xi", [LEAPFROG, OMELYAN])
def test_rejections_fall_like_the_square_of_the_step(xi, engine):
    """<dH> falls like its fourth power and acceptance is erfc(sqrt(<dH>) / 2) (Creutz, PRD 38 (1988) 1228)."""
    rejected = []
    for step in (0.1, 0.2):
        stream = backend(engine)((8, 8), 0.2, 0.022, np.zeros((512, 8, 8)), seed=7)
        stream.advance(Trajectory(10, 0.1, clusters=0), 40)
        moves = Trajectory(2 * round(0.6 / step), step, 0.0, 0, xi=xi)
        rejected.append(1 - stream.advance(moves, 300 if xi == OMELYAN else 100).mean())
    assert 3.2 < rejected[1] / rejected[0] < 5.2


@engines
def test_clusters_leave_no_domain_wall(engine):
    """A hot start deep in the broken phase keeps walls for thousands of trajectories without clusters."""
    moves = {clusters: Trajectory(8, 0.12, clusters=clusters) for clusters in (0, 1)}
    ends = {
        c: sampled(engine, (16, 16), 0.4, 0.022, move, chains=64, skip=60, count=1)
        for c, move in moves.items()
    }
    assert np.abs(ends[1].mean((1, 2, 3))).min() > 3.4
    assert np.abs(ends[0].mean((1, 2, 3))).min() < 3.0


@engines
def test_the_flip_makes_both_signs_equally_frequent(engine):
    fields = sampled(engine, (4, 4), 0.5, 0.022, Trajectory(6, 0.1, clusters=0), skip=1, count=1, chains=1000)
    assert abs((fields.mean((1, 2, 3)) > 0).mean() - 0.5) < 5 * 0.5 / np.sqrt(1000)


@engines
def test_a_restored_state_goes_on_bit_for_bit(engine):
    make, fields = backend(engine), np.random.default_rng(1).normal(size=(8, 6, 6))
    stream, trajectory = make((6, 6), 0.26, 0.022, fields, seed=3), Trajectory(6, 0.2)
    stream.advance(trajectory, 5)
    state = stream.state()
    stream.advance(trajectory, 5)
    other = make((6, 6), 0.26, 0.022, 0 * fields, seed=4)
    other.restore(state)
    other.advance(trajectory, 5)
    assert len(stream) == 8 and stream.volume == 36
    np.testing.assert_array_equal(other.fields, stream.fields)
    np.testing.assert_array_equal(other.averages(), stream.averages())


@engines
def test_start_and_averages(engine):
    fields = np.random.default_rng(2).normal(size=(5, 4, 6)).astype(np.float32)
    stream = backend(engine)((4, 6), 0.23, 0.1, fields, seed=1)
    np.testing.assert_array_equal(stream.fields, fields)
    magnetisation, identity = stream.averages()
    system, values = Phi4(0.23, 0.1, (4, 6)), fields.astype(np.float64)
    np.testing.assert_allclose(magnetisation, values.mean((1, 2)))
    np.testing.assert_allclose(identity, (values * system.gradient(values)).mean((1, 2)))


def test_results_do_not_depend_on_the_number_of_threads():
    results = []
    for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(threads)
        move = Trajectory(10, 0.15)
        results.append(sampled("numba", (8, 8), 0.26, 0.022, move, chains=8, skip=2, count=3))
    np.testing.assert_array_equal(*results)


def test_a_sweep_is_its_single_trajectories():
    streams = [Chains((6, 6), 0.26, 0.022, np.zeros((4, 6, 6)), seed=6) for _ in range(2)]
    streams[0].advance(Trajectory(6, 0.2), 4)
    for _ in range(4):
        streams[1].advance(Trajectory(6, 0.2))
    np.testing.assert_array_equal(*(stream.fields for stream in streams))


def test_numba_does_without_torch():
    program = "import sys, emulant.systems.phi4.reference, emulant.lattice.sampler; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_unknown_backend_and_an_odd_trajectory_are_refused():
    with pytest.raises(ValueError, match="numba, torch"):
        backend("fortran")
    with pytest.raises(ValueError, match="even"):
        Trajectory(3, 0.1)


def test_chains_on_several_devices_are_those_of_each():
    fields = np.random.default_rng(4).normal(size=(9, 6, 6))
    spread, move = (
        torch_chains((6, 6), 0.26, 0.022, fields, seed=3, devices=["cpu", "cpu"]),
        Trajectory(6, 0.2),
    )
    # Before they move: shares of other sizes draw other numbers from equal seeds too.
    first, second = (part.state()["generator"] for part in spread.parts)
    assert not np.array_equal(first, second)
    accepted = spread.advance(move, 5)
    apart = np.concatenate([part.fields for part in spread.parts])
    assert (len(spread), spread.volume, accepted.shape) == (9, 36, (9,))
    np.testing.assert_array_equal(spread.fields, apart)
    other = torch_chains((6, 6), 0.26, 0.022, 0 * fields, seed=8, devices=["cpu", "cpu"])
    other.restore(spread.state())
    for stream in (spread, other):
        stream.advance(move, 3)
    np.testing.assert_array_equal(other.fields, spread.fields)
    np.testing.assert_array_equal(other.averages(), spread.averages())
    assert spread.cluster_work > 0
