"""The pip lock, the conda environments, the requirements and what is installed name the same versions."""

import re
import tomllib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from emulant.storage.listing import listed

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = listed(ROOT / "envs", "*.yaml")
PIN = re.compile(r"[\w.-]+==[\w.+-]+(; .+)?")


def _lines(file):
    return [line for line in file.read_text().splitlines() if line and not line.startswith("#")]


def _versions(pins):
    """What is required, by name; whatever is not pinned exactly fails."""
    assert all(PIN.fullmatch(pin) for pin in pins), [pin for pin in pins if not PIN.fullmatch(pin)]
    return {canonicalize_name(Requirement(pin).name): Requirement(pin) for pin in pins}


@pytest.fixture(scope="module")
def lock():
    return _versions(_lines(ROOT / "requirements.lock"))


def _pip_section(file):
    dependencies = yaml.safe_load(file.read_text())["dependencies"]
    return next(entry["pip"] for entry in dependencies if isinstance(entry, dict))


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda file: file.name)
def test_a_conda_environment_has_the_versions_of_the_lock(file, lock):
    assert _versions(_pip_section(file)) == lock, "run `make envs`"


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda file: file.name)
def test_a_conda_environment_has_a_python_that_the_library_accepts(file):
    dependencies = yaml.safe_load(file.read_text())["dependencies"]
    python = next(entry for entry in dependencies if str(entry).startswith("python="))
    least = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())[1]
    numbers = [tuple(map(int, text.split("."))) for text in (python.split("=")[1], least)]
    assert numbers[0] >= numbers[1]


def test_every_rule_names_an_environment_that_exists():
    named = re.findall(r'conda:\s+"([^"]+)"', "".join(_rules()))
    assert named
    assert len(named) == len(re.findall(r"^ *rule\b.*:$", "".join(_rules()), re.MULTILINE))
    assert all((ROOT / "workflow/rules" / name).resolve() in ENVIRONMENTS for name in named)


def _rules():
    return [file.read_text() for file in listed(ROOT / "workflow/rules", "*.smk")]


def _wanted(*extras):
    """What the library and some of its extras require, the library itself left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [line for extra in extras for line in project["optional-dependencies"][extra]]
    wanted = map(Requirement, [*project["dependencies"], *lines] if "docs" not in extras else lines)
    return [requirement for requirement in wanted if requirement.name != "emulant"]


@pytest.mark.parametrize(
    ("file", "extras"),
    [("requirements.lock", ("workflow", "events", "test")), ("docs/requirements.lock", ("docs",))],
)
def test_a_lock_has_every_requirement(file, extras):
    pins = _versions(_lines(ROOT / file))
    for wanted in _wanted(*extras):
        pin = next(iter(pins[canonicalize_name(wanted.name)].specifier))
        assert wanted.specifier.contains(pin.version), wanted


def test_the_library_alone_needs_no_workflow_and_no_tests():
    names = {canonicalize_name(requirement.name) for requirement in _wanted()}
    assert not names & {
        "snakemake",
        "ruff",
        "snakefmt",
        "pytest",
        "hypothesis",
        "chromo",
        "pyhepmc",
        "sphinx",
    }


def test_what_is_installed_is_the_lock(lock):
    """Local builds such as 2.13.0+cpu are the same version."""
    here = {name: pin for name, pin in lock.items() if pin.marker is None or pin.marker.evaluate()}
    installed = {}
    for name in here:
        with suppress(PackageNotFoundError):
            installed[name] = f"=={version(name).split('+')[0]}"
    assert installed == {name: str(pin.specifier) for name, pin in here.items()}


def test_a_drift_is_seen(tmp_path, lock):
    text = ENVIRONMENTS[0].read_text()
    drifted = tmp_path / "drifted.yaml"
    drifted.write_text(text.replace("- numpy==", "- numpy==9"))
    with pytest.raises(AssertionError):
        test_a_conda_environment_has_the_versions_of_the_lock(drifted, lock)
