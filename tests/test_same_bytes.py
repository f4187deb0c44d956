"""The comparison of two folders of results sees one bit, and nothing where there is nothing."""

import json
import shutil

import h5py
import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from tests.same_bytes import differences

TABLE = {
    "experiment": ["well"] * 3,
    "source": ["reference", "flow", "flow_weighted"],
    "value": [1.0, np.nan, 0.1],
}


def ensemble(file, fields, version):
    with h5py.File(file, "w") as opened:
        opened["configurations"] = fields
        opened.attrs.update(seed=3, code_version=version)


@pytest.fixture
def results(tmp_path):
    """Two folders that differ in what made them alone."""
    rng = np.random.default_rng(1)
    for name in ("old", "new"):
        folder = tmp_path / name / "well"
        (folder / "cost").mkdir(parents=True)
        (folder / "cost/train.json").write_text(json.dumps({"seconds": name}))
        record = {"seed": 1, "ess": float("nan"), "provenance": {"code_version": name, "seed": 2}}
        (folder / "reference.json").write_text(json.dumps(record))
        pd.DataFrame(TABLE).to_csv(folder / "observables.csv", index=False)
        pd.DataFrame(TABLE).to_parquet(folder / "observables.parquet")
    fields = rng.normal(size=(8, 4, 4)).astype(np.float32)
    for name in ("old", "new"):
        ensemble(tmp_path / name / "well/reference.h5", fields, name)
        save_file({"weight": fields[0]}, tmp_path / name / "well/weights.safetensors")
    return tmp_path / "old", tmp_path / "new"


def test_equal_results_do_not_differ(results):
    assert not list(differences(*results))


def test_two_columns_name_the_same_source_as_one(results):
    named = pd.DataFrame(TABLE).drop(columns="source")
    named["model"], named["variant"] = ["reference", "flow", "flow"], ["", "", "weighted"]
    named.to_csv(results[1] / "well/observables.csv", index=False)
    named.to_parquet(results[1] / "well/observables.parquet")
    assert not list(differences(*results))
    named["variant"] = ["", "", "metropolis"]
    named.to_csv(results[1] / "well/observables.csv", index=False)
    (line,) = differences(*results)
    assert line.startswith(
        "well/observables.csv: source differs in 1 of 3 values, first at (2,): 'flow_weighted'"
    )


def test_the_last_bit_of_a_field_is_seen(results):
    file = results[1] / "well/reference.h5"
    with h5py.File(file, "r+") as opened:
        opened["configurations"][5, 2, 1] = np.nextafter(opened["configurations"][5, 2, 1], np.float32(9))
    (line,) = differences(*results)
    assert line.startswith("well/reference.h5: configurations differs in 1 of 128 values, first at (5, 2, 1)")


def test_a_seed_a_weight_and_a_digit_are_seen(results):
    new = results[1] / "well"
    with h5py.File(new / "reference.h5", "r+") as opened:
        opened.attrs["seed"] = 4
    save_file({"weight": np.zeros((4, 4), dtype=np.float32)}, new / "weights.safetensors")
    for name, old, changed in (
        ("observables.csv", "0.1", "0.10"),
        ("reference.json", '"seed": 2', '"seed": 5'),
    ):
        text = (new / name).read_text()
        assert old in text
        (new / name).write_text(text.replace(old, changed))
    parts = [line.split(": ")[1].split()[0] for line in differences(*results)]
    assert parts == ["value", "@seed", "provenance.seed", "weight"]


def test_a_file_and_a_dataset_that_are_missing_are_seen(results):
    shutil.copy(results[0] / "well/reference.h5", results[0] / "well/training.h5")
    with h5py.File(results[1] / "well/reference.h5", "r+") as opened:
        opened["log_q"] = np.zeros(8)
    assert list(differences(*results)) == [
        "well/training.h5: only in the old results",
        "well/reference.h5: log_q only in the new file",
    ]
