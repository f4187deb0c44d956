"""The spread of trainings is a systematic error, free of statistical scatter."""

import numpy as np
import pandas as pd
import pytest

from emulant.contracts.source import Source, of_source, sources_in
from emulant.judging.compare import compare
from emulant.judging.published import COLUMNS
from emulant.judging.spread import training_spread


def rows(values, error):
    trainings = [f"training{k}" for k in range(2, len(values))]
    return pd.DataFrame(
        {
            "model": ["reference", *["flow"] * (len(values) - 1)],
            "variant": ["", "", *trainings],
            "observable": "binder",
            "index": 0,
            "value": values,
            "error": error,
            "tau_int": 0.5,
            "samples": 4096.0,
        }
    )


def test_spread_beyond_the_statistical_error():
    table = training_spread(rows([0.0, 1.0, 2.0, 3.0], 0.1))
    assert set(table["model"]) == {"flow"} and list(table["variant"]) == ["", "training2", "training3"]
    assert table["systematic"].to_numpy() == pytest.approx(np.sqrt(1 - 0.01))
    assert (table["trainings"] == 3).all()


def test_scatter_within_errors_is_no_spread():
    assert training_spread(rows([0.0, 1.0, 1.1, 0.9], 0.5))["systematic"].eq(0).all()


def test_one_training_has_no_spread():
    assert training_spread(rows([0.0, 1.0], 0.1)).empty


def test_spread_widens_errors_and_costs_degrees_of_freedom():
    """A pull of about 3 with a spread from three trainings is no evidence: p by Student with 2 degrees."""
    table = rows([0.0, 3.0, 4.0, 2.0], 0.01)
    samples = {source: {"binder": ((0,), np.zeros((256, 1)))} for source in sources_in(table)}
    comparison = compare(
        table, samples, exact=[], published=pd.DataFrame(columns=list(COLUMNS)), correlated=[]
    )
    row = of_source(comparison, Source("flow")).query("against == 'reference'").iloc[0]
    assert row["pull"] == pytest.approx(3, rel=0.01) and 0.05 < row["p"] < 0.2
    assert row["error"] == pytest.approx(1, rel=0.01)


def test_corrections_and_other_models_are_no_trainings():
    """A model whose name begins like another's, and corrected ensembles far from the raw one, spread nothing."""
    table = rows([0.0, 1.0, 9.0, -9.0], 0.1)
    table["model"], table["variant"] = ["reference", "flow", "flow", "flow_deep"], ["", "", "metropolis", ""]
    assert training_spread(table).empty
