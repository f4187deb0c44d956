"""Shards of events: of UrQMD, by a stand-in process that writes what its seed says, and of the surrogate."""

import os

import pytest

from emulant.collisions import urqmd
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.tables import facts_path, read_events, write_events
from emulant.errors import InputError
from emulant.storage.pieces import FIRST_SAMPLE
from emulant.systems import samplers_of
from emulant.systems.collision.reference import PIECE
from emulant.systems.collision.system import Collision
from tests.references import sample_reference

CARBON = {"projectile": [12, 6], "target": [12, 6], "energy": 10.0, "impact": [1.0, 1.0]}
SETTINGS = {"sampler": "urqmd", "samples": 25}
BODY = """
import json, sys
import numpy as np
from emulant.collisions.events import Events, on_shell
from emulant.collisions.tables import write_events
order = json.load(open(sys.argv[1]))
events, generator = order["events"], np.random.default_rng(order["seed"])
pdg = np.tile([2212] * 12 + [2112] * 12, events)
momenta = on_shell(generator.normal(size=(len(pdg), 3)), np.full(len(pdg), 0.938))
facts = {"impact_parameter": np.full(events, order["settings"]["impact"][0])}
number = order["first"] + np.arange(events)
write_events(order["path"], Events(number, np.full(events, 24), pdg, momenta, facts), order["attributes"])
print(".")
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    (tmp_path / "worker").mkdir()
    (tmp_path / "worker" / "stand_in.py").write_text(BODY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "worker"), prepend=os.pathsep)
    monkeypatch.setattr(urqmd, "WORKER", "stand_in")
    monkeypatch.setattr(urqmd, "available", lambda: True)


def content(path):
    return path.read_bytes(), facts_path(path).read_bytes()


def in_shards(system, folder, size, settings=SETTINGS):
    """What jobs make of shards of `size` events, the last first, and their merger."""
    checkpoint, count = folder / "checkpoints" / "reference.npz", -(-settings["samples"] // size)
    shards = [folder / f"{shard}.parquet" for shard in range(count)]
    sampler = samplers_of("collision")[settings["sampler"]]
    for shard in reversed(range(count)):
        sampler.shard(
            system, shards[shard], settings=settings, seed=3, checkpoint=checkpoint, shard=shard, size=size
        )
    sampler.merge(system, folder / "all.parquet", shards, settings=settings, seed=3)
    assert not list((folder / "checkpoints").rglob("*.parquet"))
    return content(folder / "all.parquet")


def test_neither_shards_nor_workers_change_the_bytes(tmp_path, stand_in):
    system = Collision(CARBON)
    record = sample_reference(
        system,
        tmp_path / "one.parquet",
        settings=SETTINGS,
        seed=3,
        checkpoint=tmp_path / "one.npz",
        threads=2,
    )
    assert record["samples"] == 25 and record["sum_B"] == {"mean": 24.0, "deviation": 0.0}
    assert in_shards(system, tmp_path / "jobs", 2 * PIECE) == content(tmp_path / "one.parquet")
    assert read_events(tmp_path / "one.parquet").number.tolist() == list(range(25))


def test_impact_parameters_take_turns_by_piece(tmp_path, stand_in):
    in_shards(Collision(CARBON), tmp_path, 2 * PIECE, SETTINGS | {"conditions": {"impact": [0.5, 1.5]}})
    impact = read_events(tmp_path / "all.parquet").facts["impact_parameter"]
    assert impact.tolist() == [0.5] * 10 + [1.5] * 10 + [0.5] * 5


def test_a_shard_that_begins_within_a_piece_of_urqmd_is_refused(tmp_path, stand_in):
    with pytest.raises(InputError, match="expected a multiple of 10"):
        in_shards(Collision(CARBON), tmp_path, 15)


@pytest.mark.parametrize("conditions", [{}, {"conditions": {"impact": [0.5, 4.0]}}])
def test_the_surrogate_does_not_depend_on_its_shards(tmp_path, conditions):
    """Its batches have 64 events: shards of 10 and 20 cut them."""
    settings = {"sampler": "surrogate", "samples": 130} | conditions
    system, file = Collision(CARBON), tmp_path / "one.parquet"
    sample_reference(system, file, settings=settings, seed=3, checkpoint=tmp_path / "one.npz")
    for size in (10, 20, 64, 130):
        assert in_shards(system, tmp_path / f"{size}", size, settings) == content(file)


def test_a_merger_that_lacks_a_shard_or_has_a_foreign_one_is_refused(tmp_path):
    system, sampler = Collision(CARBON), samplers_of("collision")["urqmd"]
    events = next(Surrogate(**CARBON).events(25, seed=1))

    def shard(name, part, physics=system):
        attributes = sampler.attributes(physics, SETTINGS, 3) | {FIRST_SAMPLE: int(part.number[0])}
        write_events(tmp_path / name, part, attributes)
        return tmp_path / name

    first, second = shard("0.parquet", events[:20]), shard("1.parquet", events[20:])
    foreign = shard("2.parquet", events[20:], Collision(CARBON | {"energy": 11.0}))
    for chosen, words in (
        ([first], "events: expected 25 in 1 shards"),
        ([first, foreign], "parameters: expected"),
        ([first, first], "event 0 again"),
    ):
        with pytest.raises(InputError, match=words):
            sampler.merge(system, tmp_path / "x.parquet", chosen, settings=SETTINGS, seed=3)
        assert not (tmp_path / "x.parquet").exists()
    record = sampler.merge(system, tmp_path / "x.parquet", [first, second], settings=SETTINGS, seed=3)
    assert record["samples"] == 25
