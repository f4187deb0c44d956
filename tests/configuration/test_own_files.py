"""A file that a user names and that does not exist is one line before any job."""

import pytest

from emulant.configuration.own_files import check_file
from emulant.errors import InputError


def settings_of(kind, **reference):
    return {"system": {"kind": kind}, "reference": {"sampler": "file", **reference}}


def test_a_file_that_is_not_there_is_named(tmp_path):
    brought = tmp_path / "mine.npy"
    brought.touch()
    check_file(tmp_path, "mine", settings_of("phi4", file=str(brought)))
    check_file(tmp_path, "mine", {"system": {"kind": "phi4"}, "reference": {"sampler": "hmc"}})
    with pytest.raises(
        InputError, match=r"mine\.yaml: reference\.file: expected a file that exists .*nowhere"
    ):
        check_file(tmp_path, "mine", settings_of("phi4", file=str(tmp_path / "nowhere.npy")))


def test_every_file_of_a_form_is_looked_for(tmp_path):
    (tmp_path / "design.csv").touch()
    files = {"file": str(tmp_path / "design.csv"), "observables": str(tmp_path / "observables.csv")}
    with pytest.raises(InputError, match=r"reference\.observables: expected a file that exists"):
        check_file(tmp_path, "mine", settings_of("design_table", **files))
