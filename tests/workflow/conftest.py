"""Copies of the checkout that run on their own library, and the one smoke run that the tests share."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from tests.audit import undeclared

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "config", "workflow", "profiles", "resources", "envs")
HIDDEN = shutil.ignore_patterns(".*")
INJECT = Path(__file__).parent / "inject"
JOB = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n)*)", re.MULTILINE)


class Folder:
    """A copy of the checkout, with the results that it made.

    Attributes:
        path: where it lies.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def copy(self, path: Path) -> "Folder":
        """Everything again at `path`, results with their ages."""
        return Folder(shutil.copytree(self.path, path, dirs_exist_ok=True))

    def command(self, *arguments: str, config: str = "scale=smoke") -> list[str]:
        """Snakemake with its targets and options, at smoke scale."""
        return [sys.executable, "-m", "snakemake", *arguments, "--cores", "2", "--config", *config.split()]

    def environment(self) -> dict[str, str]:
        """The folder's own library comes before the installed one, and what tests do to jobs before both."""
        return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (INJECT, self.path / "workflow")))}

    @property
    def audit(self) -> Path:
        """Where jobs note what they open."""
        return self.path / "audit"

    def run(self, *arguments: str, config: str = "scale=smoke") -> subprocess.CompletedProcess:
        """Run to the end; stdout and stderr together in `stdout`."""
        return subprocess.run(
            self.command(*arguments, config=config),
            cwd=self.path,
            env={**self.environment(), "AUDIT": str(self.audit)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1500,
            check=False,
        )

    def make(self, *targets: str, config: str = "scale=smoke") -> str:
        """Make `targets`; what was said on the way. No job may read what its rule does not declare."""
        done = self.run(*targets, config=config)
        assert done.returncode == 0, done.stdout[-6000:]
        assert not undeclared(self.audit)
        return done.stdout

    def plan(self, *arguments: str, config: str = "scale=smoke") -> list[tuple[str, str]]:
        """What would run: rule and its outputs, log and benchmark, of each job."""
        done = self.run("-n", *arguments, config=config)
        assert done.returncode == 0, done.stdout[-6000:]
        return [
            (rule, " ".join(re.findall(r"^    (?:output|log|benchmark): (.*)$", block, re.MULTILINE)))
            for rule, block in JOB.findall(done.stdout)
            if rule != "all"
        ]

    def write(self, name: str, text: str) -> Path:
        """Write a file below the folder."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    """A copy with no results."""
    path = tmp_path_factory.mktemp("checkout")
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, path / name, ignore=HIDDEN, dirs_exist_ok=True)
        else:
            shutil.copy(source, path / name)
    return Folder(path)


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A folder that all processes of one call of pytest have in common."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def road(checkout, shared, tmp_path_factory):
    """A copy that was run to its report: one run for all processes, and a copy for each, which tests may edit."""
    run = Folder(shared / "smoke_run")
    with FileLock(f"{run.path}.lock"):
        if not (run.path / "results/smoke/report.html").exists():
            checkout.copy(run.path).make()
    return run.copy(tmp_path_factory.mktemp("road"))


@pytest.fixture
def edit():
    """Change the text of a file for as long as a test runs."""
    before = {}

    def edit(path: Path, old: str, new: str) -> None:
        text = before.setdefault(path, path.read_text())
        assert old in text
        path.write_text(text.replace(old, new, 1))

    yield edit
    for path, text in before.items():
        path.write_text(text)
