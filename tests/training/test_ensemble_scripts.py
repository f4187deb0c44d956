"""Generation and correction: what they make does not depend on how many devices share it."""

import importlib.util
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from emulant.models.diffusion import Model
from emulant.storage.records import write_json

SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
SYSTEM = {"kind": "phi4", "kappa": 0.2, "lambda": 0.02, "shape": [4, 4]}
SETTINGS = {
    "name": "ve_diffusion",
    "family": "diffusion",
    "path": {"kind": "variance_exploding", "sigma": 25.0},
    "network": {"kind": "lattice", "channels": 4, "blocks": 2},
    "generation": {"solver": "euler_maruyama", "steps": 8, "samples": 70, "batch": 16},
}


def script(name):
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def trained(tmp_path):
    data = torch.randn(600, 4, 4, generator=torch.Generator().manual_seed(1))
    save_file(Model.build(SETTINGS, data).tensors(), tmp_path / "weights.safetensors")
    made = {"parameters": "{}"}
    record = {"settings": SETTINGS, "site_shape": [4, 4], "provenance": made}
    write_json(tmp_path / "model.json", record)
    return tmp_path


def test_an_ensemble_does_not_depend_on_the_number_of_devices(trained, monkeypatch):
    generate = script("generate")
    fields, tables = [], []
    for count in (1, 3):
        monkeypatch.setattr(generate, "devices", lambda count=count: ["cpu"] * count)
        files = [trained / f"{name}{count}" for name in ("ensemble.h5", "trajectory.csv", "cost.json")]
        generate.main(trained, *files, system=SYSTEM, seed=4, threads=1)
        with h5py.File(files[0]) as file:
            fields.append(file["configurations"][:])
        tables.append(pd.read_csv(files[1]))
    assert fields[0].shape == (70, 4, 4)
    assert len(np.unique(fields[0][:, 0, 0])) == 70
    np.testing.assert_array_equal(*fields)
    pd.testing.assert_frame_equal(*tables)


def test_corrections_do_not_depend_on_the_number_of_devices(trained, monkeypatch):
    """70 configurations in batches of 16, 10 likelihoods in batches of 4; each batch has noise of its own."""
    raw = trained / "ensemble.h5"
    script("generate").main(
        trained, raw, trained / "trajectory.csv", trained / "cost.json", system=SYSTEM, seed=4, threads=1
    )
    correct, found = script("correct"), []
    monkeypatch.setattr(correct, "BATCH", 16)
    monkeypatch.setattr(correct, "LIKELIHOODS", 4)
    correction = {
        "metropolis_steps": 8,
        "likelihood_samples": 10,
        "likelihood_steps": 4,
        "probes": 2,
        "exact_trace": False,
    }
    for count in (1, 3):
        monkeypatch.setattr(correct, "devices", lambda count=count: ["cpu"] * count)
        names = ("metropolis.h5", "weighted.h5", "likelihood.csv", "record.json", "cost.json")
        files = [trained / f"{count}{name}" for name in names]
        correct.main(trained, raw, *files, system=SYSTEM, correction=correction, seed=5, threads=1)
        with h5py.File(files[0]) as file:
            fields = file["configurations"][:]
        found.append((fields, pd.read_csv(files[2]), files[3].read_text()))
    (one, likelihood, record), (two, again, other) = found
    assert one.shape == (70, 4, 4) and len(np.unique(one[:, 0, 0])) == 70 and len(likelihood) == 10
    np.testing.assert_array_equal(one, two)
    pd.testing.assert_frame_equal(likelihood, again)
    assert record == other
