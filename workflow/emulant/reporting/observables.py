"""Tables of observables: values with errors, and pulls against reference, exact and published values."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from emulant.contracts.source import REFERENCE, Source, sources_in
from emulant.plots.format import value_with_error
from emulant.plots.style import variant_words
from emulant.plots.symbols import symbol_html
from emulant.reporting.results import Results

__all__ = ["observable_groups"]

TITLES = {"": "As generated", "metropolis": "After Metropolis steps", "weighted": "Reweighted"}
TARGETS = ("exact", "published")

Key = tuple[Source, str, int]
"""Source, observable, index."""


def observable_groups(results: Results) -> list[dict[str, Any]]:
    """One table for raw ensembles and one for each variant, reference and targets in each; none without rows."""
    table, comparison = results.table("observables"), results.table("comparison")
    if table.empty:
        return []
    variants: dict[str, list[Source]] = {}
    for source in sources_in(table):
        if source.model in results.models:
            variants.setdefault("" if source.raw else source.variant, []).append(source)
    targets = [name for name in TARGETS if len(comparison) and (comparison["against"] == name).any()]
    values, pulls = _values(table), _pulls(comparison)
    lines = list(dict.fromkeys(key[1:] for key in values))
    return [
        {
            "title": TITLES.get(variant, variant_words(variant).capitalize()),
            "sources": sources,
            "targets": targets,
            "rows": [_row(results, line, sources, targets, values, pulls) for line in lines],
        }
        for variant, sources in (variants or {"": []}).items()
    ]


def _values(table: pd.DataFrame) -> dict[Key, Mapping[str, Any]]:
    return {_key(row): row for row in table.to_dict("records")}


def _pulls(comparison: pd.DataFrame) -> dict[Key, dict[str, Mapping[str, Any]]]:
    """Key -> what it is held against -> row of the comparison."""
    pulls: dict[Key, dict[str, Mapping[str, Any]]] = {}
    for row in comparison.to_dict("records"):
        pulls.setdefault(_key(row), {})[row["against"]] = row
    return pulls


def _key(row: Mapping[str, Any]) -> Key:
    return Source(row["model"], row["variant"]), row["observable"], row["index"]


def _row(
    results: Results,
    line: tuple[str, int],
    sources: Sequence[Source],
    targets: Sequence[str],
    values: Mapping[Key, Mapping],
    pulls: Mapping[Key, Mapping],
) -> dict[str, Any]:
    """Symbol, cells of the reference and of all sources, and targets of one observable."""
    keys = [(source, *line) for source in (REFERENCE, *sources)]
    return {
        "symbol": symbol_html(*line, results.observables),
        "description": results.observables[line[0]].description if line[0] in results.observables else "",
        "cells": [_cell(values.get(key), pulls.get(key, {})) for key in keys],
        "targets": [_target(pulls, line, target) for target in targets],
    }


def _cell(row: Mapping[str, Any] | None, against: Mapping[str, Mapping]) -> dict[str, Any]:
    if row is None:
        return {"value": "", "pulls": []}
    pulls = [(name, r["pull"], r["verdict"]) for name, r in against.items() if np.isfinite(r["pull"])]
    return {"value": value_with_error(row["value"], row["error"]), "pulls": pulls}


def _target(pulls: Mapping[Key, Mapping], line: tuple[str, int], target: str) -> str:
    for (_, *observable), against in pulls.items():
        if tuple(observable) == line and target in against:
            return value_with_error(against[target]["target"], against[target]["target_error"])
    return ""
