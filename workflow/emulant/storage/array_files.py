"""Arrays that users bring, by name, in .npy, .npz or HDF5, not yet read."""

import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import psutil

from emulant.errors import InputError
from emulant.storage.hdf5 import check_written, damage_named, dtype_of, open_hdf5
from emulant.storage.refusals import refusal

__all__ = ["opened_arrays"]

WHAT, WHOLE = "arrays, .npy, .npz or HDF5", "a whole .npy, .npz or HDF5 file"
FAILURES = (
    OSError,
    ValueError,
    EOFError,
    MemoryError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
)
"""What NumPy raises for damaged files."""
LISTED = 12
"""Names of datasets in an error at most."""


@contextmanager
def opened_arrays(
    file: Path, names: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[Mapping[str, Any]]:
    """Open arrays of a file; an .npy file has one, by the first of `names`.

    Arguments:
        file: .npy, .npz or HDF5, whose datasets may lie in groups: `run1/phi`.
        names: arrays that must be there.
        optional: arrays that may be there.

    Yields:
        the arrays by name, each with at least one axis; of HDF5 they can be read inside the context alone.

    Raises:
        InputError: where the file is missing, locked, truncated or foreign, lacks an array of `names`, or has something
            else by a name, such as a group, one number or text.
    """
    with ExitStack() as stack:
        content = _content(file, names[0], stack)
        with damage_named(file):
            present = (*names, *(name for name in optional if name in content))
            arrays = {name: _array(file, content, name) for name in present}
        yield arrays


def _content(file: Path, name: str, stack: ExitStack) -> Mapping[str, Any]:
    """Open a file, which `stack` closes."""
    if file.suffix not in (".npy", ".npz"):
        return stack.enter_context(open_hdf5(file, WHAT, WHOLE))
    try:
        if file.suffix == ".npy":
            return {name: np.load(file, mmap_mode="r", allow_pickle=False)}
        return stack.enter_context(np.load(file, allow_pickle=False))
    except FAILURES as error:
        raise refusal(file, error, WHAT, WHOLE) from None


def _array(file: Path, content: Mapping[str, Any], name: str) -> Any:
    """Return an array by name, after checking that it is one."""
    _check_memory(file, content, name)
    array = _entry(file, content, name)
    if array is None:
        listed = ", ".join(_names(content)) or "none"
        raise InputError(file, name, f"a dataset of this name; there are {listed}")
    if not isinstance(array, (np.ndarray, h5py.Dataset)):
        raise InputError(file, name, "a dataset", "a group")
    dtype = dtype_of(file, array)
    if dtype.kind not in "biufc":
        raise InputError(file, name, "a dataset of numbers", "text" if dtype.kind in "SUO" else str(dtype))
    if not array.ndim:
        raise InputError(file, name, "an entry for each sample", "one number, without any axis")
    if isinstance(array, h5py.Dataset):
        check_written(file, array)
    return array


def _check_memory(file: Path, content: Mapping[str, Any], name: str) -> None:
    """Raise InputError for an array of .npz, which is read as a whole, or a chunk of HDF5, that fills half of the memory."""
    entry, size = None, 0
    if isinstance(content, np.lib.npyio.NpzFile):
        members = {member.filename: member.file_size for member in content.zip.infolist()}
        entry, size = "an array", members.get(f"{name}.npy", members.get(name, 0))
    elif isinstance(content, h5py.File) and isinstance(array := _entry(file, content, name), h5py.Dataset):
        entry, size = "a chunk", math.prod(array.chunks or (0,)) * array.id.get_type().get_size()
    if size > (free := psutil.virtual_memory().available // 2):
        got = f"{size / 1e9:.1f} GB"
        raise InputError(file, name, f"{entry} that fits into the memory ({free / 1e9:.1f} GB of it)", got)


def _entry(file: Path, content: Mapping[str, Any], name: str) -> Any:
    """Return what has a name, or None."""
    try:
        # Not by `get`, which takes a damaged dataset for one that is missing.
        return content[name] if name in content else None  # noqa: SIM401
    except FAILURES as error:
        raise refusal(file, error, WHAT, WHOLE) from None


def _names(content: Mapping[str, Any]) -> list[str]:
    """List names of arrays in alphabetical order, those in groups too, LISTED at most."""
    if not isinstance(content, h5py.File):
        return sorted(content)[:LISTED]
    names: list[str] = []

    def visit(name: str, item: Any) -> bool | None:
        # A name that is no UTF-8 comes as bytes.
        names.extend([str(name)] if isinstance(item, h5py.Dataset) else [])
        return True if len(names) == LISTED else None

    content.visititems(visit)
    return sorted(names)
