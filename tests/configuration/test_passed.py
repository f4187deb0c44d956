"""Checks that passed are remembered in Snakemake's folder, and only those."""

import pytest

from emulant.configuration.passed import passed_once


@pytest.fixture
def calls(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return []


def counted(calls, error=None):
    def check():
        calls.append(1)
        if error:
            raise error

    return check


def test_without_a_folder_of_snakemake_every_check_runs(calls):
    for _ in range(2):
        passed_once({"a": 1}, counted(calls))
    assert len(calls) == 2


def test_what_passed_is_not_checked_again_until_it_changes(calls, tmp_path):
    (tmp_path / ".snakemake").mkdir()
    for subject in ({"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 1, "b": 3}, {"a": 1, "b": 3}):
        passed_once(subject, counted(calls))
    assert len(calls) == 2


def test_what_failed_is_checked_again(calls, tmp_path):
    (tmp_path / ".snakemake").mkdir()
    for _ in range(2):
        with pytest.raises(ValueError, match="wrong"):
            passed_once("x", counted(calls, ValueError("wrong")))
    assert len(calls) == 2
