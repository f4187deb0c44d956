import time

import h5py
import numpy as np
import pytest

from emulant.errors import InputError
from emulant.storage.ensemble import EnsembleWriter, open_ensemble


def test_what_is_written_is_read(tmp_path, write, fields):
    path = write(tmp_path / "a.h5", fields, chain=np.arange(600) % 7, log_weight=np.linspace(-1, 0, 600))
    with open_ensemble(path, site_shape=(8, 8)) as ensemble:
        np.testing.assert_array_equal(np.concatenate(list(ensemble.chunks(128))), fields)
        np.testing.assert_array_equal(ensemble.read(3, 5), fields[3:5])
        np.testing.assert_array_equal(ensemble.chain, np.arange(600) % 7)
        assert ensemble.log_weight[0] == -1
        assert ensemble.attributes["parameters"] == {"kappa": 0.2}
        assert ensemble.attributes["library_versions"]["numpy"] == np.__version__


def test_plain_h5py_reads_it(tmp_path, write, fields):
    with h5py.File(write(tmp_path / "a.h5", fields)) as plain:
        np.testing.assert_array_equal(plain["configurations"][:], fields)
        assert set(plain) == {"configurations"}
        assert plain["configurations"].compression is None


def test_the_same_data_give_the_same_bytes(tmp_path, write, fields):
    one = write(tmp_path / "one.h5", fields).read_bytes()
    time.sleep(1.1)
    assert write(tmp_path / "two.h5", fields).read_bytes() == one


def test_an_interrupted_stream_goes_on_to_the_same_bytes(tmp_path, attributes, fields):
    def run(path, partial, rows, stop):
        arguments = {"attributes": attributes, "chain": True, "partial": partial, "rows": rows}
        with EnsembleWriter(path, (8, 8), **arguments) as writer:
            for start in range(writer.rows, 600, 50):
                if start == stop:
                    raise KeyboardInterrupt
                writer.append(fields[start : start + 50], chain=np.arange(start, start + 50))
                writer.flush()

    run(tmp_path / "whole.h5", tmp_path / "one.rows", 0, None)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "again.h5", tmp_path / "two.rows", 0, 400)
    assert not (tmp_path / "again.h5").exists()
    run(tmp_path / "again.h5", tmp_path / "two.rows", 150, None)
    assert (tmp_path / "again.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["again.h5", "whole.h5"]


def test_a_stream_shorter_than_its_checkpoint(tmp_path, attributes):
    with pytest.raises(InputError, match="100 rows"):
        EnsembleWriter(tmp_path / "a.h5", (4,), attributes=attributes, partial=tmp_path / "rows", rows=100)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "whole HDF5"),
        (lambda path: path.write_bytes(path.read_bytes()[:-10]), "whole HDF5"),
        (lambda path: path.write_text("not HDF5"), "whole HDF5"),
        (lambda path: path.write_bytes(b""), "whole HDF5"),
        (lambda path: path.unlink(), "no such file"),
    ],
)
def test_truncated_foreign_and_missing_files(tmp_path, write, fields, spoil, words):
    path = write(tmp_path / "a.h5", fields)
    spoil(path)
    with pytest.raises(InputError, match=words) as caught:
        open_ensemble(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def edit(path, change):
    with h5py.File(path, "r+") as file:
        change(file)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda file: file.pop("configurations"), "dataset of numbers"),
        (lambda file: file["configurations"].resize(0, axis=0), "at least one sample"),
        (lambda file: file["chain"].resize(7, axis=0), "chain: expected 600 entries"),
        (lambda file: file.attrs.pop("parameters"), "parameters: expected an attribute"),
        (lambda file: file.attrs.update(parameters="{kappa"), "parameters: expected an attribute in JSON"),
        (lambda file: file["log_weight"].write_direct(np.full(600, np.inf)), "log_weight: expected finite"),
    ],
)
def test_files_that_are_no_ensembles(tmp_path, write, fields, change, words):
    path = write(tmp_path / "a.h5", fields, chain=np.zeros(600), log_weight=np.zeros(600))
    edit(path, change)
    with pytest.raises(InputError, match=words):
        open_ensemble(path)


def test_wrong_lattice_and_nan(tmp_path, write, fields):
    fields[301, 2, 2] = np.nan
    path = write(tmp_path / "a.h5", fields)
    with pytest.raises(InputError, match=r"lattice shape \(4, 4\), got \(8, 8\)"):
        open_ensemble(path, site_shape=(4, 4))
    with open_ensemble(path) as ensemble, pytest.raises(InputError, match="row 301"):
        list(ensemble.chunks(64))


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "complex64", "complex128"])
def test_any_numeric_dtype_comes_back(tmp_path, attributes, dtype):
    values = (100 * np.random.default_rng(1).normal(size=(50, 3))).astype(dtype)
    with EnsembleWriter(tmp_path / "a.h5", (3,), attributes=attributes, dtype=dtype) as writer:
        writer.append(values)
    with open_ensemble(tmp_path / "a.h5") as ensemble:
        assert ensemble.dtype == dtype
        np.testing.assert_array_equal(ensemble.read(), values)


def test_infinite_complex_numbers_are_seen(tmp_path, attributes):
    values = np.ones((5, 3), np.complex64)
    values[2, 1] = complex(1, np.inf)
    with EnsembleWriter(tmp_path / "a.h5", (3,), attributes=attributes, dtype="complex64") as writer:
        writer.append(values)
    with open_ensemble(tmp_path / "a.h5") as ensemble, pytest.raises(InputError, match="row 2"):
        ensemble.read()


def test_columns_of_models_come_back(tmp_path, attributes):
    generator = np.random.default_rng(1)
    log_q, work, eta = generator.normal(size=9), generator.normal(size=(9, 2)), generator.normal(size=9)
    facts = {"work": ("float64", (2,)), "eta": ("float64", ())}
    columns = {"log_q": True, "log_weight": True, "facts": facts}
    with EnsembleWriter(tmp_path / "a.h5", (3,), attributes=attributes, **columns) as writer:
        rows = {"work": work, "eta": eta}
        writer.append(np.ones((9, 3)), log_q=log_q, log_weight=-log_q, facts=rows)
    with open_ensemble(tmp_path / "a.h5") as ensemble:
        np.testing.assert_array_equal(ensemble.log_q, log_q)
        np.testing.assert_array_equal(ensemble.log_weight, -log_q)
        assert set(ensemble.facts) == {"work", "eta"}
        np.testing.assert_array_equal(ensemble.facts["work"], work)


def test_weights_that_are_recorded_but_not_applied(tmp_path, attributes):
    described = attributes | {"weights_applied": False}
    with EnsembleWriter(tmp_path / "a.h5", (3,), attributes=described, log_weight=True) as writer:
        writer.append(np.ones((9, 3)), log_weight=np.arange(9.0))
    with open_ensemble(tmp_path / "a.h5") as ensemble:
        assert ensemble.log_weight is None
        np.testing.assert_array_equal(ensemble.recorded_log_weight, np.arange(9.0))


def test_chunks_hold_some_megabytes_whatever_the_lattice(tmp_path, write, fields):
    with open_ensemble(write(tmp_path / "a.h5", fields)) as ensemble:
        assert ensemble.rows_per_chunk == 2**18 // 64
