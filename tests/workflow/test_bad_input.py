"""Ensembles that cannot be used, held against the scripts that read them: one line, and no output."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from emulant.errors import InputError
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance
from tests.scripts import script

ROOT = Path(__file__).parents[2]
SYSTEM = {"kind": "phi4", "kappa": 0.21, "lambda": 0.022, "shape": [4, 4]}
MODEL = {
    "name": "vp_diffusion",
    "family": "diffusion",
    "path": {"kind": "variance_preserving", "sigma": 10.0},
    "network": {"kind": "lattice", "channels": 2, "blocks": 1},
    "training": {"steps": 2, "batch": 8},
    "generation": {"solver": "latent_flow", "steps": 2, "samples": 8, "batch": 8},
}
CORRECTION = {
    "metropolis_steps": 1,
    "likelihood_samples": 4,
    "likelihood_steps": 2,
    "probes": 1,
    "exact_trace": False,
}


def ensemble(path, fields):
    attributes = provenance(system="phi4", parameters={"kappa": 0.21}, sampler="hmc", seed=1)
    with EnsembleWriter(path, fields.shape[1:], attributes=attributes) as writer:
        writer.append(fields.astype("float32"))
    return path


def noise(*shape):
    return np.random.default_rng(2).normal(size=(256, *shape))


def constant(path):
    ensemble(path, np.full((256, 4, 4), 0.5))


def not_a_number(path):
    ensemble(path, np.where(np.arange(256)[:, None, None] == 7, np.nan, noise(4, 4)))


def other_lattice(path):
    ensemble(path, noise(6, 6))


def truncated(path):
    ensemble(path, noise(4, 4))
    path.write_bytes(path.read_bytes()[:5000])


def foreign(path):
    with h5py.File(path, "w") as file:
        file["velocity"] = noise(4, 4)


FAULTS = [
    (constant, "zero variance"),
    (not_a_number, "NaN or infinity in row 7"),
    (other_lattice, r"lattice shape \(4, 4\), got \(6, 6\)"),
    (truncated, "truncated or foreign"),
    (foreign, "a dataset of numbers"),
]


def train(folder, training):
    files = [folder / name for name in ("weights.safetensors", "model.json", "training.csv", "cost.json")]
    script("train").main(
        [training],
        *files,
        system=SYSTEM,
        settings=MODEL,
        seed=1,
        code="x",
        checkpoint=folder / "checkpoint",
        threads=1,
    )


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_training_on_it(tmp_path, fault, words):
    fault(tmp_path / "training.h5")
    (tmp_path / "model").mkdir()
    with pytest.raises(InputError, match=words):
        train(tmp_path / "model", tmp_path / "training.h5")
    assert list((tmp_path / "model").iterdir()) == []


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_measuring_it(tmp_path, fault, words):
    ensemble(tmp_path / "reference.h5", noise(4, 4))
    fault(tmp_path / "ensemble.h5")
    out = tmp_path / "out"
    out.mkdir()
    files = [out / name for name in ("observables.csv", "jackknife.h5", "distributions.csv", "forward.csv")]
    with pytest.raises(InputError, match=words):
        script("measure").main(
            [tmp_path / "reference.h5", tmp_path / "ensemble.h5"],
            *files,
            experiment="toy",
            system=SYSTEM,
            sources=[["reference", ""], ["vp_diffusion", ""]],
            names=None,
            paths={},
            seed=1,
        )
    assert list(out.iterdir()) == []


def correct(folder, raw, system):
    names = ("metropolis.h5", "weighted.h5", "likelihood.csv", "correction.json", "cost.json")
    (folder / "out").mkdir()
    files = [folder / "out" / name for name in names]
    script("correct").main(
        folder / "weights.safetensors", raw, *files, system=system, correction=CORRECTION, seed=1, threads=1
    )


@pytest.mark.parametrize(("fault", "words"), FAULTS[1:])
def test_correcting_it(tmp_path, fault, words):
    train(tmp_path, ensemble(tmp_path / "training.h5", noise(4, 4)))
    fault(tmp_path / "ensemble.h5")
    with pytest.raises(InputError, match=words):
        correct(tmp_path, tmp_path / "ensemble.h5", SYSTEM)
    assert list((tmp_path / "out").iterdir()) == []


def test_correcting_with_the_model_of_another_lattice(tmp_path):
    train(tmp_path, ensemble(tmp_path / "training.h5", noise(4, 4)))
    raw = ensemble(tmp_path / "ensemble.h5", noise(6, 6))
    with pytest.raises(InputError, match=r"lattice shape"):
        correct(tmp_path, raw, SYSTEM | {"shape": [6, 6]})
    assert list((tmp_path / "out").iterdir()) == []
