"""Rows of the figure of pulls that are no single number, and the name of the worst test."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from emulant.contracts.source import REFERENCE
from emulant.reporting.joint import blind_tests, every_test, joint_tests, worst_pull, worst_test
from emulant.reporting.results import Results

PHI4 = {"kind": "phi4", "kappa": 0.2, "lambda": 0.0, "shape": [4, 4]}


def compared(rows):
    """A table of the comparison of one model with its reference: observable, index, pull, p-value, correlated."""
    columns = ["observable", "index", "pull", "p_value", "correlated"]
    return pd.DataFrame(rows, columns=columns).assign(model="flow", variant="", against="reference")


CUMULANTS = compared([("kappa", n, 0.5, 2e-4, True) for n in (2, 4, 8)] + [("binder", 0, 1.0, 0.3, False)])
BLIND = pd.DataFrame({"model": "flow", "variant": "", "test": ["classifier", "memorisation"],
                      "pull": [-3.0, 1.0], "p_value": [0.001, np.nan]})  # fmt: skip


def test_a_set_has_the_pull_of_its_p_value_and_no_sign():
    (row,) = joint_tests(CUMULANTS).to_dict("records")
    assert row["observable"] == "kappa" and row["together"]
    assert row["pull"] == pytest.approx(stats.norm.isf(1e-4))


def test_a_set_of_one_is_a_single_number():
    assert joint_tests(compared([("kappa", 2, 4.0, 1e-4, True)])).empty


def test_two_sample_tests_have_the_pulls_of_their_p_values_with_their_signs():
    (row,) = blind_tests(BLIND).to_dict("records")
    assert row["observable"] == "classifier" and row["pull"] == pytest.approx(-stats.norm.isf(5e-4))


def test_all_rows_come_together_in_silence():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(every_test(CUMULANTS, BLIND)) == 4 + 1 + 1
        assert len(every_test(CUMULANTS[3:], pd.DataFrame())) == 1


@pytest.fixture
def results(tmp_path):
    CUMULANTS.to_csv(tmp_path / "comparison.csv", index=False)
    return Results(tmp_path, PHI4, {REFERENCE: tmp_path / "reference.h5"})


def worst(**more):
    return {"model": "flow", "variant": "", "worst_observable": "kappa", "worst_index": 4, "worst_pull": -3.7,
            "worst_against": "reference", "worst_together": True, "worst_p": 2e-4} | more  # fmt: skip


def test_the_worst_test_is_named_as_the_set_not_by_a_member(results):
    name = worst_test(worst(), results)
    assert name == "κ<sub>2</sub>…κ<sub>8</sub> together, <i>p</i> = 0.0002"
    assert worst_pull(worst()) == "3.7"
    single = worst(worst_together=False, worst_observable="binder", worst_index=0)
    assert worst_test(single, results) == "<i>U</i><sub><i>L</i></sub>" and worst_pull(single) == "−3.7"
    assert worst_test(worst(worst_observable=np.nan), results) == "–"


@pytest.mark.parametrize(
    ("pull", "together", "shown"),
    [
        (37.54, True, "> 37"),
        (-37.54, True, "> 37"),
        (-37.54, False, "< −37"),
        (37.54, False, "> 37"),
        (np.nan, True, "–"),
    ],
)
def test_no_pull_is_larger_than_a_p_value_can_say(pull, together, shown):
    assert worst_pull(worst(worst_pull=pull, worst_together=together)) == shown
