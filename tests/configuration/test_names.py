"""Names of files that people write: what cannot work is one line about the name, when the configuration is read."""

from pathlib import Path

import pytest
import yaml

from emulant.configuration.listing import experiment_names
from emulant.configuration.names import check_name
from emulant.errors import InputError

PEAKS = {
    "title": "Two peaks",
    "about": "Of names.",
    "system": {"kind": "two_peak", "mean": 1.0, "width": 0.25},
    "reference": {"sampler": "file", "file": "mine.npy"},
    "models": [],
}
MODEL = {"family": "diffusion", "network": {"kind": "pointwise"}, "path": {"kind": "variance_preserving"}}


@pytest.fixture
def write(config):
    """Write an experiment, or a model, with what is changed of the one above."""

    def write(name, folder="experiments", content=PEAKS, **changes):
        (config / folder / f"{name}.yaml").write_text(yaml.safe_dump(content | changes))

    return write


@pytest.mark.parametrize("name", ["two-peaks", "peaks_k0.26", "2d", "κ_c", "a.-b", "x.26"])
def test_hyphens_and_dots_are_names(config, load, write, name):
    write(name, models=[f"m-{name}"])
    write(f"m-{name}", "models", MODEL)
    assert name in experiment_names(config, "all", "laptop")
    assert list(load(name)["models"]) == [f"m-{name}"]


@pytest.mark.parametrize(
    "name", ["two peaks", "-x", "a{b}", "a+b", "a.", "verdict.csv", "report.html", "subsets"]
)
def test_other_names_of_experiments_are_refused_in_one_line(config, write, name):
    write(name)
    with pytest.raises(InputError, match=r"file name: expected (a name of letters|another name)") as error:
        experiment_names(config, "all", "laptop")
    assert error.value.file.endswith(f"experiments/{name}.yaml")
    assert "two_peak" in experiment_names(config, ["two_peak"], "laptop"), (
        "what is not asked for stops nothing"
    )


def test_a_file_that_would_be_passed_over_is_named(config):
    (config / "experiments/mine.yml").write_text("system: {}")
    with pytest.raises(InputError, match=r"mine.yml: file name: expected a name that ends in .yaml"):
        experiment_names(config, "all", "laptop")


@pytest.mark.parametrize(
    "name", ["two words", "-x", "../x", "/tmp/x", "training", "reference", "cost", "x.json", 3]
)
def test_other_names_of_models_are_refused_in_one_line(load, write, name):
    write("mine", models=[{"name": name, **MODEL}])
    with pytest.raises(InputError, match=r"mine.yaml: models.0: expected (a name of letters|another name)"):
        load("mine")


@pytest.mark.parametrize(
    "models", [["ve_diffusion"] * 2, ["ve_diffusion", {**MODEL, "name": "ve_diffusion_training2"}]]
)
def test_two_models_of_one_name_are_not_one(load, write, models):
    write("mine", models=models, trainings=2)
    with pytest.raises(InputError, match=r"mine.yaml: models.1: expected a name that no other model has"):
        load("mine")


def test_an_experiment_that_is_named_twice_runs_once(config):
    assert experiment_names(config, ["two_peak", "bose_gas", "two_peak"], "laptop") == [
        "two_peak",
        "bose_gas",
    ]


def test_a_tilde_is_the_home_folder(load, write, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    for file, path in (("~/mine.npy", "/home/me/mine.npy"), ("./a//my data.npy", "a/my data.npy")):
        write("mine", reference={"sampler": "file", "file": file})
        assert load("mine")["reference"]["file"] == path


@pytest.mark.parametrize(
    "file", ["run{}.npy", "run{1}.npy", "a{b", " a.npy", "a\nb.npy", "data/", "", "~nobody_here/a.npy"]
)
def test_files_that_cannot_be_used_are_one_line(load, write, file):
    write("mine", reference={"sampler": "file", "file": file})
    with pytest.raises(
        InputError, match=r"mine.yaml: reference.file: expected the (name of a file|home folder)"
    ):
        load("mine")


def test_a_name_is_checked_for_the_file_that_gave_it():
    check_name("peaks_k0.26", Path("a.yaml"), "models.0", reserved=("training",))
    with pytest.raises(InputError, match=r"^a.yaml: models.0: expected another name"):
        check_name("training", Path("a.yaml"), "models.0", reserved=("training",))


@pytest.mark.parametrize("name", ["../x", "../../two_peak", "/etc/passwd", ".."])
def test_names_of_experiments_lead_nowhere_else(config, write, name):
    """Also where such a file is there: results would lie beside the folder of results."""
    (config / "x.yaml").write_text(yaml.safe_dump(PEAKS))
    with pytest.raises(InputError) as error:
        experiment_names(config, [name], "laptop")
    assert "\n" not in str(error.value)
