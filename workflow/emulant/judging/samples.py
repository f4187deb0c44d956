"""Jackknife samples on disk, for whoever computes more from the observables.

Layout: /<model>[_<variant>]/<observable>/samples (blocks, indices), and beside it index (indices,). With B
blocks and samples s, the error of any f is sqrt((B - 1) mean((f(s) - mean f(s))^2)).
"""

from collections.abc import Iterable
from pathlib import Path

import h5py
import numpy as np

from emulant.contracts.source import Source
from emulant.errors import InputError
from emulant.storage.atomic import atomic_path

__all__ = ["Jackknife", "read_samples", "write_samples"]

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
        InputError: where the file is truncated or foreign.
    """
    try:
        with h5py.File(path, "r") as file:
            return {
                source: {
                    name: (tuple(map(int, group["index"][:])), group["samples"][:])
                    for name, group in file[source.name].items()
                }
                for source in sources
            }
    except (OSError, KeyError, AttributeError, TypeError):
        raise InputError(path, "file", "jackknife samples in HDF5", "a truncated or foreign file") from None
