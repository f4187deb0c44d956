"""Configurations that users bring: .npy or HDF5, checked, in the ensemble form."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from emulant.errors import InputError
from emulant.storage.ensemble import EnsembleWriter

__all__ = ["import_configurations"]

CHUNK = 4096


def import_configurations(
    file: Path,
    path: Path,
    site_shape: tuple[int, ...],
    attributes: dict[str, Any],
    *,
    dataset: str,
    half: str,
) -> int:
    """Copy the first ("training") or second ("reference") half of a user's configurations; returns their number.

    Arguments:
        file: .npy with an array (N, *site_shape), or HDF5 with such a dataset.
        path: ensemble file to write.
        site_shape: what the experiment's system says.
        attributes: provenance.
        dataset: name in an HDF5 file.
        half: "training" or "reference"; the two never overlap.

    Raises:
        InputError: for a missing, truncated or foreign file, a wrong shape, or numbers that are not finite.
    """
    source = _opened(file, dataset)
    if source.dtype.kind != "f" or tuple(source.shape[1:]) != tuple(site_shape):
        got = f"{source.dtype} of shape {tuple(source.shape)}"
        raise InputError(file, dataset, f"floats of shape (N, {', '.join(map(str, site_shape))})", got)
    middle = len(source) // 2
    start, stop = (0, middle) if half == "training" else (middle, len(source))
    with EnsembleWriter(path, site_shape, attributes=attributes, dtype=str(source.dtype)) as writer:
        for row in range(start, stop, CHUNK):
            part = np.asarray(source[row : min(row + CHUNK, stop)])
            if not np.isfinite(part).all():
                raise InputError(file, dataset, "finite numbers", f"NaN or infinity after row {row}")
            writer.append(part)
    return stop - start


def _opened(file: Path, dataset: str) -> Any:
    if not Path(file).exists():
        raise InputError(file, "reference.file", "a file of configurations", "no such file")
    try:
        if Path(file).suffix == ".npy":
            return np.load(file, mmap_mode="r", allow_pickle=False)
        found = h5py.File(file, "r").get(dataset)
    except (OSError, ValueError):
        raise InputError(file, "file", "a whole .npy or HDF5 file", "a truncated or foreign one") from None
    if found is None:
        raise InputError(file, dataset, "a dataset of this name", "none")
    return found
