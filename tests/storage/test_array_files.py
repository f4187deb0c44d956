"""Files that users bring and that cannot be used: one line each, with the library's own reason."""

import fcntl
import random
import time

import h5py
import numpy as np
import pytest

from emulant.errors import InputError
from emulant.storage import hdf5
from emulant.storage.array_files import opened_arrays
from emulant.storage.ensemble import open_ensemble
from emulant.storage.hdf5 import read_rows
from emulant.storage.pairs import open_pairs

BLOSC = 32001
"""A filter of HDF5 by its registered number; it is not among our packages."""


def read(file, name="configurations"):
    with opened_arrays(file, [name]) as arrays:
        return read_rows(file, arrays[name])


def line(raised):
    """The words of an InputError, which are one line."""
    words = str(raised.value)
    assert "\n" not in words
    return words


def stored(path, values, **options):
    with h5py.File(path, "w") as file:
        file.create_dataset("configurations", data=values, **options)
    return path


@pytest.fixture
def values():
    return np.random.default_rng(1).normal(size=(200, 4))


@pytest.mark.parametrize("reader", [read, open_ensemble, open_pairs])
def test_a_locked_file(tmp_path, values, reader):
    path = stored(tmp_path / "a.h5", values)
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="HDF5_USE_FILE_LOCKING") as raised:
            reader(path)
    assert "a locked one (unable to lock file: Resource temporarily unavailable)" in line(raised)


@pytest.mark.parametrize("name", ["a.h5", "a.npy", "a.npz"])
def test_a_file_that_may_not_be_read(tmp_path, values, name, monkeypatch):
    """Root may read everything, so the system's refusal is put in."""

    def refuse(*_, **__):
        raise PermissionError(
            13, "Unable to synchronously open file (... error message = 'Permission denied')"
        )

    monkeypatch.setattr(hdf5.h5py, "File", refuse)
    monkeypatch.setattr(np, "load", refuse)
    with pytest.raises(InputError, match=r"a file that may be read, got .*Permission denied") as raised:
        read(tmp_path / name)
    assert "truncated" not in line(raised)


def test_a_filter_that_is_not_installed(tmp_path, values):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_chunk((64, 4))
        properties.set_filter(BLOSC, h5py.h5z.FLAG_OPTIONAL, (1, 2))
        space = h5py.h5s.create_simple((200, 4))
        dataset = h5py.h5d.create(file.id, b"configurations", h5py.h5t.NATIVE_DOUBLE, space, properties)
        for row in range(0, 200, 64):
            dataset.write_direct_chunk((row, 0), bytes(64 * 4 * 8), 0)
    with pytest.raises(InputError, match=r"HDF5_PLUGIN_PATH.* got filter 32001, which HDF5 does not have"):
        read(tmp_path / "a.h5")


@pytest.mark.parametrize("reader", ["arrays", "ensemble"])
def test_a_damaged_chunk_is_named_with_its_offset(tmp_path, values, attributes, reader):
    path = stored(tmp_path / "a.h5", values, chunks=(64, 4), compression="gzip")
    with h5py.File(path, "r+") as file:
        file.attrs.update(attributes)
        offset = file["configurations"].id.get_chunk_info(2).byte_offset
    content = bytearray(path.read_bytes())
    content[offset + 8 : offset + 40] = bytes(32)
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"rows 128 to 191, at byte {offset} ") as raised:
        if reader == "arrays":
            read(path)
        else:
            with open_ensemble(path) as ensemble:
                list(ensemble.chunks())
    assert "configurations: expected chunks that can be read" in line(raised)
    with opened_arrays(path, ["configurations"]) as arrays:
        np.testing.assert_array_equal(
            read_rows(path, arrays["configurations"], slice(0, 128)), values[:128], "the rest can be read"
        )


@pytest.mark.parametrize(
    ("put", "words"),
    [
        (lambda file: file.create_group("configurations"), "expected a dataset, got a group"),
        (lambda file: file.update(configurations=3.0), "an entry for each sample, got one number"),
        (lambda file: file.update(configurations=["a", "b"]), "a dataset of numbers, got text"),
        (lambda file: file.update({"run1/phi": [1.0]}), "a dataset of this name; there are run1/phi"),
        (lambda file: file.update(configurations=h5py.SoftLink("/x")), "a damaged one .component not found"),
        (
            lambda file: file.create_dataset("configurations", (300, 4), "f4", chunks=(64, 4)).__setitem__(
                slice(100), 1
            ),
            "written to its end, got 2 of its 5 chunks",
        ),
        (
            lambda file: file.create_dataset("configurations", (10**12, 4), "f4"),
            "written to its end, got 0 of its 1 chunks",
        ),
    ],
)
def test_datasets_that_are_none(tmp_path, put, words):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        put(file)
    with pytest.raises(InputError, match=words):
        read(tmp_path / "a.h5")


def test_a_virtual_dataset_without_its_source_is_no_zeros(tmp_path):
    layout = h5py.VirtualLayout((200, 4), "f8")
    layout[:] = h5py.VirtualSource("gone.h5", "phi", (200, 4))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_virtual_dataset("configurations", layout)
    with pytest.raises(InputError, match=r"expected the file gone.h5, .* got no such file"):
        read(tmp_path / "a.h5")


def test_one_number_in_npy(tmp_path):
    np.save(tmp_path / "a.npy", np.float64(3))
    with pytest.raises(InputError, match="an entry for each sample, got one number"):
        read(tmp_path / "a.npy")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="Is a directory") as raised:
        read(tmp_path)
    line(raised)


@pytest.mark.parametrize("column", ["chain", "log_weight", "averages"])
@pytest.mark.parametrize("what", ["text", "group"])
def test_columns_of_ensembles_that_are_no_numbers(tmp_path, write, fields, column, what):
    path = write(tmp_path / "a.h5", fields)
    with h5py.File(path, "r+") as file:
        file[column] = ["a"] * 600
        if what == "group":
            del file[column]
            file.create_group(column)
    with pytest.raises(InputError, match=f"{column}: expected .*numbers"):
        open_ensemble(path)


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "packed.npz", "a.h5", "packed.h5"])
def test_mutated_files_are_one_line_or_read(tmp_path, values, name):
    """100 files, each cut or with bytes changed, most of them in the header."""
    path, draw = tmp_path / name, random.Random(name)
    if path.suffix == ".h5":
        packed = {"chunks": (64, 4), "compression": "gzip", "fletcher32": True} if "packed" in name else {}
        stored(path, values, **packed)
    elif path.suffix == ".npy":
        np.save(path, values)
    else:
        (np.savez_compressed if "packed" in name else np.savez)(path, configurations=values)
    whole, refused, start = path.read_bytes(), 0, time.perf_counter()
    for number in range(100):
        content = bytearray(whole)
        for _ in range(draw.choice((1, 4, 16))):
            content[draw.randrange(min(len(content), 4096))] = draw.randrange(256)
        path.write_bytes(content[: draw.randrange(len(content))] if number % 5 == 0 else content)
        try:
            read(path)
        except InputError as error:
            assert "\n" not in str(error)
            refused += 1
    assert refused > 20
    assert time.perf_counter() - start < 60
