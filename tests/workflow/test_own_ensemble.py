"""Configurations that a user brings: checked against the action that the experiment names."""

import h5py
import numpy as np
import pytest

pytestmark = pytest.mark.pipeline

EXPERIMENT = """
system: {{kind: two_peak, mean: {mean}, width: 0.25}}
reference: {{sampler: file, file: {file}}}
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
    with h5py.File(brought.path / target) as made:
        assert made["configurations"].shape == (4096, 1)
        assert made.attrs["sampler"] == "file"


def test_another_action_is_refused(brought):
    brought.write("config/experiments/wrong.yaml", EXPERIMENT.format(mean=1.1, file="mine.npy"))
    done = brought.run("results/smoke/wrong/reference.h5")
    assert done.returncode != 0
    (line,) = [line for line in done.stdout.splitlines() if "Error: mine.npy" in line]
    assert "expected <phi dS/dphi> = 1 per site" in line
    assert not (brought.path / "results/smoke/wrong/reference.h5").exists()
