"""Files made to harm: nothing in them is executed, and none fills the memory."""

import pickle
import subprocess
import sys
import zipfile
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from emulant.errors import InputError
from emulant.storage import array_files
from emulant.storage.array_files import opened_arrays
from emulant.storage.hdf5 import read_rows
from emulant.storage.imported import import_configurations
from emulant.storage.records import read_json
from emulant.storage.yaml_files import read_yaml

HEADER = "{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}"
LITTLE = 10**6
"""Bytes of memory of a machine on which files of a test are large."""


class Executed:
    """Whose pickle makes a file where it is read."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (str(self.mark), "w"))


def npy(descr, rows, content):
    """Bytes of an .npy file whose header says so many rows."""
    header = HEADER.format(descr, rows).ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + content


def refused(file, name="configurations"):
    with pytest.raises(InputError) as error, opened_arrays(file, [name]) as arrays:
        read_rows(file, arrays[name])
    assert "\n" not in str(error.value) and len(str(error.value)) < 600
    return str(error.value)


@pytest.mark.parametrize("ending", ["npy", "npz"])
@pytest.mark.parametrize("descr", ["|O", "bare"])
def test_pickles_are_not_opened(tmp_path, ending, descr):
    """Objects in an array, and a pickle alone, which NumPy would take for one."""
    mark, file = tmp_path / "mark", tmp_path / f"a.{ending}"
    load = pickle.dumps([Executed(mark)])
    content = load if descr == "bare" else npy(descr, 1, load)
    if ending == "npz":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("configurations.npy", content)
    else:
        file.write_bytes(content)
    refused(file)
    assert not mark.exists()
    pickle.loads(load)
    assert mark.exists(), "it would have been executed"


def test_an_array_of_npz_that_is_larger_than_the_memory_is_not_unpacked(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "a.npz", configurations=np.zeros(2**20))
    assert (tmp_path / "a.npz").stat().st_size < 20000
    monkeypatch.setattr(array_files.psutil, "virtual_memory", lambda: SimpleNamespace(available=LITTLE))
    monkeypatch.setattr(np.lib.npyio.NpzFile, "__getitem__", lambda *_: pytest.fail("unpacked"))
    assert "an array that fits into the memory (0.0 GB of it), got 0.0 GB" in refused(tmp_path / "a.npz")


def test_a_chunk_that_is_larger_than_the_memory_is_not_unpacked(tmp_path, monkeypatch):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("configurations", data=np.zeros(2**20), chunks=(2**20,), compression="gzip")
    monkeypatch.setattr(array_files.psutil, "virtual_memory", lambda: SimpleNamespace(available=LITTLE))
    assert "a chunk that fits into the memory" in refused(tmp_path / "a.h5")


@pytest.mark.parametrize("ending", ["npy", "npz"])
def test_a_header_of_a_million_million_numbers(tmp_path, ending):
    file, content = tmp_path / f"a.{ending}", npy("<f8", 10**12, bytes(800))
    if ending == "npz":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("configurations.npy", content)
    else:
        file.write_bytes(content)
    assert "a whole .npy, .npz or HDF5 file" in refused(file)


@pytest.mark.parametrize("options", [{}, {"chunks": (64, 64)}, {"chunks": (64, 64), "compression": "gzip"}])
def test_a_shape_of_hdf5_that_no_bytes_fill(tmp_path, options):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("configurations", (2**40, 64), "f8", **options)
        if options:
            file["configurations"][:64] = 1.0
    assert "a dataset that was written to its end" in refused(tmp_path / "a.h5")


@pytest.mark.parametrize("ending", ["npz", "h5"])
@pytest.mark.parametrize("name", ["../configurations", "/etc/passwd", "a/../../configurations"])
def test_names_of_datasets_lead_out_of_no_file(tmp_path, ending, name):
    values = np.zeros((200, 4))
    np.save(tmp_path / "configurations.npy", values)
    np.savez(tmp_path / "a.npz", configurations=values)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["configurations"] = values
    assert "expected a dataset of this name; there are configurations" in refused(
        tmp_path / f"a.{ending}", name
    )


def test_attributes_of_users_files_are_not_read(tmp_path, attributes, monkeypatch):
    """HDF5 can end the process at a damaged one; in our own files checksums find the damage first."""
    values = np.random.default_rng(1).normal(size=(200, 4))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["configurations"] = values
        file.attrs["system"] = file["configurations"].attrs["units"] = "phi4"
    for name in ("__getitem__", "__iter__", "__contains__", "__len__", "get_id"):
        monkeypatch.setattr(h5py.AttributeManager, name, lambda *_: pytest.fail("an attribute was read"))
    import_configurations(
        tmp_path / "a.h5", tmp_path / "b.h5", (4,), attributes, dataset="configurations", half="training"
    )


def anchors(innermost, kind):
    """Nine to the twentieth power values in twenty lines."""
    lines = [f"a0: &a0 {innermost}"]
    lines += [f"a{k}: &a{k} {kind.format(', '.join([f'*a{k - 1}'] * 9))}" for k in range(1, 21)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (anchors("[x]", "[{}]"), "line 6: .*anchors that stand for more than 100000 values"),
        (anchors("{x: 1}", "{{<<: [{}]}}"), "line 6: .*anchors that stand for more than 100000 values"),
        ("a: &a [*a]", "an anchor inside itself"),
        ("a: &a {b: [*a]}", "an anchor inside itself"),
        ("a: " + "[" * 10**5, "more than 100 levels"),
        ("- " * 10**4, "more than 100 levels"),
        ("a: !!python/object/apply:os.system [id]", "could not determine a constructor"),
        ("a: 2001-99-99", "month must be in 1..12"),
        ("a: " + "1" * 5000, "Exceeds the limit"),
        (b"a: \xff\xfe", "invalid start byte"),
        ("a: \0", "control characters are not allowed"),
        ("[]", "a mapping of keys to values, got list"),
    ],
)
def test_yaml(tmp_path, text, words):
    (tmp_path / "a.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=words) as error:
        read_yaml(tmp_path / "a.yaml")
    assert "\n" not in str(error.value)


def test_anchors_of_ordinary_files_are_read(tmp_path):
    (tmp_path / "a.yaml").write_text("a: &a {x: 1e-3}\nb: [*a, *a]\nc: {<<: *a, y: 2}\n")
    expected = {"a": {"x": 1e-3}, "b": [{"x": 1e-3}] * 2, "c": {"x": 1e-3, "y": 2}}
    assert read_yaml(tmp_path / "a.yaml") == expected


@pytest.mark.parametrize("content", [b"[1]", b"\xff", b"[" * 10**5, b"1" * 5000, b"{", b"null"])
def test_records_that_are_none(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputError) as error:
        read_json(tmp_path / "a.json")
    assert "\n" not in str(error.value)


FAMILY = """
import sys
from pathlib import Path
import emulant.families as families
from emulant.errors import InputError
from emulant.storage.records import write_json
families.import_module = lambda name: sys.exit(f"imports {name}")
names = ("os", "../x", "x.y", "..storage", "_slots", "", None, ["x"], {})
for settings in (*({"family": name} for name in names), [], "x", None):
    write_json("model.json", {"settings": settings})
    try:
        families.load_model(Path("."))
    except InputError as error:
        assert "settings.family: expected one of" in str(error), error
    else:
        sys.exit(f"{settings} is loaded")
"""


def test_a_model_of_a_foreign_module_is_not_imported(tmp_path):
    """In a process of its own, which would tell of any import."""
    (tmp_path / "x.py").write_text("raise SystemExit('executed')")
    result = subprocess.run([sys.executable, "-c", FAMILY], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
