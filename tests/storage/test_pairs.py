"""Pairs in files: written, read, brought by users, put together."""

from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from emulant.contracts.declaration import declared_form, form_names
from emulant.errors import InputError
from emulant.forms import pairs as room
from emulant.forms.pairs import form
from emulant.storage.pairs import Pairs, PairsWriter
from emulant.storage.pieces import FIRST_SAMPLE

SYSTEM = SimpleNamespace(
    kind="linear_gaussian", parameters={}, site_shape=(2,), input_shape=(3, 2), output_shape=(2,)
)


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    """A system of pairs with one condition."""
    monkeypatch.setattr(room, "declared_system", lambda kind: {"conditions": ["eta"]})


def drawn(count, repeats=None, seed=1):
    generator = np.random.default_rng(seed)
    several = () if repeats is None else (repeats,)
    inputs, outputs = generator.normal(size=(count, 3, 2)), generator.normal(size=(count, *several, 2))
    eta = {"eta": generator.uniform(size=count)}
    return Pairs(inputs.astype(np.float32), outputs.astype(np.float32), eta)


def written(path, pairs, attributes, repeats=None, log_q=None):
    with PairsWriter(
        path,
        (3, 2),
        (2,),
        attributes=attributes,
        repeats=repeats,
        conditions={"eta": ("float64", ())},
        log_q=log_q is not None,
    ) as writer:
        writer.append(pairs, log_q)
    return path


def same(one, two):
    np.testing.assert_array_equal(one.inputs, two.inputs)
    np.testing.assert_array_equal(one.outputs, two.outputs)
    np.testing.assert_array_equal(one.conditions["eta"], two.conditions["eta"])


def test_the_form_is_listed():
    assert form.name in form_names() and declared_form("pairs")["suffix"] == "h5"


@pytest.mark.parametrize("repeats", [None, 5])
def test_pairs_come_back_in_chunks(tmp_path, attributes, repeats):
    pairs = drawn(300, repeats)
    path = written(tmp_path / "a.h5", pairs, attributes, repeats)
    with form.open(path, SYSTEM) as file:
        assert len(file) == 300 and file.log_weight is None
        chunks = list(file.chunks(128))
        assert [len(chunk) for chunk in chunks] == [128, 128, 44]
        same(chunks[1], pairs[128:256])


def test_log_q_of_every_repeat_is_kept(tmp_path, attributes):
    log_q = np.random.default_rng(2).normal(size=(10, 5))
    with form.open(written(tmp_path / "a.h5", drawn(10, 5), attributes, 5, log_q)) as file:
        np.testing.assert_array_equal(file.log_q, log_q)


@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_neighbours_of_a_users_file_go_to_different_halves(tmp_path, ending):
    pairs, file = drawn(301), tmp_path / f"mine.{ending}"
    arrays = {"inputs": pairs.inputs.astype(float), "outputs": pairs.outputs, **pairs.conditions}
    if ending == "npz":
        np.savez(file, **arrays)
    else:
        with h5py.File(file, "w") as content:
            content.update(arrays)
    for half, rows in (("training", slice(0, None, 2)), ("reference", slice(1, None, 2))):
        record = form.import_file(SYSTEM, tmp_path / "a.h5", settings={"file": file}, seed=1, half=half)
        with form.open(tmp_path / "a.h5", SYSTEM) as opened:
            same(opened.read(), pairs[rows])
            assert record["samples"] == len(opened)
            assert opened.inputs.dtype == np.float32


@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_numbers_as_numpy_makes_them_are_taken(tmp_path, ending):
    """Inputs and outputs in double precision, a condition 0, 1, 2 in whole numbers."""
    generator, file = np.random.default_rng(1), tmp_path / f"mine.{ending}"
    arrays = {
        "inputs": generator.normal(size=(300, 3, 2)),
        "outputs": generator.normal(size=(300, 2)),
        "eta": np.arange(300) % 3,
    }
    if ending == "npz":
        np.savez(file, **arrays)
    else:
        with h5py.File(file, "w") as content:
            content.update(arrays)
    form.import_file(SYSTEM, tmp_path / "a.h5", settings={"file": file}, seed=1, half="training")
    with form.open(tmp_path / "a.h5", SYSTEM) as opened:
        pairs = opened.read()
    np.testing.assert_array_equal(pairs.conditions["eta"], arrays["eta"][::2])
    np.testing.assert_array_equal(pairs.inputs, arrays["inputs"][::2].astype(np.float32))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda arrays: arrays.pop("outputs"), "outputs: expected a dataset of this name; there are eta, in"),
        (lambda arrays: arrays.pop("eta"), "eta: expected a dataset of this name"),
        (lambda arrays: arrays.update(inputs=arrays["inputs"][:, :1]), r"inputs: .* \(N, 3, 2\), got"),
        (lambda arrays: arrays.update(outputs=arrays["outputs"][:200]), "outputs: expected 300 rows"),
        (lambda arrays: arrays["outputs"].__setitem__((7, 0), np.nan), "outputs: .* infinity in row 7"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, change, words):
    pairs = drawn(300)
    arrays = {"inputs": pairs.inputs, "outputs": pairs.outputs, **pairs.conditions}
    change(arrays)
    np.savez(tmp_path / "mine.npz", **arrays)
    settings = {"file": tmp_path / "mine.npz"}
    with pytest.raises(InputError, match=words):
        form.import_file(SYSTEM, tmp_path / "a.h5", settings=settings, seed=1, half="reference")
    assert not (tmp_path / "a.h5").exists()


def test_parts_are_put_together(tmp_path, attributes):
    pairs = drawn(50)
    parts = [
        written(tmp_path / f"{start}.h5", pairs[start : start + 25], attributes | {FIRST_SAMPLE: start})
        for start in (0, 25)
    ]
    form.merge(tmp_path / "all.h5", parts, attributes, samples=50, alike=("system", "seed"))
    with form.open(tmp_path / "all.h5", SYSTEM) as file:
        same(file.read(), pairs)
    with pytest.raises(InputError, match="sample 0 missing"):
        form.merge(tmp_path / "x.h5", parts[::-1], attributes, samples=50, alike=("system",))


def test_other_shapes_than_the_systems_are_refused(tmp_path, attributes):
    path = written(tmp_path / "a.h5", drawn(10), attributes)
    other = SimpleNamespace(**vars(SYSTEM) | {"output_shape": (3,)})
    with pytest.raises(InputError, match=r"outputs: expected shape \(3,\)"):
        form.open(path, other)
