"""The front page: who passed, and what a configuration costs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emulant.reporting.results import NOT_EQUILIBRATED, Results
from emulant.reporting.words import described, experiment_title

__all__ = ["YARDSTICK", "cost_rows", "labels_of", "verdict_groups"]

YARDSTICK = "cost yardstick"
NO_VERDICT: dict[str, Any] = {"verdict": "none"}


def verdict_groups(
    found: Mapping[str, Results], settings: Mapping[str, dict], verdicts: pd.DataFrame, costs: pd.DataFrame
) -> list[dict[str, Any]]:
    """One group an experiment, one row for the reference and for each model, corrections beside the raw verdict.

    Arguments:
        found: experiment -> its files.
        settings: experiment -> its merged configuration.
        verdicts: of all experiments.
        costs: the ledger of all experiments.
    """
    return [_group(results, settings[name], verdicts, costs) for name, results in found.items()]


def labels_of(results: Results, settings: Mapping[str, Any], source: str) -> list[str]:
    """What must be said beside a source wherever it is listed."""
    labels = [note for name, note in results.notes.items() if name == source and note != NOT_EQUILIBRATED]
    if source == "reference" and results.record("reference").get("equilibrated") is False:
        labels.append(NOT_EQUILIBRATED)
    if settings.get("models", {}).get(source, {}).get("yardstick"):
        labels.append(YARDSTICK)
    return labels


def cost_rows(costs: pd.DataFrame) -> list[dict[str, Any]]:
    """The ledger by experiment, the reference first; `first` marks a new experiment, with its number of rows."""
    rows = []
    for experiment, own in costs.groupby("experiment", sort=False):
        own = own.sort_values("source", key=lambda names: names != "reference", kind="stable")
        for number, row in enumerate(own.to_dict("records")):
            title = experiment_title(experiment)
            rows.append({**row, "title": title, "first": number == 0, "rows": len(own)})
    return rows


def _group(results: Results, settings: dict, verdicts: pd.DataFrame, costs: pd.DataFrame) -> dict[str, Any]:
    name = results.name
    own = {row["source"]: row for row in _of(verdicts, name).to_dict("records")}
    ledger = {row["source"]: row for row in _of(costs, name).to_dict("records")}
    records = results.records("correction")
    rows = []
    for source in ("reference", *results.models):
        correction = records.get(source, {})
        verdict = own.get(source, NO_VERDICT)
        rows.append(
            {
                **verdict,
                "source": source,
                "labels": labels_of(results, settings, source),
                "remarks": _remarks(verdict),
                "metropolis": own.get(f"{source}_metropolis", NO_VERDICT),
                "acceptance": correction.get("acceptance", np.nan),
                "weighted": own.get(f"{source}_weighted", NO_VERDICT),
                "ess": correction.get("ess", np.nan),
                "seconds": ledger.get(source, {}).get("seconds_per_independent", np.nan),
                "ratio": ledger.get(source, {}).get("ratio_to_reference", np.nan),
            }
        )
    judged = [row["verdict"] for row in rows if row["source"] in results.models]
    return {
        "name": name,
        "title": experiment_title(name),
        "system": described(settings.get("system", {})),
        "sampler": settings.get("reference", {}).get("sampler", ""),
        "rows": rows,
        "passed": judged.count("pass"),
        "failed": judged.count("fail"),
        "judged": judged.count("pass") + judged.count("fail"),
    }


def _of(table: pd.DataFrame, experiment: str) -> pd.DataFrame:
    return table[table["experiment"] == experiment] if len(table) else table


def _remarks(verdict: Mapping[str, Any]) -> str:
    note = verdict.get("note")
    return note if isinstance(note, str) else ""
