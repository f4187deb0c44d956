"""The cost ledger: seconds per independent configuration, of every model and of the reference's sampler."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

__all__ = ["ledger"]

COLUMNS = (
    "experiment",
    "source",
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
    """One row for the reference and one for each model of an experiment.

    A configuration counts 1/(2 tau_int) independent ones. With training means: the training spread over the
    configurations of this run. CPU seconds are counted on a CPU, wall seconds on a GPU; there is no ratio of the two.

    Arguments:
        experiment: its name.
        entries: records of `emulant.storage.cost`.
    """
    training = {e["source"]: _seconds(e) for e in entries if e["stage"] == "train"}
    made = [e for e in entries if e["stage"] == "generate" or e["source"] == "reference"]
    rows = [_row(experiment, entry, training.get(entry["source"], 0.0)) for entry in made]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    prices, kinds = table["seconds_per_independent"], table["device"].str.split(":").str[0]
    own = table["source"] == "reference"
    table["ratio_to_reference"] = prices / kinds.map(dict(zip(kinds[own], prices[own], strict=True)))
    return table.sort_values("seconds_per_independent", ignore_index=True)


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
            for key in ("source", "configurations", "tau_int", "evaluations", "device", "threads")
        },
    }
