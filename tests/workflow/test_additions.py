"""What is added is a folder or a file: a system, families that need samples, the action or pairs, an observable."""

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from emulant.command.scaffold import scaffold
from emulant.reporting.parts import parts_of
from emulant.storage.listing import listed
from tests.audit import audited, undeclared

pytestmark = pytest.mark.pipeline

ROOT = Path(__file__).parents[2]
ADDITIONS = Path(__file__).parent / "additions"
NAMES = ("coupled_gaussian", "enumerated_ising", "linear_response", "own_family", "ring")
SCAFFOLDS = {"system": "ring", "family": "sites", "observable": "mean_modulus"}
"""What `emulant new` writes: its experiment of the system is run, its family learns in `own_family`."""


@pytest.fixture(scope="module")
def added(checkout, tmp_path_factory):
    """A copy of the checkout with all additions and scaffolds, and its results at smoke scale."""
    folder = checkout.copy(tmp_path_factory.mktemp("added"))
    for kind, name in SCAFFOLDS.items():
        scaffold(folder.path, kind, name)
    for file in listed(ADDITIONS, "**/*.*"):
        copy = folder.path.joinpath(*file.relative_to(ADDITIONS).parts[1:])
        assert not copy.exists(), f"{copy} is edited"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    folder.write("overlay.yaml", f"experiments: [{', '.join(NAMES)}]\n")
    folder.make("--configfile", "overlay.yaml")
    return folder


@pytest.fixture(scope="module")
def results(added):
    return added.path / "results/smoke"


@pytest.fixture(scope="module")
def page(results):
    """Where the report and the tables of these experiments lie."""
    return results / "subsets" / "+".join(NAMES)


@pytest.fixture(scope="module")
def verdicts(page):
    return pd.read_csv(page / "verdict.csv", keep_default_na=False).set_index(
        ["experiment", "model", "variant"]
    )["verdict"]


def table(file):
    return pd.read_csv(file, keep_default_na=False)


def test_everything_reaches_the_report_of_these_alone(results, page):
    parts = parts_of(page / "report.html")
    assert set(NAMES) <= set(parts)
    assert not (results / "report.html").exists()


def test_jobs_of_pairs_read_what_their_rules_declare(added):
    processes = audited(added.audit)
    assert {process["rule"] for process in processes} >= {"reference_pairs", "generate_pairs", "measure"}
    assert not undeclared(added.audit)


def test_a_folder_is_a_system(results, page, verdicts):
    """Spins in int8, judged by the enumeration of all states; symbol, figure and study are its own."""
    with h5py.File(results / "enumerated_ising/reference.h5") as file:
        assert file["configurations"].dtype == np.int8
        assert file["configurations"].shape == (4096, 4, 4)
    assert verdicts["enumerated_ising", "reference", ""] == "pass"
    compared = table(results / "enumerated_ising/comparison.csv")
    exact = compared[compared["against"] == "exact"]
    assert set(exact["observable"]) == {"abs_magnetisation", "energy"} and (exact["error"] < 0.02).all()
    levels = pd.read_csv(results / "enumerated_ising/energy_levels.csv")
    assert levels["exact"].sum() == pytest.approx(1) and len(levels) == 15
    assert json.loads((results / "enumerated_ising/energy_levels.json").read_text())["total_variation"] < 0.03
    assert (results / "enumerated_ising/figures/energy_levels.svg").exists()
    assert "|<i>m</i><sub><i>s</i></sub>|" in parts_of(page / "report.html")["enumerated_ising"]


def test_added_families_pass_the_tests_of_all_families(added):
    """With the file that each brings, and nothing edited: the copy's own library, declarations and tests."""
    chosen = "affine or gaussian or sites or every_family"
    check_tests(added, "tests/families/test_all_families.py", "tests/families/test_sites.py", "-k", chosen)


def test_scaffolds_pass_the_tests_that_they_bring(added):
    """Those of all systems too."""
    files = ("tests/systems/test_all_systems.py", "tests/systems/test_ring.py")
    check_tests(added, *files, "tests/observables/test_mean_modulus.py", "-k", "ring or modulus or constant")


def check_tests(added, *arguments):
    """Run tests of the copy on its own library."""
    copied = shutil.ignore_patterns(".*", "__pycache__", "additions")
    shutil.copytree(ROOT / "tests", added.path / "tests", dirs_exist_ok=True, ignore=copied)
    shutil.copy(ROOT / "pyproject.toml", added.path)
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    options = {"cwd": added.path, "env": added.environment(), "capture_output": True, "text": True}
    done = subprocess.run(command, timeout=600, check=False, **options)
    assert done.returncode == 0, done.stdout[-4000:]


def test_a_typo_in_the_block_of_an_added_system_is_one_line(added):
    file = added.path / "config/experiments/enumerated_ising.yaml"
    text = file.read_text()
    file.write_text(text.replace("beta:", "betaa:"))
    done = added.run("-n", config="scale=smoke experiments=enumerated_ising")
    file.write_text(text)
    assert done.returncode
    errors = [line for line in done.stdout.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert (
        "config/experiments/enumerated_ising.yaml: system.betaa: " in errors[0] and "mean beta?" in errors[0]
    )


def test_a_family_that_needs_the_action_sees_no_samples(results):
    folder = results / "coupled_gaussian"
    assert not list(folder.glob("training.*"))
    with h5py.File(folder / "affine/ensemble.h5") as file:
        x, log_q = file["configurations"][:].astype(float), file["log_q"][:]
        action = 0.5 * (x**2).sum(1) - 0.6 * x[:, 0] * x[:, 1]
        np.testing.assert_allclose(file["log_weight"][:], -action - log_q, atol=1e-6)
    observables = table(folder / "observables.csv")
    raw = observables[(observables["model"] == "affine") & (observables["variant"] == "")]
    assert (raw["samples"] == 4096).all(), "weights of the raw ensemble are recorded and not applied"


def test_weights_give_the_partition_function(results, page, verdicts):
    """Z = 2 pi / sqrt(m^2 - c^2) within 4.5 errors; weighted and Metropolis ensembles pass every test."""
    record = json.loads((results / "coupled_gaussian/affine/correction.json").read_text())
    exact = 0.5 * math.log(1 - 0.6**2) - math.log(2 * math.pi)
    assert abs(record["minus_log_z"] - exact) < 4.5 * record["minus_log_z_error"] + 1e-6
    assert record["ess"] > 0.95 and record["acceptance"] > 0.8
    assert verdicts["coupled_gaussian", "affine", "weighted"] == "pass"
    assert verdicts["coupled_gaussian", "affine", "metropolis"] == "pass"
    assert "−ln Z" in parts_of(page / "report.html")["coupled_gaussian"]


def test_a_family_of_pairs_is_judged_under_conditions_that_no_training_saw(results, verdicts):
    folder = results / "linear_response"
    with h5py.File(folder / "training.h5") as file:
        assert set(np.unique(file["facts/width"])) == {0.25, 0.75, 1.0}
    with h5py.File(folder / "reference.h5") as file, h5py.File(folder / "regression/ensemble.h5") as model:
        assert set(np.unique(file["facts/width"])) == {0.5}
        np.testing.assert_array_equal(file["inputs"][:4096], model["inputs"][:])
        assert not np.array_equal(file["outputs"][:4096], model["outputs"][:])
    assert verdicts["linear_response", "reference", ""] == "pass"
    assert verdicts["linear_response", "regression", ""] == "pass"
    assert verdicts["linear_response", "training", ""] == "info"


def test_a_file_is_a_family_and_a_wrong_model_fails(verdicts):
    assert verdicts["own_family", "gaussian", ""] == "fail"
    assert ("own_family", "gaussian", "training2") in verdicts.index


def test_a_file_is_an_observable(results):
    """The scaffold's mean of |x|, of peaks at 1 of width 1/2 that of a folded Gaussian; false alarm 6e-7."""
    observables = table(results / "own_family/observables.csv")
    rows = observables[observables["observable"] == "mean_modulus"].set_index(["model", "variant"])
    exact = math.sqrt(2 / math.pi) * 0.5 * math.exp(-2) + math.erf(math.sqrt(2))
    value, error = rows.loc[("reference", ""), ["value", "error"]]
    assert abs(value - exact) < 5 * error
    assert "mean_modulus" in set(table(results / "own_family/comparison.csv")["observable"])


def test_a_scaffold_reaches_its_verdict(results, verdicts):
    """The system's samples are those of its exact values (false alarm 6e-7), one Gaussian fails on two peaks."""
    compared = table(results / "ring/comparison.csv")
    exact = compared[(compared["against"] == "exact") & (compared["model"] == "reference")]
    assert set(exact["observable"]) == {"field_squared", "neighbours"}
    assert (exact["pull"].abs() < 5).all()
    assert {("ring", "reference", ""), ("ring", "flow_matching", "")} <= set(verdicts.index)
    assert verdicts["own_family", "sites", ""] == "fail"


def test_the_spread_of_two_trainings_enters_the_comparison(results):
    key = ["model", "variant", "observable", "index"]
    measured = table(results / "own_family/observables.csv").set_index(key)["error"]
    compared = table(results / "own_family/comparison.csv")
    judged = compared[compared["against"] == "reference"].set_index(key)["error"]
    for variant in ("", "training2"):
        where = ("gaussian", variant, "field_squared", 0)
        assert judged[where] > 3 * measured[where]
    where = ("vp_diffusion", "", "field_squared", 0)
    assert judged[where] == measured[where]
