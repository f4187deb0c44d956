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
        pd.DataFrame([{"experiment": name or "all", "model": "m", "verdict": verdict}]).to_csv(
            file, index=False
        )
        report = file.with_name("report.html")
        report.write_text("")
        for path in (file, report):
            os.utime(path, (1e9 - age, 1e9 - age))
        return file

    return table


def test_a_run_of_one_piece_shows_its_verdicts_and_calls_the_old_page_old(table, tmp_path):
    table("", "fail", age=60)
    words = summary([table("gas", "pass"), table("peaks", "info")], [])
    assert words.split().count("pass") == words.split().count("info") == 1
    assert "fail" not in words and "The report" not in words
    assert f"Older than this, and not made again: {tmp_path / 'report.html'}" in words


def test_a_page_that_is_not_older_is_not_called_so(table):
    table("", "fail")
    assert "Older" not in summary([table("gas", "pass", age=60)], [])


def test_a_run_of_everything_shows_its_page(table):
    page = table("", "fail").with_name("report.html")
    words = summary([table("gas", "pass")], [page])
    assert words.split().count("fail") == 1 and "pass" not in words
    assert words.endswith(f"The report: {page}\n") and "Older" not in words


def test_a_run_that_judged_nothing_says_nothing(table):
    table("", "pass")
    assert summary([], []) == ""
