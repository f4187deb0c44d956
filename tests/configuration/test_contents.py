"""What schemas cannot say of a table and of measured values, refused in one line before any job starts."""

import shutil

import numpy as np
import pandas as pd
import pytest

from emulant.configuration.experiments import Overrides
from emulant.errors import InputError

EXPERIMENT = "calibration_table"
OBSERVABLES = 27
CORRELATED = np.eye(OBSERVABLES) + np.ones((OBSERVABLES, OBSERVABLES))


@pytest.fixture
def table(tmp_path):
    """The design of the experiment and its observables, to be damaged."""
    return {
        name: shutil.copy(f"resources/calibration/{name}.csv", tmp_path) for name in ("design", "observables")
    }


def with_blocks(load, config, **blocks):
    """The experiment with blocks over its own."""
    return load(EXPERIMENT, overrides=Overrides({EXPERIMENT: blocks}, config / "mine.yaml"))


@pytest.mark.parametrize(
    ("measured", "message"),
    [
        ({"values": [1.0] * 26}, "values: expected 27 numbers, one for each observable, got 26"),
        ({"errors": [1.0] * 26}, r"errors: expected numbers of shape \(27,\), got \(26,\)"),
        ({"covariance": [[1.0]]}, r"covariance: expected numbers of shape \(27, 27\), got \(1, 1\)"),
        ({"covariance": np.triu(CORRELATED).tolist()}, "covariance: expected a symmetric matrix"),
        (
            {"covariance": (CORRELATED - 2 * np.eye(OBSERVABLES)).tolist()},
            "eigenvalues of zero or more, got -1",
        ),
    ],
)
def test_measured_values_that_do_not_fit(load, config, measured, message):
    with pytest.raises(InputError, match=rf"mine.yaml: override.{EXPERIMENT}.studies.measured.*{message}"):
        with_blocks(load, config, studies={"measured": measured})


@pytest.mark.parametrize(
    ("name", "column", "value", "message"),
    [
        ("observables", 3, np.nan, r"observables: expected finite numbers .*NaN or infinity at point 5"),
        ("design", 0, 50.0, r"parameters: expected design points inside the prior .*point 5"),
    ],
)
def test_a_damaged_table_is_named(load, config, table, name, column, value, message):
    damaged = pd.read_csv(table[name])
    damaged.iloc[5, column] = value
    damaged.to_csv(table[name], index=False)
    files = {"file": str(table["design"]), "observables": str(table["observables"])}
    with pytest.raises(InputError, match=rf"{name}.csv: {message}"):
        with_blocks(load, config, reference=files)
