"""Say where the results of two versions of the code differ, value by value.

    python tests/same_bytes.py results/laptop /elsewhere/results/laptop

Ensembles, weights, tables and records are compared exactly. What says when, where and by which code they were made is
not: times, costs, pictures and the page. A source of samples may be named by one column `source` or by two, `model` and
`variant`. A line for each difference; the exit status is 1 where there is any.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from safetensors.numpy import load_file

PROVENANCE = {"code_version", "library_versions", "device"}
LEFT_OUT = ("cost/", "figures/", "cost.csv", "report.html")


def differences(old: Path, new: Path) -> Iterator[str]:
    """Compare two folders of results, file by file."""
    before, after = _files(old), _files(new)
    for name in sorted(before.keys() ^ after.keys()):
        yield f"{name}: only in the {'old' if name in before else 'new'} results"
    for name in sorted(before.keys() & after.keys()):
        contents = READERS.get(before[name].suffix, _bytes)
        for difference in _differing(contents(before[name]), contents(after[name])):
            yield f"{name}: {difference}"


def _files(folder: Path) -> dict[str, Path]:
    """All files that are compared, by their names below the folder."""
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    return {
        name: file
        for name, file in files.items()
        if not file.name.startswith(".") and not any(part in name for part in LEFT_OUT)
    }


def _differing(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Compare two files by the names of their parts."""
    for name in sorted(old.keys() ^ new.keys()):
        yield f"{name} only in the {'old' if name in old else 'new'} file"
    for name in sorted(old.keys() & new.keys()):
        if difference := _difference(old[name], new[name]):
            yield f"{name} {difference}"


def _difference(old: Any, new: Any) -> str:
    """How two values differ; nothing where they are the same bytes."""
    if not isinstance(old, np.ndarray):
        return "" if old == new else f"was {old!r}, is {new!r}"
    if (old.dtype, old.shape) != (new.dtype, new.shape):
        return f"was {old.dtype} {old.shape}, is {new.dtype} {new.shape}"
    equal = _equal(old, new)
    if equal.all():
        return ""
    first = tuple(np.argwhere(~equal)[0].tolist())
    return f"differs in {np.sum(~equal)} of {equal.size} values, first at {first}: {old[first]!r}, {new[first]!r}"


def _equal(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Whether each value has the same bytes, so that a NaN equals itself and -0 is not 0; texts by their letters."""
    if old.dtype == object:
        return old == new
    return (_as_bytes(old) == _as_bytes(new)).all(axis=-1)


def _as_bytes(values: np.ndarray) -> np.ndarray:
    """The bytes of each value along a last axis."""
    flat = np.ascontiguousarray(values).reshape(-1)
    return flat.view(np.uint8).reshape(*values.shape, values.dtype.itemsize)


def _ensemble(file: Path) -> dict[str, Any]:
    """Datasets and attributes of an HDF5 file."""
    parts: dict[str, Any] = {}

    def visit(name: str, item: h5py.Dataset | h5py.Group) -> None:
        if isinstance(item, h5py.Dataset):
            parts[name] = np.asarray(item[()])
        parts.update({f"{name}@{key}": str(value) for key, value in item.attrs.items()})

    with h5py.File(file) as opened:
        opened.visititems(visit)
        parts.update({f"@{key}": str(value) for key, value in opened.attrs.items() if key not in PROVENANCE})
    return parts


def _parquet(file: Path) -> dict[str, Any]:
    """Columns and attributes of a Parquet file."""
    table = pq.read_table(file)
    metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    ours = {
        f"@{key}": text
        for key, text in metadata.items()
        if key not in {*PROVENANCE, "pandas", "ARROW:schema"}
    }
    return _columns(table.to_pandas()) | ours


def _csv(file: Path) -> dict[str, Any]:
    """Columns of a CSV file, as the text that it holds."""
    return _columns(pd.read_csv(file, dtype=str, keep_default_na=False))


def _columns(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Columns by name, with one `source` in place of `model` and `variant`."""
    columns = {name: table[name].to_numpy() for name in table}
    if {"model", "variant"} <= columns.keys():
        models, variants = columns.pop("model"), columns.pop("variant")
        sources = [
            f"{model}_{variant}" if variant else model
            for model, variant in zip(models, variants, strict=True)
        ]
        columns["source"] = np.array(sources, dtype=object)
    return columns


def _record(file: Path) -> dict[str, Any]:
    """The values of a JSON file by the keys that lead to them."""
    return dict(_leaves(json.loads(file.read_text()), ()))


def _leaves(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Walk through a record; texts stand for values, so that one NaN equals another."""
    if isinstance(value, dict) and value:
        for key, below in value.items():
            if key not in PROVENANCE:
                yield from _leaves(below, (*keys, key))
    else:
        yield ".".join(keys), json.dumps(value)


def _bytes(file: Path) -> dict[str, Any]:
    """A file of any other kind, whole."""
    return {"content": np.frombuffer(file.read_bytes(), dtype=np.uint8)}


READERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    ".h5": _ensemble,
    ".parquet": _parquet,
    ".safetensors": load_file,
    ".csv": _csv,
    ".json": _record,
}


def main() -> None:
    """Print all differences of two folders."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    arguments = parser.parse_args()
    lines = list(differences(arguments.old, arguments.new))
    print("\n".join(lines) or f"the same: {len(_files(arguments.new))} files")
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()
