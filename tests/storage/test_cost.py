"""Records of cost: written once, whole, and read by whoever declares them."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from emulant.storage.cost import costs_of, ledger_entry
from emulant.storage.records import read_json, write_json
from emulant.storage.tables import COLUMNS
from tests.scripts import script

SYSTEM = {"kind": "two_peak", "mean": 1.0, "width": 0.25}
SETTINGS = {
    "name": "ve_diffusion",
    "family": "single_site",
    "path": {"kind": "variance_exploding", "sigma": 10.0},
    "network": {"kind": "pointwise", "channels": 4, "blocks": 1, "embedding": 4},
    "training": {"steps": 2, "batch": 8},
    "generation": {"solver": "latent_flow", "steps": 2, "samples": 8, "batch": 8},
}


@pytest.fixture
def renamed(monkeypatch):
    """How often each file was moved to its place."""
    count, replace = Counter(), Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, path: (count.update([path.name]), replace(self, path)))
    return count


def test_a_job_writes_each_of_its_files_once(tmp_path, renamed):
    names = ("training.h5", "training.json", "cost/training.json")
    script("reference").main(
        *(tmp_path / name for name in names),
        role="training",
        system=SYSTEM,
        reference={"sampler": "exact", "samples": 256},
        seed=1,
        checkpoint=tmp_path / "reference.npz",
        threads=1,
    )
    assert renamed == {"training.h5": 1, "training.json": 2}, "diagnostics and cost have the same name"
    assert read_json(tmp_path / names[2])["configurations"] == 256
    script("train").main(
        [tmp_path / "training.h5"],
        *(tmp_path / name for name in ("weights.safetensors", "model.json", "training.csv", "cost.json")),
        system=SYSTEM,
        settings=SETTINGS,
        seed=1,
        code="",
        checkpoint=tmp_path / "checkpoint.safetensors",
        threads=1,
    )
    assert renamed["cost.json"] == 1
    assert read_json(tmp_path / "cost.json")["configurations"] == 16


def test_an_entry_is_read_for_its_experiment_alone_in_the_order_given(tmp_path):
    files = [tmp_path / f"{name}.json" for name in ("toy/cost/b", "other/cost/a", "toy/cost/a")]
    for file in files:
        with ledger_entry(file, stage="train", model=file.stem, device="cpu", threads=1):
            pass
    assert [entry["model"] for entry in costs_of("toy", files)] == ["b", "a"]


def test_the_ledger_reads_what_it_declares_and_no_more(tmp_path):
    folder, columns = tmp_path / "toy", COLUMNS["comparison"]
    (folder / "cost").mkdir(parents=True)
    pd.DataFrame(columns=list(columns)).to_csv(folder / "comparison.csv", index=False)
    pd.DataFrame(columns=["experiment", "model", "variant"]).to_csv(folder / "verdict.csv", index=False)
    entry = {"stage": "reference", "model": "reference", "variant": "", "device": "cpu", "threads": 1}
    entry |= {"seconds": 1.0, "cpu_seconds": 1.0, "configurations": 8, "evaluations": None}
    write_json(folder / "cost/reference.json", entry | {"tau_int": 0.5})
    # What a killed job, and a model that was taken out, have left.
    for name in (".reference.json.4711.part.json", "removed.generate.json"):
        write_json(folder / "cost" / name, entry | {"tau_int": None})
    outputs = [tmp_path / name for name in ("comparison.csv", "verdict.csv", "cost.csv")]
    inputs = [[folder / name] for name in ("comparison.csv", "verdict.csv", "cost/reference.json")]
    script("ledger").main(*inputs, *outputs)
    assert pd.read_csv(outputs[2])["model"].tolist() == ["reference"]
