"""The reference stage: sampled, imported or put together, with one record and one entry of the ledger."""

import h5py
import numpy as np
import pytest

from emulant.errors import InputError
from emulant.storage.cost import timed_entry
from emulant.storage.ensemble import open_ensemble
from emulant.storage.records import read_json, write_json
from emulant.systems import system_from
from tests.scripts import script

PEAKS = {"kind": "planar_peaks", "mean": 1.0, "width": 0.25}
WELL = {"kind": "two_peak", "mean": 1.0, "width": 0.25}
CARBON = {
    "kind": "collision",
    "projectile": [12, 6],
    "target": [12, 6],
    "energy": 10.0,
    "impact": [1.0, 1.0],
}


@pytest.fixture
def reference(tmp_path):
    """A function (system, reference block, ...) -> files of ensemble, diagnostics and cost."""

    def reference(system, block, role="reference", suffix="h5", **shards):
        files = [tmp_path / name for name in (f"{role}.{suffix}", f"{role}.json", f"cost/{role}.json")]
        script("reference").main(
            *files,
            role=role,
            system=system,
            reference=block,
            seed=1,
            checkpoint=tmp_path / "c.npz",
            threads=1,
            **shards,
        )
        return files

    return reference


def test_the_entry_of_the_ledger_has_all_that_its_job_knows(reference):
    ensemble, diagnostics, cost = reference(PEAKS, {"sampler": "exact", "samples": 300}, role="training")
    entry = read_json(cost)
    assert entry.pop("seconds") > 0 and entry.pop("cpu_seconds") >= 0
    assert entry == {
        "stage": "reference",
        "model": "training",
        "variant": "",
        "device": "cpu",
        "threads": 1,
        "configurations": 300,
        "tau_int": 0.5,
        "evaluations": None,
    }
    assert read_json(diagnostics)["samples"] == 300
    with open_ensemble(ensemble) as samples:
        assert len(samples) == 300


def test_points_that_a_user_brings_are_a_reference(reference, tmp_path):
    """A system without a gradient has no identities to hold against the file."""
    points = system_from(PEAKS).sample(400, np.random.default_rng(1))
    np.save(tmp_path / "mine.npy", points)
    block = {"sampler": "file", "file": str(tmp_path / "mine.npy")}
    ensemble, diagnostics, _ = reference(PEAKS, block)
    with open_ensemble(ensemble, site_shape=(2,)) as samples:
        np.testing.assert_array_equal(samples.read(), points[200:].astype(np.float32))
    assert read_json(diagnostics) == {
        "sampler": "file",
        "file": str(tmp_path / "mine.npy"),
        "samples": 200,
        "chains": 1,
        "chains_from": "no numbers: all rows are successive in one chain",
        "equilibrated": True,
    }


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_either_precision_of_a_file_becomes_that_of_the_system(reference, tmp_path, dtype):
    points = system_from(WELL).sample(4000, np.random.default_rng(1)).astype(dtype)
    with h5py.File(tmp_path / "mine.h5", "w") as file:
        file["phi"] = points
    block = {"sampler": "file", "file": str(tmp_path / "mine.h5"), "dataset": "phi"}
    ensemble, diagnostics, _ = reference(WELL, block, role="training")
    with open_ensemble(ensemble) as samples:
        assert samples.dtype == np.float32 and len(samples) == 2000
    assert "<phi dS/dphi> = 1" in read_json(diagnostics)["identities"]


def test_chains_that_the_experiment_tells_are_those_of_the_ensemble(reference, tmp_path):
    np.save(tmp_path / "mine.npy", system_from(WELL).sample(4000, np.random.default_rng(1)))
    block = {"sampler": "file", "file": str(tmp_path / "mine.npy"), "chains": 5, "order": "successive"}
    ensemble, diagnostics, _ = reference(WELL, block)
    with open_ensemble(ensemble) as samples:
        np.testing.assert_array_equal(np.bincount(samples.chain), [0, 0, 400, 800, 800])
    assert read_json(diagnostics)["chains_from"] == "chains: 5, order: successive"


def test_an_ensemble_that_breaks_an_identity_is_refused(reference, tmp_path):
    np.save(tmp_path / "mine.npy", system_from(WELL | {"mean": 1.1}).sample(4000, np.random.default_rng(1)))
    with pytest.raises(InputError, match="expected <phi dS/dphi> = 1 per site"):
        reference(WELL, {"sampler": "file", "file": str(tmp_path / "mine.npy")})
    assert not (tmp_path / "reference.h5").exists()


def test_shards_are_put_together_and_their_costs_are_added(reference, tmp_path):
    block = {"sampler": "surrogate", "samples": 90}
    shards, costs = ([tmp_path / f"{k}.{suffix}" for k in range(2)] for suffix in ("parquet", "json"))
    for number in (1, 0):
        script("shard").main(
            shards[number],
            costs[number],
            role="reference",
            system=CARBON,
            reference=block,
            seed=1,
            checkpoint=tmp_path / "s.npz",
            shard=number,
            size=50,
            threads=1,
        )
        write_json(costs[number], read_json(costs[number]) | {"seconds": 100.0, "cpu_seconds": 50.0})
    ensemble, _, cost = reference(CARBON, block, suffix="parquet", shards=shards, costs=costs)
    merged = ensemble.read_bytes()
    assert 200 < read_json(cost)["seconds"] < 250
    assert read_json(cost)["configurations"] == 90
    ensemble, _, _ = reference(CARBON, block, suffix="parquet")
    assert ensemble.read_bytes() == merged


def test_shards_of_a_sampler_without_pieces_are_refused(tmp_path):
    with pytest.raises(InputError, match="samples can be made in shards, got exact"):
        script("shard").main(
            tmp_path / "a.h5",
            tmp_path / "a.json",
            role="reference",
            system=PEAKS,
            reference={"sampler": "exact", "samples": 100},
            seed=1,
            checkpoint=tmp_path / "s.npz",
            shard=0,
            size=50,
            threads=1,
        )


def test_a_timed_entry_has_model_and_variant():
    with timed_entry(stage="correct", model="flow", variant="weighted", device="cpu", threads=2) as entry:
        pass
    assert (entry["model"], entry["variant"]) == ("flow", "weighted")
