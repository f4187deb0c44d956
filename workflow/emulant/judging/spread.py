"""The spread of several trainings of one model, as a systematic error."""

import numpy as np
import pandas as pd

from emulant.contracts.source import Source

__all__ = ["training_spread"]


def training_spread(rows: pd.DataFrame) -> pd.DataFrame:
    """Variance between trainings beyond their statistical errors (DerSimonian-Laird, as a systematic error).

    Arguments:
        rows: columns model, variant, observable, index, value, error.

    Returns:
        columns model, variant, observable, index, systematic, trainings: of every raw ensemble of a model with at
        least two trainings.
    """
    raw = rows[[Source(*source).raw for source in zip(rows["model"], rows["variant"], strict=True)]]
    groups = raw.assign(squared=raw["error"] ** 2).groupby(["model", "observable", "index"])
    table = groups.agg(between=("value", "var"), within=("squared", "mean"), trainings=("value", "size"))
    table = table[table["trainings"] > 1].reset_index()
    table["systematic"] = np.sqrt(np.maximum(table["between"] - table["within"], 0))
    members = raw[["model", "variant"]].drop_duplicates()
    columns = ["model", "variant", "observable", "index", "systematic", "trainings"]
    return members.merge(table, on="model")[columns]
