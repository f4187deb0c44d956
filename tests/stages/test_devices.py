"""Generation and correction: what they make does not depend on how many devices share it."""

import h5py
import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

from emulant.families.diffusion.model import Model
from emulant.stages import correction, generation, likelihoods
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance
from emulant.storage.records import write_json
from tests.scripts import script
from tests.settings import SMALL_DIFFUSION

SYSTEM = {"kind": "phi4", "kappa": 0.2, "lambda": 0.02, "shape": [4, 4]}
SETTINGS = SMALL_DIFFUSION | {
    "generation": {"solver": "euler_maruyama", "steps": 8, "samples": 70, "batch": 16}
}

CORRECTION = {
    "metropolis_steps": 8,
    "likelihood_samples": 10,
    "likelihood_steps": 4,
    "probes": 2,
    "exact_trace": False,
}


@pytest.fixture
def trained(tmp_path):
    data = torch.randn(600, 4, 4, generator=torch.Generator().manual_seed(1))
    model = Model.build(SETTINGS, data)
    # As it is built its output is zero, and no trace would have noise.
    torch.nn.init.normal_(model.network.project, generator=torch.Generator().manual_seed(2))
    save_file(model.tensors(), tmp_path / "weights.safetensors")
    attributes = {"parameters": "{}"}
    record = {"settings": SETTINGS, "site_shape": [4, 4], "provenance": attributes}
    write_json(tmp_path / "model.json", record)
    return tmp_path


def generate(folder, ensemble, trajectory):
    script("generate").main(
        folder / "weights.safetensors",
        ensemble,
        folder / "cost.json",
        system=SYSTEM,
        seed=4,
        threads=1,
        trajectory=trajectory,
    )


def correct(folder, raw, label=""):
    """The files that the script wrote: both ensembles, likelihoods, record."""
    names = ("metropolis.h5", "weighted.h5", "likelihood.csv", "record.json", "cost.json")
    files = [folder / f"{label}{name}" for name in names]
    script("correct").main(
        folder / "weights.safetensors", raw, *files, system=SYSTEM, correction=CORRECTION, seed=5, threads=1
    )
    return files


def test_an_ensemble_does_not_depend_on_the_number_of_devices(trained, monkeypatch):
    fields, tables = [], []
    for count in (1, 3):
        monkeypatch.setattr(generation, "devices", lambda count=count: ["cpu"] * count)
        files = [trained / f"{count}{name}" for name in ("ensemble.h5", "trajectory.csv")]
        generate(trained, *files)
        with h5py.File(files[0]) as file:
            fields.append(file["configurations"][:])
        tables.append(pd.read_csv(files[1]))
    assert fields[0].shape == (70, 4, 4)
    assert len(np.unique(fields[0][:, 0, 0])) == 70
    np.testing.assert_array_equal(*fields)
    pd.testing.assert_frame_equal(*tables)


def test_corrections_do_not_depend_on_the_number_of_devices(trained, monkeypatch):
    """70 configurations in batches of 16, 10 likelihoods in batches of 4."""
    raw, results = trained / "ensemble.h5", []
    generate(trained, raw, trained / "trajectory.csv")
    monkeypatch.setattr(correction, "BATCH", 16)
    monkeypatch.setattr(likelihoods, "BATCH", 4)
    for count in (1, 3):
        monkeypatch.setattr(correction, "devices", lambda count=count: ["cpu"] * count)
        files = correct(trained, raw, str(count))
        with h5py.File(files[0]) as file:
            fields = file["configurations"][:]
        results.append((fields, pd.read_csv(files[2]), files[3].read_text()))
    (one, likelihood, record), (two, again, other) = results
    assert one.shape == (70, 4, 4) and len(np.unique(one[:, 0, 0])) == 70 and len(likelihood) == 10
    np.testing.assert_array_equal(one, two)
    pd.testing.assert_frame_equal(likelihood, again)
    assert record == other
    assert likelihood["error"].min() > 0


def test_every_batch_of_corrections_has_noise_of_its_own(trained, monkeypatch):
    """Equal fields: two batches of them end in different ones, and their likelihoods differ by the trace's noise."""
    equal = torch.randn(4, 4, generator=torch.Generator().manual_seed(6)).expand(32, 4, 4)
    attributes = provenance(system="phi4", parameters=SYSTEM, sampler="hmc", seed=1)
    with EnsembleWriter(trained / "equal.h5", (4, 4), attributes=attributes) as writer:
        writer.append(equal.numpy())
    monkeypatch.setattr(correction, "BATCH", 16)
    monkeypatch.setattr(likelihoods, "BATCH", 4)
    files = correct(trained, trained / "equal.h5")
    with h5py.File(files[0]) as file:
        fields = file["configurations"][:]
    assert (fields[:16] != fields[16:]).all()
    minus_log_q = pd.read_csv(files[2])["minus_log_q"]
    assert (minus_log_q[:4].to_numpy() != minus_log_q[4:8].to_numpy()).all()
