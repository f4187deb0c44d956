"""Events in the workflow: UrQMD's shards as jobs, and events that a user brings."""

import importlib.util

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emulant.collisions.events import concatenated
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.tables import open_events, read_events, write_events
from emulant.systems.collision.system import Collision
from tests.references import sample_reference

pytestmark = pytest.mark.pipeline

CARBON = {"projectile": [12, 6], "target": [12, 6], "energy": 10.0, "impact": [1.0, 1.0]}
SYSTEM = (
    "title: A test\nabout: Of the workflow itself.\n"
    "system: {{kind: collision, projectile: [12, {charge}], target: [12, 6], energy: 10.0, impact: [1.0, 1.0]}}\n"
)
SHARDS = SYSTEM.format(charge=6) + "reference: {sampler: urqmd, samples: 64, shard: 40}\nmodels: []\n"
BROUGHT = SYSTEM + "reference: {{sampler: file, file: mine.parquet}}\nmodels: []\n"


def test_urqmd_is_made_in_jobs_of_a_shard(checkout, tmp_path_factory):
    folder = checkout.copy(tmp_path_factory.mktemp("shards"))
    folder.write("config/experiments/carbon.yaml", SHARDS)
    plan = folder.plan("results/smoke/carbon/reference.parquet")
    assert sorted(rule for rule, _ in plan) == ["reference_events", "shard_events", "shard_events"]


@pytest.mark.skipif(importlib.util.find_spec("chromo") is None, reason="chromo is not installed")
def test_shards_give_the_events_of_one_process(checkout, tmp_path_factory, tmp_path):
    """64 events by two jobs at once; nothing of the shards is left, and nothing is done again."""
    folder = checkout.copy(tmp_path_factory.mktemp("urqmd"))
    folder.write("config/experiments/carbon.yaml", SHARDS)
    target = "results/smoke/carbon/reference.parquet"
    folder.make(target)
    with open_events(folder.path / target) as file:
        seed = file.attributes["seed"]
    settings = {"sampler": "urqmd", "samples": 64}
    one = tmp_path / "one.parquet"
    sample_reference(Collision(CARBON), one, settings=settings, seed=seed, checkpoint=tmp_path / "one.npz")
    merged, alone = read_events(folder.path / target), read_events(one)
    assert merged.momenta.tobytes() == alone.momenta.tobytes()
    assert merged.pdg.tobytes() == alone.pdg.tobytes()
    assert not list((folder.path / "results/smoke/carbon/shards").glob("*"))
    assert not list((folder.path / "checkpoints").rglob("*.parquet"))
    assert "Nothing to be done" in folder.make(target)


@pytest.fixture(scope="module")
def brought(checkout, tmp_path_factory):
    """A copy with 400 events of a user, and an experiment for them; another says that they are of nitrogen."""
    folder = checkout.copy(tmp_path_factory.mktemp("brought"))
    events = concatenated(list(Surrogate(**CARBON).events(400, seed=1)))
    attributes = {"system": "mine", "parameters": "{}", "sampler": "mine", "seed": "1"}
    write_events(folder.path / "mine.parquet", events, attributes)
    folder.write("config/experiments/brought.yaml", BROUGHT.format(charge=6))
    folder.write("config/experiments/nitrogen.yaml", BROUGHT.format(charge=7))
    return folder


def test_a_users_events_are_a_reference(brought):
    """They are judged, half against half, and drawn."""
    brought.make("results/smoke/brought/figures/index.json")
    results = brought.path / "results/smoke/brought"
    assert read_events(results / "reference.parquet").number.tolist() == list(range(1, 400, 2))
    tests = pd.read_csv(results / "two_sample.csv")
    assert set(tests["verdict"]) == {"pass"} and len(tests) == 6
    for name in ("conservation", "count_correlations", "event_display", "spectra_rapidity", "spectra_pt"):
        assert (results / "figures" / f"{name}.svg").exists()


def test_a_changed_table_beside_a_users_particles_makes_the_reference_again(brought):
    target, table = "results/smoke/brought/reference.parquet", brought.path / "mine.events.parquet"
    brought.make(target)
    assert not brought.plan(target)
    before = pq.read_table(table)
    column = before.schema.get_field_index("impact_parameter")
    pq.write_table(before.set_column(column, "impact_parameter", pa.array([0.5] * len(before))), table)
    assert [rule for rule, _ in brought.plan(target)] == ["reference_events"]


def test_events_of_other_nuclei_are_refused_in_one_line(brought):
    done = brought.run("results/smoke/nitrogen/reference.parquet")
    assert done.returncode != 0
    (line,) = [line for line in done.stdout.splitlines() if "Error: mine.parquet" in line]
    assert "Q, event 0: expected 13 as in the nuclei" in line
    assert not (brought.path / "results/smoke/nitrogen/reference.parquet").exists()
