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

SCRIPT = Path(__file__).parents[2] / "workflow/scripts/generate.py"
SETTINGS = {
    "name": "ve_diffusion",
    "family": "diffusion",
    "path": {"kind": "variance_exploding", "sigma": 25.0},
    "network": {"kind": "lattice", "channels": 4, "blocks": 2},
    "generation": {"solver": "euler_maruyama", "steps": 8, "samples": 70, "batch": 16},
}


@pytest.fixture
def trained(tmp_path):
    data = torch.randn(600, 4, 4, generator=torch.Generator().manual_seed(1))
    save_file(Model.build(SETTINGS, data).tensors(), tmp_path / "weights.safetensors")
    made = {"parameters": "{}"}
    record = {"settings": SETTINGS, "site_shape": [4, 4], "provenance": made}
    write_json(tmp_path / "model.json", record)
    return tmp_path


def test_an_ensemble_does_not_depend_on_the_number_of_devices(trained, monkeypatch):
    spec = importlib.util.spec_from_file_location("generate", SCRIPT)
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    fields, tables = [], []
    for count in (1, 3):
        monkeypatch.setattr(generate, "devices", lambda count=count: ["cpu"] * count)
        files = [trained / f"{name}{count}" for name in ("ensemble.h5", "trajectory.csv", "cost.json")]
        generate.main(trained, *files, system={"kind": "phi4"}, seed=4, threads=1)
        with h5py.File(files[0]) as file:
            fields.append(file["configurations"][:])
        tables.append(pd.read_csv(files[1]))
    assert fields[0].shape == (70, 4, 4)
    assert len(np.unique(fields[0][:, 0, 0])) == 70
    np.testing.assert_array_equal(*fields)
    pd.testing.assert_frame_equal(*tables)
