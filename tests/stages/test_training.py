"""What a family learns from is read and checked, and moved by the symmetries of its system alone."""

import json

import h5py
import numpy as np
import pandas as pd
import pytest
import torch

from emulant.contracts.family import Examples
from emulant.errors import InputError
from emulant.stages.reference import write_reference
from emulant.stages.training import _tensors, read_training, symmetries_of, train_model
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.pairs import Pairs
from emulant.storage.provenance import provenance
from emulant.systems import system_from
from emulant.training.batches import Batches
from tests.settings import SMALL_DIFFUSION

PHI4 = system_from({"kind": "phi4", "kappa": 0.2, "lambda": 0.02, "shape": [6, 6]})
SETTINGS = SMALL_DIFFUSION | {"training": {"steps": 4, "batch": 16, "report_every": 2, "checkpoint_every": 2}}


def written(path, fields, dtype="float32", **attributes):
    record = provenance(system="phi4", parameters=PHI4.parameters, sampler="hmc", seed=1) | attributes
    with EnsembleWriter(path, fields.shape[1:], attributes=record, dtype=dtype) as writer:
        writer.append(fields)
    return [path]


def fields(count=400):
    return np.random.default_rng(1).standard_normal((count, 6, 6)).astype(np.float32)


def links(count=256):
    """Pure gauge: angles a(x) - a(x + mu) of random a, so that every plaquette is 1."""
    angle = 2 * torch.pi * torch.rand(count, 8, 8, generator=torch.Generator().manual_seed(2))
    return torch.stack([angle - angle.roll(-1, 1), angle - angle.roll(-1, 2)], dim=1)


def plaquette(link):
    """Mean cosine of theta_0(x) + theta_1(x + 0) - theta_0(x + 1) - theta_1(x)."""
    one, two = link[:, 0], link[:, 1]
    return float((one + two.roll(-1, 1) - one.roll(-1, 2) - two).cos().mean())


def test_symmetries_are_those_that_the_system_declares():
    samples = torch.from_numpy(fields())
    assert symmetries_of(PHI4, samples, Examples(samples)) == PHI4.symmetries
    assert symmetries_of(PHI4, samples, Examples(samples.clone())) == (), (
        "rows of a model's own are no fields"
    )
    plane = system_from({"kind": "planar_peaks", "mean": 1.0, "width": 0.25})
    assert symmetries_of(plane, samples, Examples(samples)) == ()


def test_links_of_a_gauge_field_stay_links():
    """256 pure-gauge fields: a system that declares no symmetry has its samples in every batch as they are."""
    samples, generator = links(), torch.Generator().manual_seed(3)

    class Gauge:
        kind, site_shape, parameters = "gauge", (2, 8, 8), {}

    symmetries = symmetries_of(Gauge(), samples, Examples(samples))
    batches = Batches(Examples(samples), 0.05, symmetries, torch.device("cpu"))
    for _ in range(16):
        assert plaquette(batches.drawn(64, generator)) == pytest.approx(1.0, abs=1e-5)
    # A scalar's symmetry would not have done.
    moved = Batches(Examples(samples), 0.05, PHI4.symmetries, torch.device("cpu"))
    assert min(plaquette(moved.drawn(64, generator)) for _ in range(16)) < 0.5


def test_a_scalar_field_is_reflected_and_its_axes_exchanged():
    (symmetry,) = PHI4.symmetries
    batch, generator = torch.from_numpy(fields(8)), torch.Generator().manual_seed(1)
    images = [symmetry(batch, generator) for _ in range(64)]
    torch.testing.assert_close(
        torch.stack([PHI4.action(image) for image in images]), PHI4.action(batch).expand(64, -1)
    )
    assert len({image.numpy().tobytes() for image in images}) == 8


def test_samples_that_do_not_differ_are_refused(tmp_path):
    files = written(tmp_path / "training.h5", np.ones((64, 6, 6), np.float32))
    with pytest.raises(InputError, match="zero variance"):
        read_training(files, PHI4, SETTINGS)


def test_forces_of_samples_out_of_equilibrium_are_refused(tmp_path):
    files = written(tmp_path / "training.h5", fields(), equilibrated=False)
    read_training(files, PHI4, SETTINGS)
    with pytest.raises(InputError, match="forces, in an ensemble that is not exp"):
        read_training(files, PHI4, SETTINGS | {"target": "forces"})


def test_a_trained_model_is_three_files(tmp_path):
    data = read_training(written(tmp_path / "training.h5", fields()), PHI4, SETTINGS)
    trained = train_model(data, PHI4, SETTINGS, seed=1, code="x", checkpoint=tmp_path / "c")
    files = [tmp_path / name for name in ("weights.safetensors", "model.json", "training.csv")]
    trained.write(*files)
    record = json.loads(files[1].read_text())
    assert record["site_shape"] == [6, 6] and record["provenance"]["system"] == "phi4"
    assert pd.read_csv(files[2])["step"].tolist() == [2, 4]


def test_a_family_of_the_action_needs_no_file():
    data = read_training([], PHI4, SETTINGS)
    assert data.samples is None and data.attributes["parameters"] == PHI4.parameters


def trains(files, system=PHI4):
    data = read_training(files, system, SETTINGS)
    trained = train_model(data, system, SETTINGS, seed=1, code="x", checkpoint=files[0].with_suffix(".c"))
    return all(np.isfinite(row["loss"]) for row in trained.curve)


def test_the_precision_of_a_file_is_none_of_training(tmp_path):
    """A sampler that writes what NumPy draws: a model sees the same numbers in single precision."""
    double = written(tmp_path / "double.h5", fields().astype(float), "float64")
    samples = read_training(double, PHI4, SETTINGS).samples
    torch.testing.assert_close(samples, torch.from_numpy(fields()), rtol=0, atol=0)
    assert trains(double)


def test_numbers_beyond_the_precision_of_training_are_refused(tmp_path):
    wide = fields().astype(float)
    wide[7, 1, 1] = 1e39
    with pytest.raises(InputError, match=r"configurations: expected finite numbers of torch.float32"):
        read_training(written(tmp_path / "a.h5", wide, "float64"), PHI4, SETTINGS)


def test_pairs_and_complex_fields_have_the_precision_of_training():
    pairs = Pairs(np.ones((2, 3)), np.ones((2, 1)), {"eta": np.ones(2), "kind": np.arange(2)})
    tensors = _tensors(pairs)
    floating = (tensors.inputs, tensors.outputs, tensors.conditions["eta"])
    assert {tensor.dtype for tensor in floating} == {torch.float32}
    assert tensors.conditions["kind"].dtype == torch.int64
    assert _tensors(np.ones(3, complex)).dtype == torch.complex64


@pytest.mark.parametrize("ending", ["npy", "h5"])
def test_an_ensemble_as_numpy_saves_it_trains(tmp_path, ending):
    """The first way of README's "Add your own": float64 in .npy, or in HDF5 with `dataset`."""
    free = {"kind": "phi4", "kappa": 0.0, "lambda": 0.0, "shape": [6, 6]}
    drawn, file = np.random.default_rng(1).normal(0, 0.5**0.5, (512, 6, 6)), tmp_path / f"mine.{ending}"
    if ending == "npy":
        np.save(file, drawn)
    else:
        with h5py.File(file, "w") as content:
            content["phi"] = drawn
    write_reference(
        *(tmp_path / name for name in ("training.h5", "training.json", "cost.json")),
        role="training",
        system=free,
        reference={"sampler": "file", "file": str(file), "dataset": "phi"},
        seed=1,
        checkpoint=tmp_path / "none",
        threads=1,
    )
    assert trains([tmp_path / "training.h5"], system_from(free))


def test_a_training_begins_with_the_weights_of_another_lattice(tmp_path):
    """The kernels of a flow are functions of the momentum: fitted on 6 x 6, taken to 8 x 8 as they are."""
    fit = {"samples": 64, "rounds": 1, "path": [], "steps": 2, "ridge": 0.1}
    block = {"name": "r", "family": "ridge_flow", "hats": 4, "shells": 0, "polynomials": 1}
    small = block | {"fit": fit, "generation": {"steps": 2}}
    large = small | {"fit": fit | {"rounds": 0}}
    weights, record, curve = (tmp_path / name for name in ("w.safetensors", "model.json", "training.csv"))
    job = {"seed": 1, "code": "x", "checkpoint": tmp_path / "c"}
    fitted = train_model(read_training([], PHI4, small), PHI4, small, **job)
    fitted.write(weights, record, curve)
    eight = system_from({"kind": "phi4", "kappa": 0.2, "lambda": 0.02, "shape": [8, 8]})
    taken = train_model(read_training([], eight, large), eight, large, start=[weights], **job)
    assert fitted.tensors["theta"].abs().max() > 0 and taken.examples == 0
    torch.testing.assert_close(taken.tensors["theta"], fitted.tensors["theta"], rtol=0, atol=0)
    assert taken.tensors["inverse_power"].shape == (8, 8)
    taken.write(weights, record, curve)
    assert pd.read_csv(curve).columns[1] == "examples"
    other = large | {"hats": 5}
    with pytest.raises(InputError, match=r"w.safetensors: theta: expected a tensor of shape \(14, 6, 1\)"):
        train_model(read_training([], eight, other), eight, other, start=[weights], **job)
