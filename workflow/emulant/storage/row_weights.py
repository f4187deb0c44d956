"""Weights beside arrays that users bring: refused where rows do not count alike."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from emulant.errors import InputError
from emulant.storage.hdf5 import read_rows

__all__ = ["refuse_weights", "weight_names"]

LOGARITHMS = ("log_weight", "log_weights", "log_w", "logw")
WEIGHTS = ("weight", "weights", "reweighting_factor", "reweighting_factors")
"""Names that lattice and sampling codes give to w and ln w of a configuration."""


def weight_names(dataset: str) -> list[str]:
    """List the names under which weights of a dataset are looked for, beside it and at the top of the file."""
    beside = [PurePosixPath(dataset).with_name(name).as_posix() for name in (*LOGARITHMS, *WEIGHTS)]
    return list(dict.fromkeys([*beside, *LOGARITHMS, *WEIGHTS]))


def refuse_weights(file: Path, arrays: Mapping[str, Any], dataset: str) -> None:
    """Raise InputError where weights of the rows differ: averages of arrays take none.

    Arguments:
        file: where `arrays` come from.
        arrays: by name, perhaps some of `weight_names(dataset)`.
        dataset: name of the samples.
    """
    rows = len(arrays[dataset])
    for name in weight_names(dataset):
        one_a_row = name in arrays and arrays[name].shape in ((rows,), (rows, 1))
        if one_a_row and _differ(read_rows(file, arrays[name])):
            base = PurePosixPath(name).name
            weight = f"exp({base} - max)" if base in LOGARITHMS else f"{base} / max"
            expected = (
                "rows that count alike, as arrays are averaged without weights"
                f" (keep each row with probability {weight}, or leave {name} out of the file)"
            )
            raise InputError(file, name, expected, "weights that differ")


def _differ(values: np.ndarray) -> bool:
    """Whether not all numbers are the same; NaN differs from every number."""
    return bool((values != values[:1]).any())
