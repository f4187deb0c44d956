"""Errors of a model beside that of its samples: the spread of its trainings, and the error of its training sample."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emulant.contracts.source import Source, of_source

__all__ = ["training_errors", "training_spread"]


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


def training_errors(rows: pd.DataFrame, learned: Mapping[Source, Source]) -> pd.DataFrame:
    """Collect values and errors of the training sample for every model that learned from it.

    A model knows the law from its training sample alone. What it repeats of the sample, such as its moments, is off by
    what the sample is off; a model is asked to be no further from the law than that.

    Arguments:
        rows: columns model, variant, observable, index, value, error.
        learned: source of each model -> source of its training sample.

    Returns:
        columns model, variant, observable, index, of_sample, value_of_sample.
    """
    names = {"value": "value_of_sample", "error": "of_sample"}
    columns = ["model", "variant", "observable", "index", *names.values()]
    named = rows.rename(columns=names)
    parts = [of_source(named, sample).assign(**model._asdict()) for model, sample in learned.items()]
    return pd.concat([part[columns] for part in [named[:0], *parts]])
