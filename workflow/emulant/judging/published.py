"""Published values, from the tables `published*.csv` in the folder of a system.

Columns: kind, parameters (`name=value;...` as in a configuration), shape (`32x32`), protocol (`equilibrium`
or `quench`), of (`reference`, or the model they are about), observable, index, value, error (empty where none
was printed), comparable (`yes`, or `no` where the numbers carry an unstated normalisation or a known fault),
source, table, conventions.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from emulant.errors import InputError

__all__ = ["COLUMNS", "published_values"]

COLUMNS = (
    "kind",
    "parameters",
    "shape",
    "protocol",
    "of",
    "observable",
    "index",
    "value",
    "error",
    "comparable",
    "source",
    "table",
    "conventions",
)


def published_values(
    files: Iterable[str | Path], kind: str, parameters: Mapping[str, float], shape: tuple[int, ...]
) -> pd.DataFrame:
    """Rows of all files about this system, parameters and shape.

    Raises:
        InputError: where a file lacks a column.
    """
    tables = [_read(file) for file in files]
    if not tables:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.concat(tables, ignore_index=True)
    matching = (
        (table["kind"] == kind)
        & (table["shape"] == "x".join(map(str, shape)))
        & table["parameters"].map(lambda text: _same(text, parameters))
    )
    return table[matching].reset_index(drop=True)


def _read(file: str | Path) -> pd.DataFrame:
    table = pd.read_csv(file, comment="#", dtype={"parameters": str, "shape": str})
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise InputError(file, missing[0], f"the columns {', '.join(COLUMNS)}")
    return table


def _same(text: str, parameters: Mapping[str, float]) -> bool:
    """Whether every parameter that the table states has this value here."""
    stated = dict(part.split("=") for part in text.split(";"))
    return all(
        name in parameters and abs(float(value) - float(parameters[name])) < 1e-9
        for name, value in stated.items()
    )
