"""A file that a user names and that does not exist is one line before any job."""

import pytest

from emulant.configuration.own_files import check_file
from emulant.errors import InputError


def test_a_file_that_is_not_there_is_named(tmp_path):
    brought = tmp_path / "mine.npy"
    brought.touch()
    check_file(tmp_path, "mine", {"reference": {"sampler": "file", "file": str(brought)}})
    check_file(tmp_path, "mine", {"reference": {"sampler": "hmc"}})
    with pytest.raises(
        InputError, match=r"mine\.yaml: reference\.file: expected a file that exists .*nowhere"
    ):
        check_file(
            tmp_path, "mine", {"reference": {"sampler": "file", "file": str(tmp_path / "nowhere.npy")}}
        )
