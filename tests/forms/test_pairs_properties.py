"""Random valid files of pairs come back from the importer: every second pair to train, the others to judge."""

from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from emulant.forms import pairs as room
from emulant.forms.pairs import form

SHAPES = some.lists(some.integers(1, 4), min_size=1, max_size=3).map(tuple)


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    """A system of pairs with one condition."""
    monkeypatch.setattr(room, "declared_system", lambda kind: {"conditions": ["eta"]})


@given(
    some.sampled_from(["npz", "h5"]),
    some.sampled_from(["<f4", ">f8"]),
    some.sampled_from(["<f8", ">f4", "|i1", "<u2", ">i8"]),
    some.integers(128, 200),
    SHAPES,
    SHAPES,
    some.integers(0, 99),
)
def test_pairs_of_a_users_file(tmp_path, ending, dtype, kind, rows, one, other, seed):
    system = SimpleNamespace(kind="a", parameters={}, site_shape=other, input_shape=one, output_shape=other)
    draw, file = np.random.default_rng(seed), tmp_path / f"mine.{ending}"
    arrays = {
        "inputs": draw.normal(size=(rows, *one)).astype(dtype),
        "outputs": draw.normal(size=(rows, *other)).astype(dtype),
        "eta": draw.integers(0, 100, rows).astype(kind),
    }
    if ending == "npz":
        np.savez(file, **arrays)
    else:
        with h5py.File(file, "w") as content:
            content.update(arrays)
    for half, first in (("training", 0), ("reference", 1)):
        form.import_file(system, tmp_path / "half.h5", settings={"file": file}, seed=1, half=half)
        with form.open(tmp_path / "half.h5", system) as opened:
            pairs = opened.read()
        np.testing.assert_array_equal(pairs.inputs, arrays["inputs"][first::2].astype("f4"))
        np.testing.assert_array_equal(pairs.outputs, arrays["outputs"][first::2].astype("f4"))
        np.testing.assert_array_equal(pairs.conditions["eta"], arrays["eta"][first::2])
