"""The cost ledger: seconds per independent configuration, of every model and of the reference's sampler."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from emulant.contracts.source import REFERENCE, Source

__all__ = ["gathered", "ledger"]

COLUMNS = (
    "experiment",
    "model",
    "variant",
    "seconds_per_configuration",
    "seconds_per_independent",
    "seconds_per_independent_with_training",
    "training_seconds",
    "configurations",
    "tau_int",
    "evaluations",
    "device",
    "threads",
    "ratio_to_reference",
)


def ledger(experiment: str, entries: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One row for the reference, unless it was read from a file, and one for each model of an experiment.

    A configuration counts 1/(2 tau_int) independent ones. With training means: the training spread over the
    configurations of this run. CPU seconds are counted on a CPU, wall seconds on a GPU; there is no ratio of the two.

    Arguments:
        experiment: its name.
        entries: records of `emulant.storage.cost`.
    """
    training = {_source(entry): _seconds(entry) for entry in entries if entry["stage"] == "train"}
    priced = [
        e
        for e in entries
        if (e["stage"] == "reference" and _source(e) == REFERENCE)
        or (e["stage"] == "generate" and _source(e).raw)
    ]
    rows = [_row(experiment, entry, training.get(_source(entry), 0.0)) for entry in priced]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    prices, kinds = table["seconds_per_independent"], table["device"].str.split(":").str[0]
    reference = table["model"] == REFERENCE.model
    price = dict(zip(kinds[reference], prices[reference], strict=True))
    table["ratio_to_reference"] = prices / kinds.map(price)
    return table.sort_values("seconds_per_independent", ignore_index=True)


def gathered(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Rows of several tables below each other; a column in which one of them has nothing does not decide its type."""
    columns = dict.fromkeys(column for table in tables for column in table.columns)
    filled = [table.dropna(axis="columns", how="all") for table in tables if len(table)]
    return pd.concat(filled or tables, ignore_index=True).reindex(columns=list(columns))


def _source(entry: Mapping[str, Any]) -> Source:
    return Source(entry["model"], entry["variant"])


def _seconds(entry: Mapping[str, Any]) -> float:
    return entry["seconds"] if entry["device"].startswith("cuda") else entry["cpu_seconds"]


def _row(experiment: str, entry: Mapping[str, Any], training: float) -> dict[str, Any]:
    count, tau = entry["configurations"], max(entry["tau_int"], 0.5)
    each = _seconds(entry) / count
    return {
        "experiment": experiment,
        "seconds_per_configuration": each,
        "seconds_per_independent": each * 2 * tau,
        "seconds_per_independent_with_training": (each + training / count) * 2 * tau,
        "training_seconds": training,
        **{
            key: entry[key]
            for key in ("model", "variant", "configurations", "tau_int", "evaluations", "device", "threads")
        },
    }
