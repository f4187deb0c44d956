"""The front page: who passed, and what a configuration costs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emulant.contracts.source import CORRECTIONS, REFERENCE, Source, by_source
from emulant.reporting.joint import worst_pull, worst_test
from emulant.reporting.results import NOT_EQUILIBRATED, Results
from emulant.reporting.words import described, typeset

__all__ = ["YARDSTICK", "cost_rows", "identity_rows", "labels_of", "verdict_groups"]

YARDSTICK = "cost yardstick"
PULLS = ("pull", "centre_pull")
NO_VERDICT: dict[str, Any] = {"verdict": "none", "remarks": "", "reason": ""}


def verdict_groups(
    results: Mapping[str, Results],
    settings: Mapping[str, dict],
    verdicts: pd.DataFrame,
    costs: pd.DataFrame,
) -> list[dict[str, Any]]:
    """One group an experiment, one row for the reference and for each model, corrections beside the raw verdict.

    Arguments:
        results: experiment -> its files.
        settings: experiment -> its merged configuration.
        verdicts: of all experiments.
        costs: the ledger of all experiments.
    """
    return [
        _group(files, settings[name], _rows_of(verdicts, name), _rows_of(costs, name))
        for name, files in results.items()
    ]


def labels_of(results: Results, settings: Mapping[str, Any], source: Source) -> list[str]:
    """What must be said beside a source wherever it is listed."""
    note = results.notes.get(source, NOT_EQUILIBRATED)
    labels = [] if note == NOT_EQUILIBRATED else [note]
    if source == REFERENCE and results.record("reference").get("equilibrated") is False:
        labels.append(NOT_EQUILIBRATED)
    if settings.get("models", {}).get(source.name, {}).get("yardstick"):
        labels.append(YARDSTICK)
    return labels


def cost_rows(costs: pd.DataFrame, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """The ledger by experiment, the reference first; `first` marks a new experiment, with its number of rows.

    Arguments:
        costs: the ledger of all experiments.
        titles: experiment -> what headings call it.
    """
    rows = []
    for experiment, table in costs.groupby("experiment", sort=False):
        ordered = table.sort_values("model", key=lambda names: names != REFERENCE.model, kind="stable")
        for number, (source, row) in enumerate(_records(ordered).items()):
            title = {"title": titles[experiment], "first": number == 0, "rows": len(table)}
            rows.append({**row, "source": source, **title})
    return rows


def identity_rows(results: Results) -> list[dict[str, Any]]:
    """The exact identities that the reference was held against, by their words, with `farthest` the largest of their pulls.

    The pull of the worst group is that of the farthest of many and counts only where it fails.
    """
    identities = results.record("reference").get("identities", {})
    return [
        {
            **record,
            "words": typeset(words),
            "farthest": max((record[name] for name in PULLS if name in record), key=abs),
        }
        for words, record in identities.items()
    ]


def _group(
    results: Results,
    settings: Mapping[str, Any],
    verdicts: Mapping[Source, dict],
    costs: Mapping[Source, dict],
) -> dict[str, Any]:
    """Verdicts and costs of one experiment, and how many of its judged models passed."""
    corrections, identities = results.records("correction"), identity_rows(results)
    rows = [
        {
            **_verdict(verdicts.get(source), results),
            "identities": identities if source == REFERENCE else [],
            "farthest": max(identities, key=lambda row: abs(row["farthest"]), default={}),
            "source": source,
            "labels": labels_of(results, settings, source),
            **_corrected(source, verdicts, corrections.get(source, {}), results),
            "seconds": costs.get(source, {}).get("seconds_per_independent", np.nan),
            "ratio": costs.get(source, {}).get("ratio_to_reference", np.nan),
        }
        for source in results.raw()
    ]
    judged = [row["verdict"] for row in rows if row["source"] != REFERENCE]
    return {
        "name": results.name,
        "title": settings["title"],
        "about": settings["about"],
        "system": described(settings["system"]),
        "sampler": settings.get("reference", {}).get("sampler", ""),
        "rows": rows,
        "passed": judged.count("pass"),
        "failed": judged.count("fail"),
        "judged": judged.count("pass") + judged.count("fail"),
    }


def _verdict(row: Mapping[str, Any] | None, results: Results) -> dict[str, Any]:
    """A row of the table of verdicts with its worst test as HTML and its note as text."""
    if row is None:
        return NO_VERDICT
    words = {key: row.get(key) if isinstance(row.get(key), str) else "" for key in ("note", "reason")}
    shown = {"worst": worst_test(row, results), "shown_pull": worst_pull(row)}
    return {**row, **shown, "reason": words["reason"], "remarks": _remarks(**words)}


def _remarks(note: str, reason: str) -> str:
    """The note without why it is not judged, which stands in the cell of the verdict."""
    return note.removesuffix(f"not judged ({reason})").removesuffix("; ")


def _corrected(
    source: Source, verdicts: Mapping[Source, dict], record: Mapping[str, Any], results: Results
) -> dict[str, Any]:
    """Verdicts of the corrected ensembles of a model, which its further trainings do not have."""
    names = {} if source.variant else {name: Source(source.model, name) for name in CORRECTIONS}
    rows = {name: _verdict(verdicts.get(corrected), results) for name, corrected in names.items()}
    numbers = {key: record.get(key, np.nan) for key in ("acceptance", "ess")}
    return dict.fromkeys(CORRECTIONS, NO_VERDICT) | rows | numbers


def _rows_of(table: pd.DataFrame, experiment: str) -> dict[Source, dict[str, Any]]:
    return _records(table[table["experiment"] == experiment]) if len(table) else {}


def _records(table: pd.DataFrame) -> dict[Source, dict[str, Any]]:
    """Source -> its row."""
    return {source: rows.to_dict("records")[0] for source, rows in by_source(table)}
