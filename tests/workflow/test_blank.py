"""A checkout whose path has blanks, with an environment of its own: a job of it runs."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from emulant.configuration.interpreter import in_commands

pytestmark = pytest.mark.pipeline

TARGET = "results/smoke/two_peak/reference.h5"


def test_a_job_runs_where_the_path_of_the_checkout_has_blanks(checkout, tmp_path):
    folder = checkout.copy(tmp_path / "my own checkout (2)")
    venv.create(folder.path / ".venv", symlinks=True)
    (packages,) = (folder.path / ".venv").glob("lib/*/site-packages")
    (packages / "here.pth").write_text("\n".join(filter(None, sys.path)))
    _, *arguments = folder.command(TARGET)
    done = subprocess.run(
        [folder.path / ".venv/bin/python", *arguments],
        cwd=folder.path,
        env=folder.environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert (folder.path / TARGET).exists()


def test_an_interpreter_is_quoted_once_and_only_where_a_shell_needs_it(tmp_path):
    python = tmp_path / "my python"
    python.touch()
    assert in_commands(str(python)) == f"'{python}'" == in_commands(in_commands(str(python)))
    assert in_commands(sys.executable) == sys.executable or " " in sys.executable
    assert Path(sys.executable).exists()
