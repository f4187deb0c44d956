"""Files of pairs in HDF5: inputs, outputs, and the conditions of each pair."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np

from emulant.errors import InputError
from emulant.storage.hdf5 import damage_named, open_hdf5
from emulant.storage.row_files import (
    FACTS,
    attributes_of,
    check_length,
    column_of,
    facts_of,
    finite_part,
    numeric_dataset,
)
from emulant.storage.rows import Column, RowWriter

__all__ = ["INPUTS", "Pairs", "PairsFile", "PairsWriter", "open_pairs"]

INPUTS = "inputs_in_turn"
"""Attribute: how many inputs follow one another before the first comes again."""
CHUNK_NUMBERS = 2**18
"""Numbers that are read at a time: some megabytes, whatever the shapes."""


@dataclass(frozen=True)
class Pairs:
    """A chunk of pairs.

    Attributes:
        inputs: (n, *input_shape).
        outputs: (n, *output_shape), or (n, repeats, *output_shape) of a model that was asked several times.
        conditions: by name, (n, ...) each.
    """

    inputs: np.ndarray
    outputs: np.ndarray
    conditions: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, rows: Any) -> Self:
        """Select some of the pairs."""
        conditions = {name: values[rows] for name, values in self.conditions.items()}
        return type(self)(self.inputs[rows], self.outputs[rows], conditions)


class PairsWriter(RowWriter):
    """Append pairs; the file appears at `path`, whole, when all went well.

    Arguments:
        path: of the file.
        input_shape, output_shape: of one input and one output.
        attributes: what `provenance` returns, and more.
        repeats: outputs of each input, where a model is asked several times.
        dtype: of inputs and outputs.
        conditions: columns by name.
        log_q: whether the log density of each output under its model is written.
    """

    def __init__(
        self,
        path: str | Path,
        input_shape: tuple[int, ...],
        output_shape: tuple[int, ...],
        *,
        attributes: dict[str, Any],
        repeats: int | None = None,
        dtype: str = "float32",
        conditions: Mapping[str, Column] | None = None,
        log_q: bool = False,
    ) -> None:
        several = () if repeats is None else (repeats,)
        columns: dict[str, Column] = {
            "inputs": (dtype, tuple(input_shape)),
            "outputs": (dtype, (*several, *output_shape)),
        }
        columns |= {"log_q": ("float64", several)} if log_q else {}
        columns |= {f"{FACTS}/{name}": column for name, column in (conditions or {}).items()}
        super().__init__(path, columns, attributes=attributes)

    def append(
        self,
        pairs: Pairs,
        log_q: np.ndarray | None = None,
        facts: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Add pairs with their conditions, further facts of each, and the log density of their outputs."""
        named = {**pairs.conditions, **(facts or {})}
        conditions = {f"{FACTS}/{name}": values for name, values in named.items()}
        self.append_rows({"inputs": pairs.inputs, "outputs": pairs.outputs, "log_q": log_q} | conditions)


class PairsFile:
    """An open file of pairs; use as a context manager.

    Attributes:
        attributes: file attributes, `parameters` and `library_versions` decoded.
        inputs, outputs: the HDF5 datasets.
        facts: conditions by name, (N, ...) each.
        log_q: log density of each output under the model that made it, or None.
    """

    chain = log_weight = averages = None

    def __init__(self, path: str | Path, file: h5py.File) -> None:
        self.path, self.file = Path(path), file
        self.inputs, self.outputs = file["inputs"], file["outputs"]
        self.attributes = attributes_of(path, file)
        self.facts = facts_of(path, file, len(self))
        self.log_q = column_of(path, file, "log_q")

    @property
    def site_shape(self) -> tuple[int, ...]:
        """Shape of what each input is paired with."""
        return tuple(self.outputs.shape[1:])

    @property
    def groups(self) -> np.ndarray:
        """Number of the input of each pair, (N,): a model may be shown all inputs again and again.

        Raises:
            InputError: where the file says nonsense about the number of inputs.
        """
        inputs = self.attributes.get(INPUTS, len(self))
        if not isinstance(inputs, int | np.integer) or not inputs > 0:
            raise InputError(self.path, INPUTS, "a positive whole number", inputs)
        return np.arange(len(self)) % int(inputs)

    @property
    def rows_per_chunk(self) -> int:
        """Pairs that are read at a time."""
        numbers = math.prod(self.inputs.shape[1:]) + math.prod(self.outputs.shape[1:])
        return max(1, CHUNK_NUMBERS // numbers)

    def __len__(self) -> int:
        return len(self.inputs)

    def read(self, start: int = 0, stop: int | None = None) -> Pairs:
        """Read pairs start to stop; raises InputError where one is not finite."""
        parts = (finite_part(self.path, dataset, start, stop) for dataset in (self.inputs, self.outputs))
        return Pairs(*parts, {name: values[start:stop] for name, values in self.facts.items()})

    def chunks(self, size: int) -> Iterator[Pairs]:
        """Read all pairs, `size` at a time."""
        for start in range(0, len(self), size):
            yield self.read(start, min(start + size, len(self)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()


def open_pairs(
    path: str | Path, *, shapes: tuple[tuple[int, ...], tuple[int, ...]] | None = None
) -> PairsFile:
    """Open a file of pairs for reading.

    Arguments:
        path: of the file.
        shapes: of one input and one output; outputs may have an axis of repeats before these.

    Raises:
        InputError: where the file is missing, truncated, foreign, empty, or of other shapes.
    """
    file = open_hdf5(path, "a file of pairs")
    try:
        with damage_named(path):
            _check(path, file, shapes)
            return PairsFile(path, file)
    except BaseException:
        file.close()
        raise


def _check(path: str | Path, file: h5py.File, shapes: tuple[tuple[int, ...], tuple[int, ...]] | None) -> None:
    inputs, outputs = (
        numeric_dataset(path, file, name, 1, "a dataset of numbers, (N, ...)")
        for name in ("inputs", "outputs")
    )
    check_length(path, file, ("outputs", "log_q"), len(inputs))
    if shapes is None:
        return
    if tuple(inputs.shape[1:]) != tuple(shapes[0]):
        raise InputError(path, "inputs", f"shape {tuple(shapes[0])}", tuple(inputs.shape[1:]))
    if tuple(shapes[1]) not in (tuple(outputs.shape[1:]), tuple(outputs.shape[2:])):
        expected = f"shape {tuple(shapes[1])}, or (repeats, ...)"
        raise InputError(path, "outputs", expected, tuple(outputs.shape[1:]))
