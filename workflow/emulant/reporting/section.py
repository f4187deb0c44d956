"""What the page shows of one experiment."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from emulant.plots.format import value_with_error
from emulant.plots.symbols import symbol_html
from emulant.reporting.front import labels_of
from emulant.reporting.results import Results
from emulant.reporting.words import described, experiment_title
from emulant.storage.records import read_json

__all__ = ["section"]

MEDIA = {".svg": "image/svg+xml", ".png": "image/png"}
GROUPS = {
    "": "As generated",
    "metropolis": "After Metropolis steps",
    "weighted": "Reweighted",
    "unprojected": "Before the projection on exact sums",
}
TARGETS = ("exact", "published")


def section(
    results: Results, settings: Mapping[str, Any], costs: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Everything the template needs for one experiment; what has no file is empty.

    Arguments:
        results: the experiment's files.
        settings: its merged configuration.
        costs: what its jobs cost.
    """
    comparison, observables = results.table("comparison"), results.table("observables")
    return {
        "name": results.name,
        "title": experiment_title(results.name),
        "system": described(settings.get("system", {})),
        "labels": sorted(
            {label for s in ("reference", *results.models) for label in labels_of(results, settings, s)}
        ),
        "models": results.models,
        "figures": _figures(results.folder / "figures"),
        "groups": _groups(results, comparison, observables),
        "opinions": _opinions(results.table("two_sample")),
        "corrections": results.records("correction"),
        "effective": results.records("effective_action"),
        "diagnostics": flattened(results.record("reference") | _density(results)),
        "sources": _origins(results),
        "costs": costs,
        "settings": yaml.safe_dump(dict(settings), sort_keys=True, allow_unicode=True),
    }


def _density(results: Results) -> dict[str, Any]:
    found = results.record("density")
    return {"density": found} if found else {}


def _figures(folder: Path) -> list[dict[str, Any]]:
    index = folder / "index.json"
    entries = read_json(index)["figures"] if index.exists() else []
    plain = {"half": False, "title": "", "caption": "", "alt": ""}
    return [plain | entry | {"uri": _inline(folder / entry["file"])} for entry in entries]


def _inline(file: Path) -> str:
    return f"data:{MEDIA[file.suffix]};base64,{base64.b64encode(file.read_bytes()).decode()}"


def _groups(results: Results, comparison: pd.DataFrame, observables: pd.DataFrame) -> list[dict[str, Any]]:
    """Tables of observables: raw models, then each kind of corrected ensemble, reference and targets in each."""
    if observables.empty:
        return []
    kinds: dict[str, dict[str, str]] = {}
    for source in dict.fromkeys(observables["source"]):
        owners = [model for model in results.models if source == model or source.startswith(f"{model}_")]
        if owners:
            model = max(owners, key=len)
            kinds.setdefault(source.removeprefix(model).removeprefix("_"), {})[source] = model
    kinds = kinds or {"": {}}
    return [
        {
            "title": GROUPS.get(kind, kind.replace("_", " ")),
            "sources": list(sources.values()),
            "targets": _targets(comparison),
            "rows": _rows(list(sources), comparison, observables),
        }
        for kind, sources in kinds.items()
    ]


def _targets(comparison: pd.DataFrame) -> list[str]:
    return [name for name in TARGETS if len(comparison) and (comparison["against"] == name).any()]


def _rows(sources: list[str], comparison: pd.DataFrame, observables: pd.DataFrame) -> list[dict[str, Any]]:
    values = {(row.source, row.observable, row.index_): row for row in _named(observables)}
    pulls: dict[tuple, dict[str, Any]] = {}
    for row in _named(comparison):
        pulls.setdefault((row.source, row.observable, row.index_), {})[row.against] = row
    keys = dict.fromkeys((row.observable, row.index_) for row in _named(observables))
    rows = []
    for name, index in keys:
        cells = [_cell(values.get((s, name, index)), pulls.get((s, name, index), {})) for s in sources]
        reference = _cell(values.get(("reference", name, index)), pulls.get(("reference", name, index), {}))
        targets = [_target(pulls, name, index, target) for target in _targets(comparison)]
        rows.append({"symbol": symbol_html(name, index), "cells": [reference, *cells], "targets": targets})
    return rows


def _named(table: pd.DataFrame) -> list[Any]:
    return list(table.rename(columns={"index": "index_"}).itertuples(index=False))


def _cell(row: Any, against: Mapping[str, Any]) -> dict[str, Any]:
    if row is None:
        return {"value": "", "pulls": [], "failed": False}
    pulls = [(name, found.pull, found.verdict) for name, found in against.items() if np.isfinite(found.pull)]
    return {
        "value": value_with_error(row.value, row.error),
        "pulls": pulls,
        "failed": any(verdict == "fail" for _, _, verdict in pulls),
    }


def _target(pulls: dict, name: str, index: int, target: str) -> str:
    for (_, observable, place), found in pulls.items():
        if (observable, place) == (name, index) and target in found:
            return value_with_error(found[target].target, found[target].target_error)
    return ""


def _opinions(table: pd.DataFrame) -> dict[str, Any]:
    """Two-sample tests: a row a source, a column a test."""
    if table.empty:
        return {}
    tests = list(dict.fromkeys(table["test"]))
    rows = []
    for source, own in table.groupby("source", sort=False):
        by_test = {row["test"]: row for row in own.to_dict("records")}
        rows.append({"source": source, "cells": [by_test.get(test) for test in tests]})
    return {"tests": [test.replace("_", " ") for test in tests], "rows": rows}


def flattened(record: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Nested keys as `outer · inner`; lists of records, such as trials of a tuning, are left to the file."""
    rows: list[tuple[str, Any]] = []
    for key, value in record.items():
        name = f"{prefix}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            rows += flattened(value, f"{name} · ")
        elif not (isinstance(value, list) and value and isinstance(value[0], Mapping)):
            rows.append((name, value))
    return rows


def _origins(results: Results) -> list[dict[str, Any]]:
    """Who made each ensemble: sampler, seed, device, code."""
    return [
        {
            "source": source,
            **{key: attributes.get(key, "") for key in ("sampler", "seed", "device", "code_version")},
        }
        for source, attributes in results.attributes.items()
    ]
