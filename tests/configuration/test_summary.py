"""The closing table: what the run made or found up to date, and nothing that only lies there."""

import os

import pandas as pd
import pytest

from emulant.configuration.summary import summary


@pytest.fixture
def table(tmp_path):
    """Write a table of verdicts of one model, of a given age."""

    def table(name, verdict, age=0):
        file = tmp_path / name / "verdict.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        row = {
            "experiment": name or "all",
            "model": "m",
            "variant": "",
            "verdict": verdict,
            "reason": "too few",
        }
        row |= {"worst_observable": "kappa", "worst_index": 4, "worst_together": True}
        pd.DataFrame([row]).to_csv(file, index=False)
        report = file.with_name("report.html")
        report.write_text("")
        for path in (file, report):
            os.utime(path, (1e9 - age, 1e9 - age))
        return file

    return table


def test_a_run_of_one_piece_shows_its_verdicts_and_calls_the_old_page_old(table, tmp_path):
    table("", "fail", age=60)
    words = summary([table("gas", "pass"), table("peaks", "info")], [])
    assert "1 of 1 pass" in words and "not judged (too few)" in words
    assert "fails" not in words and "The report" not in words
    assert f"Older than this, and not made again: {tmp_path / 'report.html'}" in words


def test_a_page_that_is_not_older_is_not_called_so(table):
    table("", "fail")
    assert "Older" not in summary([table("gas", "pass", age=60)], [])


def test_a_run_of_everything_shows_its_page(table):
    page = table("", "fail").with_name("report.html")
    words = summary([table("gas", "pass")], [page])
    assert "0 of 1 pass" in words and "m fails kappa together" in words and "gas" not in words
    assert words.endswith(f"The report: {page}\n") and "Older" not in words


def test_a_run_that_judged_nothing_says_nothing(table):
    table("", "pass")
    assert summary([], []) == ""


def test_an_experiment_has_one_line(table, tmp_path):
    rows = [
        {
            "model": "reference",
            "variant": "",
            "verdict": "pass",
            "worst_observable": "binder",
            "worst_index": 0,
        },
        {
            "model": "training",
            "variant": "",
            "verdict": "fail",
            "worst_observable": "binder",
            "worst_index": 0,
        },
        {"model": "flow", "variant": "", "verdict": "pass", "worst_observable": "binder", "worst_index": 0},
        {
            "model": "flow",
            "variant": "weighted",
            "verdict": "fail",
            "worst_observable": "kappa",
            "worst_index": 4,
        },
    ]
    file = tmp_path / "verdict.csv"
    pd.DataFrame(rows).assign(experiment="gas", reason="", worst_together=False).to_csv(file, index=False)
    (line,) = (line for line in summary([file], []).splitlines() if line.startswith("gas"))
    assert line.split(maxsplit=2) == ["gas", "pass", "1 of 1 pass  flow weighted fails kappa 4"]
