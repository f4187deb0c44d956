"""Damage of what a whole file holds: arrays by name, and columns of a table, as wrong scripts write them."""

import random

import numpy as np
import pyarrow as pa

__all__ = ["altered_arrays", "altered_table"]

ODD = (np.nan, np.inf, -np.inf, 1e300, -1e-320, 0.0)
TYPES = ("f2", "f4", ">f8", "i1", "i8", "u8", "c16", "?", "S3", "U3", "M8[s]")
COLUMNS = (
    pa.float32(),
    pa.int8(),
    pa.int64(),
    pa.uint64(),
    pa.string(),
    pa.bool_(),
    pa.decimal128(38, 9),
    pa.null(),
)


def altered_arrays(arrays: dict[str, np.ndarray], draw: random.Random) -> tuple[str, dict[str, np.ndarray]]:
    """Change one array; returns what was done to it, and all arrays."""
    name = draw.choice(list(arrays))
    values = np.array(arrays[name])
    rows = draw.randrange(len(values))
    kind = draw.choice(("entry", "type", "rows", "axes", "units", "name", "doubled"))
    with np.errstate(all="ignore"):
        changed = {
            "entry": lambda: _with_entry(values, draw),
            "type": lambda: values.astype(draw.choice(TYPES)),
            "rows": lambda: values[
                draw.choice((slice(rows), slice(rows, None), slice(0, 0), slice(None, None, -1)))
            ],
            "axes": lambda: draw.choice(
                (values.T, values.ravel(), values[..., None], values[..., :1], values[0])
            ),
            "units": lambda: values * draw.choice((1000, -1, 0)),
            "name": lambda: values,
            "doubled": lambda: np.concatenate([values[: rows + 1], values[rows:]]),
        }[kind]()
    rest = {other: array for other, array in arrays.items() if other != name}
    return kind, rest | {f"{name}_" if kind == "name" else name: changed}


def _with_entry(values: np.ndarray, draw: random.Random) -> np.ndarray:
    values = values.astype(draw.choice((float, values.dtype)))
    odd = draw.choice(ODD)
    values.flat[draw.randrange(values.size)] = odd if values.dtype.kind in "fc" else draw.randrange(2**31)
    return values


def altered_table(table: pa.Table, draw: random.Random) -> tuple[str, pa.Table]:
    """Change one column, or rows of all; returns what was done, and the table."""
    at, row = draw.randrange(table.num_columns), draw.randrange(len(table))
    name, values = table.column_names[at], table.column(at).to_numpy()
    kind = draw.choice(
        ("entry", "type", "cut rows", "doubled row", "swapped rows", "units", "name", "swapped", "null")
    )
    order = np.arange(len(table))
    if kind == "type":
        try:
            return kind, table.set_column(at, name, table.column(at).cast(draw.choice(COLUMNS), safe=False))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return kind, table.set_column(at, name, pa.array(["x"] * len(table)))
    if kind in ("cut rows", "doubled row", "swapped rows"):
        order = {
            "cut rows": order[:row],
            "doubled row": np.insert(order, row, row),
            "swapped rows": np.where(order == row, 0, np.where(order == 0, row, order)),
        }[kind]
        return kind, table.take(order)
    if kind == "name":
        return kind, table.rename_columns([f"{n}_" if n == name else n for n in table.column_names])
    if kind == "swapped":
        names = table.column_names
        other = draw.randrange(len(names))
        names[at], names[other] = names[other], names[at]
        return kind, table.rename_columns(names)
    if kind == "null":
        return kind, table.set_column(at, name, pa.array(values, mask=order == row))
    if kind == "units":
        return kind, table.set_column(at, name, pa.array(values * draw.choice((1000, -1, 0))))
    odd = draw.choice(ODD) if values.dtype.kind == "f" else draw.choice((-1, 2**31 - 1, 10**9, 0, 99999))
    return kind, table.set_column(
        at, name, pa.array(np.where(order == row, odd, values).astype(values.dtype))
    )
