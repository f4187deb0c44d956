"""Which Markov chain each row of a user's file belongs to: by numbers in the file, or by what the experiment says."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from emulant.errors import InputError
from emulant.statistics.interleaving import interleaved
from emulant.storage.hdf5 import read_rows

__all__ = ["Chains", "chain_names", "chains_of", "check_chains"]

WHOLE = 2.0**53
"""Floating numbers below it are whole where they look so."""


class Chains(NamedTuple):
    """The chains of a file.

    Attributes:
        number: of the chain of each row, from 0 on, (N,) int32; rows of a chain follow each other in its time.
        origin: where the numbers come from, in words.
        told: whether the file or the experiment says so.
    """

    number: np.ndarray
    origin: str
    told: bool

    @property
    def count(self) -> int:
        """Chains in the file."""
        return int(self.number.max()) + 1

    def record(self) -> dict[str, Any]:
        """What the diagnostics say of them."""
        return {"chains": self.count, "chains_from": self.origin}


def chain_names(dataset: str) -> list[str]:
    """List the names under which the chains of a dataset are looked for, first beside it: `run1/phi` -> `run1/chain`."""
    beside = PurePosixPath(dataset).with_name("chain").as_posix()
    return list(dict.fromkeys([beside, "chain"]))


def chains_of(
    file: Path,
    arrays: Mapping[str, Any],
    dataset: str,
    rows: int,
    *,
    chains: int | None = None,
    order: str | None = None,
) -> Chains:
    """Number the chains of a file afresh.

    Arguments:
        file: where `arrays` come from.
        arrays: by name, perhaps one of `chain_names(dataset)`.
        dataset: name of the samples.
        rows: of the dataset.
        chains: number of chains of equal length that the experiment says, or None.
        order: "interleaved" (None) or "successive".

    Raises:
        InputError: for numbers that are not whole or not one a row, or where experiment and file do not fit together.
    """
    name = next((name for name in chain_names(dataset) if name in arrays), None)
    if name is not None:
        if chains is not None:
            expected = f"no number of chains, as the file says by {name} which chain each row is of"
            raise InputError(file, "chains", expected, chains)
        return _by_identities(file, name, arrays[name], rows)
    if chains is None:
        if order is not None:
            raise InputError(file, "chains", "the number of chains, of which `order` speaks", "none")
        return Chains(np.zeros(rows, np.int32), "no numbers: all rows are successive in one chain", False)
    if rows % chains:
        raise InputError(file, "chains", f"chains of equal length in {rows} rows", f"{chains} chains")
    row, order = np.arange(rows), order or "interleaved"
    number = row % chains if order == "interleaved" else row // (rows // chains)
    return Chains(number.astype(np.int32), f"chains: {chains}, order: {order}", True)


def check_chains(file: Path, dataset: str, chains: Chains, series: np.ndarray) -> None:
    """Hold chains against numbers of each row (N, quantities): within a chain neighbours must be the most alike.

    Raises:
        InputError: where rows some way apart are more alike, so that errors would be wrong. One chain that the
            experiment says is believed.
    """
    if chains.told and chains.count == 1:
        return
    pattern = interleaved(series[np.argsort(chains.number, kind="stable")])
    if pattern is None:
        return
    got = (
        f"a correlation of {pattern.correlation:.2f} between rows {pattern.apart} apart"
        f" and of {pattern.neighbours:.2f} between neighbours"
    )
    if chains.told:
        expected = f"chains in which neighbours are the most alike, by {chains.origin}"
        raise InputError(file, dataset, expected, f"{got}, chain after chain")
    expected = (
        f"rows that are successive in one chain (else say `chains: {pattern.apart}` under `reference`,"
        " or put a number of the chain of each row beside the dataset as `chain`; `chains: 1` if they are)"
    )
    raise InputError(file, dataset, expected, got)


def _by_identities(file: Path, name: str, array: Any, rows: int) -> Chains:
    """Number chains in the order of their identities in a file, whatever whole numbers these are."""
    if array.shape != (rows,):
        raise InputError(file, name, f"{rows} entries, one a configuration", array.shape)
    values = read_rows(file, array)
    whole = np.ones(rows, bool)
    if values.dtype.kind in "fc":
        whole = (values.imag == 0) & (np.rint(values.real) == values.real) & (np.abs(values) < WHOLE)
    if not whole.all():
        row = int(np.argmin(whole))
        raise InputError(file, name, "whole numbers that name the chains", f"{values[row]} in row {row}")
    identities, number = np.unique(values, return_inverse=True)
    ends = " to ".join(dict.fromkeys(str(int(identity.real)) for identity in identities[[0, -1]]))
    return Chains(number.astype(np.int32), f"{name}: {ends}", True)
