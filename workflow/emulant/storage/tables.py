"""Tidy tables, as CSV for people and Parquet for programs."""

from pathlib import Path

import pandas as pd

from emulant.errors import InputError
from emulant.storage.atomic import atomic_path

__all__ = ["COLUMNS", "read_rows", "read_table", "write_rows", "write_table"]

_OBSERVABLES = (
    "experiment",
    "model",
    "variant",
    "observable",
    "index",
    "value",
    "error",
    "tau_int",
    "samples",
)
COLUMNS = {
    "observables": _OBSERVABLES,
    "comparison": (
        *_OBSERVABLES,
        "against",
        "target",
        "target_error",
        "pull",
        "p_value",
        "correlated",
        "verdict",
    ),
}


def write_table(path: str | Path, frame: pd.DataFrame, kind: str) -> None:
    """Write `frame` as CSV at `path` and as Parquet beside it, both atomically; columns as COLUMNS[kind]."""
    frame = _checked(path, frame, kind)
    with atomic_path(path) as temporary:
        frame.to_csv(temporary, index=False)
    with atomic_path(Path(path).with_suffix(".parquet")) as temporary:
        frame.to_parquet(temporary, index=False)


def write_rows(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a table of any columns as CSV, atomically."""
    with atomic_path(path) as temporary:
        frame.to_csv(temporary, index=False)


def read_table(path: str | Path, kind: str) -> pd.DataFrame:
    """Read a table; raises InputError where it is unreadable or a column is missing."""
    return _checked(path, read_rows(path), kind)


def read_rows(path: str | Path) -> pd.DataFrame:
    """Read a CSV of any columns, an empty `variant` as the empty string; raises InputError where it is unreadable."""
    try:
        return pd.read_csv(path, converters={"variant": str})
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        raise InputError(path, "file", "a CSV table") from None


def _checked(path: str | Path, frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    missing = [column for column in COLUMNS[kind] if column not in frame.columns]
    if missing:
        raise InputError(path, missing[0], f"a column; {kind} tables have {', '.join(COLUMNS[kind])}", "none")
    return frame[list(COLUMNS[kind])]
