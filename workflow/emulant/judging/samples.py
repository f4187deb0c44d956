"""Jackknife samples on disk, for whoever computes more from the observables.

Layout: /<model>[_<variant>]/<observable>/samples (blocks, indices), and beside it index (indices,). With B
blocks and samples s, the error of any f is sqrt((B - 1) mean((f(s) - mean f(s))^2)).
"""

from collections.abc import Iterable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from emulant.contracts.source import Source, sources_in
from emulant.errors import InputError
from emulant.storage.atomic import atomic_path
from emulant.storage.hdf5 import open_hdf5, read_rows
from emulant.storage.tables import read_table

__all__ = ["Jackknife", "read_measured", "read_samples", "write_samples"]

SAMPLES = "jackknife samples in HDF5"

Jackknife = dict[Source, dict[str, tuple[tuple[int, ...], np.ndarray]]]
"""Source -> observable -> (indices, samples of shape (blocks, indices))."""


def write_samples(path: str | Path, jackknife: Jackknife) -> None:
    """Write the samples of all sources of an experiment."""
    with atomic_path(path) as temporary, h5py.File(temporary, "w") as file:
        for source, observables in jackknife.items():
            for name, (indices, samples) in observables.items():
                file[f"{source.name}/{name}/samples"] = samples
                file[f"{source.name}/{name}/index"] = np.asarray(indices)


def read_samples(path: str | Path, sources: Iterable[Source]) -> Jackknife:
    """Read the samples of these sources back.

    Raises:
        InputError: where the file is unreadable, or holds something else.
    """
    with open_hdf5(path, SAMPLES, SAMPLES) as file:
        try:
            return {source: _of_source(path, file[source.name]) for source in sources}
        except (KeyError, AttributeError, TypeError):
            raise InputError(path, "file", SAMPLES, "a foreign file") from None


def read_measured(observables: str | Path, jackknife: str | Path) -> tuple[pd.DataFrame, Jackknife]:
    """Read the table of observables, and the samples of all sources that it has."""
    rows = read_table(observables, "observables")
    return rows, read_samples(jackknife, sources_in(rows))


def _of_source(path: str | Path, group: h5py.Group) -> dict[str, tuple[tuple[int, ...], np.ndarray]]:
    """Read the indices and samples of each observable."""
    return {
        name: (tuple(map(int, read_rows(path, part["index"]))), read_rows(path, part["samples"]))
        for name, part in group.items()
    }
