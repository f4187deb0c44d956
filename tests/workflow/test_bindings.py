"""What a script asks for by name is there in every job that runs it."""

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scripts import script

pytestmark = pytest.mark.pipeline

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def jobs(checkout):
    """Every job of the laptop scale."""
    said = subprocess.run(
        [sys.executable, str(ROOT / "tests/planned.py"), "laptop"],
        cwd=checkout.path,
        env=checkout.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr[-4000:]
    return json.loads(said.stdout.splitlines()[-1])


def asked(name):
    """Parameters of a script's `main` that have no default."""
    parameters = inspect.signature(script(name).main).parameters.values()
    return {parameter.name for parameter in parameters if parameter.default is parameter.empty}


def test_a_script_finds_everything_it_asks_for(jobs):
    wanted = {name: asked(name) for name in {job["script"] for job in jobs}}
    missing = {(job["rule"], name) for job in jobs for name in wanted[job["script"]] - set(job["names"])}
    assert not missing


def test_every_script_is_run_by_a_rule(jobs):
    scripts = {file.stem for file in (ROOT / "workflow/scripts").glob("*.py")}
    assert scripts == {job["script"] for job in jobs}
