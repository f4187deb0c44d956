"""Configurations that users bring: .npy or HDF5, checked, in the ensemble form."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from emulant.errors import InputError
from emulant.storage.ensemble import EnsembleWriter

__all__ = ["import_configurations"]

CHUNK, FEWEST = 4096, 128


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

    Rows are taken as successive in one Markov chain, so that errors know their autocorrelation, unless the HDF5
    file says which chain each belongs to in a dataset `chain`.

    Arguments:
        file: .npy with an array (N, *site_shape), or HDF5 with such a dataset.
        path: ensemble file to write.
        site_shape: what the experiment's system says.
        attributes: provenance.
        dataset: name in an HDF5 file.
        half: "training" or "reference"; the two never overlap.

    Raises:
        InputError: for a missing, truncated or foreign file, a wrong shape, too few configurations, or numbers
            that are not finite.
    """
    source, chain = _opened(Path(file), dataset)
    if source.dtype not in (np.float32, np.float64) or tuple(source.shape[1:]) != tuple(site_shape):
        got = f"{source.dtype} of shape {tuple(source.shape)}"
        expected = f"float32 or float64 of shape (N, {', '.join(map(str, site_shape))})"
        raise InputError(file, dataset, expected, got)
    if len(source) < FEWEST:
        raise InputError(file, dataset, f"at least {FEWEST} configurations", len(source))
    if chain.shape != (len(source),):
        raise InputError(file, "chain", f"{len(source)} entries, one a configuration", chain.shape)
    middle = len(source) // 2
    start, stop = (0, middle) if half == "training" else (middle, len(source))
    with EnsembleWriter(
        path, site_shape, attributes=attributes, dtype=source.dtype.name, chain=True
    ) as writer:
        for row in range(start, stop, CHUNK):
            rows = slice(row, min(row + CHUNK, stop))
            part = np.asarray(source[rows])
            if not np.isfinite(part).all():
                bad = row + int(np.argmin(np.isfinite(part).reshape(len(part), -1).all(1)))
                raise InputError(file, dataset, "finite numbers", f"NaN or infinity in row {bad}")
            writer.append(part, chain=chain[rows])
    return stop - start


def _opened(file: Path, dataset: str) -> tuple[Any, np.ndarray]:
    """The configurations, not yet read, and the chain of each."""
    if not file.exists():
        raise InputError(file, "file", "configurations, .npy or HDF5", "no such file")
    try:
        if file.suffix == ".npy":
            source = np.load(file, mmap_mode="r", allow_pickle=False)
            return source, np.zeros(len(source), np.int32)
        content = h5py.File(file, "r")
    except (OSError, ValueError):
        raise InputError(file, "file", "a whole .npy or HDF5 file", "a truncated or foreign one") from None
    source = content.get(dataset)
    if not isinstance(source, h5py.Dataset) or not source.ndim:
        known = sorted(key for key, item in content.items() if isinstance(item, h5py.Dataset))
        raise InputError(file, dataset, f"a dataset of this name; there are {', '.join(known) or 'none'}")
    chain = content["chain"][:] if "chain" in content else np.zeros(len(source), np.int32)
    return source, chain
