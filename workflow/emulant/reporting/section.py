"""What the page shows of one experiment."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from emulant.contracts.declaration import declared_family, declared_system
from emulant.contracts.source import Source, by_source
from emulant.plots.style import label_of
from emulant.reporting.front import identity_rows, labels_of
from emulant.reporting.observables import observable_groups
from emulant.reporting.parts import picture
from emulant.reporting.results import Results
from emulant.reporting.words import described, references, symbols_of
from emulant.storage.records import read_json

__all__ = ["flattened", "section", "study_records"]

TABLES = ("observables", "comparison", "verdict", "two_sample", "distributions", "forward")
"""Tables of every experiment; a system's studies have one more each."""


class _Plain(yaml.SafeDumper):
    """Writes what two models share twice: a reader of settings looks for no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """All of them."""
        return True


def section(
    results: Results, settings: Mapping[str, Any], costs: Sequence[Mapping], beside: Path
) -> dict[str, Any]:
    """Everything the template needs for one experiment; what has no file is empty.

    Arguments:
        results: the experiment's files.
        settings: its merged configuration.
        costs: records of what its jobs cost.
        beside: folder of the page, from which links to tables start.
    """
    labels = {label for source in results.raw() for label in labels_of(results, settings, source)}
    corrections = results.records("correction")
    return {
        "name": results.name,
        "title": settings["title"],
        "about": settings["about"],
        "references": references(results.kind, settings),
        "system": described(settings["system"]),
        "tables": _tables(results, beside),
        "symbols": symbols_of(results),
        "labels": sorted(labels),
        "figures": _figures(results, settings["title"]),
        "groups": observable_groups(results),
        "blind_tests": _blind_tests(results.table("two_sample")),
        "corrections": corrections,
        "partition_functions": any("minus_log_z" in record for record in corrections.values()),
        "identities": identity_rows(results),
        "diagnostics": flattened(_without(results.record("reference"), "identities")),
        "studies": flattened(study_records(results, settings)),
        "sources": _origins(results),
        "costs": [{**cost, "source": Source(cost["model"], cost["variant"])} for cost in costs],
        "settings": yaml.dump(dict(settings), Dumper=_Plain, sort_keys=True, allow_unicode=True),
    }


def study_records(results: Results, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Records of the studies of the system and of its models' families; one a model under the model's label."""
    families = {model["family"] for model in settings.get("models", {}).values()}
    declared = [declared_system(results.kind), *map(declared_family, sorted(families))]
    records: dict[str, Any] = {}
    for name in dict.fromkeys(study for entry in declared for study in entry["studies"]):
        of_models = {label_of(source): record for source, record in results.records(name).items()}
        records[name] = results.record(name) | of_models
    return records


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


def _without(record: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A record less one key, which is shown elsewhere."""
    return {name: value for name, value in record.items() if name != key}


def _tables(results: Results, beside: Path) -> dict[str, str]:
    """Every table that the experiment has -> its address from the page."""
    names = sorted({*TABLES, *declared_system(results.kind)["studies"]})
    files = [file for name in names if (file := results.folder / f"{name}.csv").exists()]
    return {file.name: Path(os.path.relpath(file, beside)).as_posix() for file in files}


def _figures(results: Results, title: str) -> list[dict[str, Any]]:
    folder = results.folder / "figures"
    index = folder / "index.json"
    entries = read_json(index)["figures"] if index.exists() else []
    plain = {"half": False, "title": "", "caption": ""}
    return [
        plain
        | entry
        | picture(folder / entry["file"], f"{results.name}/{Path(entry['file']).stem}")
        | {"alt": f"{title}: {entry.get('title', '')}. {entry.get('caption', '')}"}
        for entry in entries
    ]


def _blind_tests(table: pd.DataFrame) -> dict[str, Any]:
    """Two-sample tests: a row a source, a column a test."""
    if table.empty:
        return {}
    tests, rows = list(dict.fromkeys(table["test"])), []
    for source, part in by_source(table):
        results = {row["test"]: row for row in part.to_dict("records")}
        rows.append({"source": source, "cells": [results.get(test) for test in tests]})
    return {"tests": [test.replace("_", " ") for test in tests], "rows": rows}


def _origins(results: Results) -> list[dict[str, Any]]:
    """Sampler, seed, device and code of each ensemble."""
    keys = ("sampler", "seed", "device", "code_version")
    return [
        {"source": source, **{key: attributes.get(key, "") for key in keys}}
        for source, attributes in results.attributes.items()
    ]
