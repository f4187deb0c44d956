"""Configurations that a user brings: checked against the action that the experiment names."""

import re

import h5py
import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.pipeline

EXPERIMENT = """
title: A test
about: Of the workflow itself.
system: {{kind: two_peak, mean: {mean}, width: 0.25}}
reference: {{sampler: file, file: {file}}}
models: []
"""

FIELD = """
title: A test
about: Of the workflow itself.
system: {kind: phi4, kappa: 0.24, lambda: 0.022}
reference: {sampler: file, file: field.npy, chains: 256}
models: []
"""


@pytest.fixture(scope="module")
def brought(checkout, tmp_path_factory):
    """A copy with two peaks at +-1 of width 1/4 in both forms."""
    folder, rng = checkout.copy(tmp_path_factory.mktemp("brought")), np.random.default_rng(3)
    peaks = (rng.choice([-1.0, 1.0], (8192, 1)) + 0.25 * rng.normal(size=(8192, 1))).astype(np.float32)
    np.save(folder.path / "mine.npy", peaks)
    with h5py.File(folder.path / "mine.h5", "w") as file:
        file["configurations"] = peaks
    return folder


@pytest.mark.parametrize("file", ["mine.npy", "mine.h5"])
def test_it_is_a_reference(brought, file):
    name = file.replace(".", "_")
    brought.write(f"config/experiments/{name}.yaml", EXPERIMENT.format(mean=1.0, file=file))
    target = f"results/smoke/{name}/reference.h5"
    brought.make(target)
    with h5py.File(brought.path / target) as content:
        assert content["configurations"].shape == (4096, 1)
        assert content.attrs["sampler"] == "file"


def test_it_is_compared_with_exact_values(brought):
    brought.write("config/experiments/judged.yaml", EXPERIMENT.format(mean=1.0, file="mine.npy"))
    target = "results/smoke/judged/comparison.csv"
    said = brought.make(target)
    assert re.search(r"^judged +(passes|pass)", said, re.MULTILINE) and "The report" not in said
    compared = pd.read_csv(brought.path / target)
    exact = compared[(compared["model"] == "reference") & (compared["against"] == "exact")]
    assert len(exact) >= 4
    assert set(exact["verdict"]) == {"pass"}


def refusal(folder, name, file):
    """The one line that refuses the ensemble of an experiment."""
    target = f"results/smoke/{name}/reference.h5"
    done = folder.run(target)
    assert done.returncode != 0
    (line,) = [line for line in done.stdout.splitlines() if f"Error: {file}" in line]
    assert not (folder.path / target).exists()
    return line


def test_peaks_at_other_places_are_refused(brought):
    brought.write("config/experiments/wrong.yaml", EXPERIMENT.format(mean=1.1, file="mine.npy"))
    assert "expected <phi dS/dphi> = 1 per site" in refusal(brought, "wrong", "mine.npy")


def test_a_field_of_another_kappa_is_refused(road, brought):
    """Of kappa = 0.21, said to be of 0.24."""
    with h5py.File(road.path / "results/smoke/phi4_symmetric/reference.h5") as content:
        np.save(brought.path / "field.npy", content["configurations"][:])
    brought.write("config/experiments/other.yaml", FIELD)
    line = refusal(brought, "other", "field.npy")
    assert "configurations: expected <phi dS/dphi> = 1 per site for phi4 {'kappa': 0.24" in line
