"""The spread of several trainings of one model, as a systematic error."""

import re

import numpy as np
import pandas as pd

__all__ = ["TRAINING", "training_spread"]

TRAINING = re.compile(r"(?P<model>.+)_training\d+$")
"""Sources `<model>_training<k>` are further trainings of `<model>`."""


def training_spread(rows: pd.DataFrame) -> pd.DataFrame:
    """Variance between trainings beyond their statistical errors (DerSimonian-Laird, as a systematic error).

    Arguments:
        rows: columns source, observable, index, value, error.

    Returns:
        columns source, observable, index, systematic, trainings: of every model with at least two trainings,
        and of each of its further trainings.
    """
    model = rows["source"].str.replace(TRAINING, lambda match: match["model"], regex=True)
    groups = rows.assign(model=model, squared=rows["error"] ** 2).groupby(["model", "observable", "index"])
    table = groups.agg(between=("value", "var"), within=("squared", "mean"), trainings=("value", "size"))
    table = table[table["trainings"] > 1].reset_index()
    table["systematic"] = np.sqrt(np.maximum(table["between"] - table["within"], 0))
    members = rows.assign(model=model)[["source", "model"]].drop_duplicates()
    columns = ["source", "observable", "index", "systematic", "trainings"]
    return members.merge(table, on="model")[columns]
