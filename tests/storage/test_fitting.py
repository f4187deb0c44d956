"""Numbers enter a column unchanged, or not at all."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.fitting import fitted


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (np.array([3, -4]), "int32"),
        (np.array([3.0, -4.0]), "int32"),
        (np.array([0.1, np.nan, np.inf]), "float32"),
        (np.array([2**53, 1]), "float64"),
        (np.array([True, False]), "int8"),
        (np.array([0.1 + 1j]), "complex64"),
        (np.array([0.1]), "complex64"),
    ],
)
def test_what_fits_is_converted(values, dtype):
    converted = fitted("a.h5", "x", values, dtype)
    assert converted.dtype == dtype
    np.testing.assert_allclose(converted, values, rtol=1e-7)


@pytest.mark.parametrize(
    ("values", "dtype", "words"),
    [
        (np.array([1, 3 * 10**9]), "int32", "x: expected numbers of int32, got 3000000000 in row 11"),
        (np.array([1, 1 + 2**53]), "float64", "in row 11"),
        (np.array([1, 2**64 - 1], np.uint64), "int64", "got 18446744073709551615|1.844.* in row 11"),
        (np.array([1, -1]), "uint64", "got -1 in row 11"),
        (np.array([1, 0.5]), "int32", "got 0.5 in row 11"),
        (np.array([1, np.nan]), "int32", "got nan in row 11"),
        (np.array([1, 1e39]), "float32", "got 1e[+]39 in row 11"),
        (np.array([1, 1j]), "float32", "in row 11"),
        (np.array([[1, 2], [3, 400]]), "int8", "got 400 in row 11"),
        (np.array([b"a"]), "int8", "numbers of int8"),
    ],
)
def test_what_does_not_fit_is_refused(values, dtype, words):
    with pytest.raises(InputError, match=words):
        fitted("a.h5", "x", values, dtype, range(10, 12))


@pytest.mark.parametrize("partial", [None, "rows"])
def test_no_column_of_a_file_is_clipped(tmp_path, attributes, partial):
    """HDF5 would write 2^31 - 1, and a stream -1294967296."""
    stream = {} if partial is None else {"partial": tmp_path / partial}
    with (
        pytest.raises(InputError, match="chain: expected numbers of int32, got 3000000000 in row 1"),
        EnsembleWriter(tmp_path / "a.h5", (2,), attributes=attributes, chain=True, **stream) as writer,
    ):
        writer.append(np.zeros((2, 2)), chain=np.array([0, 3 * 10**9]))
    assert not (tmp_path / "a.h5").exists()
