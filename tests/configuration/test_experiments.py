import shutil
from pathlib import Path

import pytest
import yaml

from emulant.configuration.digest import source_digest, sources_of
from emulant.configuration.experiments import experiment_names, load_experiment
from emulant.configuration.seeds import job_seed
from emulant.errors import InputError

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "workflow" / "schemas" / "experiment.schema.yaml"


@pytest.fixture
def config(tmp_path):
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config"))


def spoiled(config, change):
    file = config / "experiments" / "phi4_critical.yaml"
    content = yaml.safe_load(file.read_text())
    change(content)
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(InputError) as caught:
        load_experiment(config, "phi4_critical", "laptop", SCHEMA)
    assert "phi4_critical.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_shipped_experiment_is_valid_at_every_scale(config):
    for scale in ("smoke", "laptop", "paper"):
        for name in experiment_names(config, "all", scale):
            assert load_experiment(config, name, scale, SCHEMA)["models"]


def test_layers(config):
    laptop = load_experiment(config, "phi4_critical", "laptop", SCHEMA)
    paper = load_experiment(config, "phi4_critical", "paper", SCHEMA)
    assert laptop["system"] == {"kind": "phi4", "kappa": 0.26, "lambda": 0.022, "shape": [16, 16]}
    assert paper["system"]["kappa"] == 0.27088
    assert paper["models"]["ve_diffusion"]["generation"]["samples"] >= 100_000


def test_clear_errors(config):
    assert "did you mean kappa" in spoiled(
        config, lambda c: c["system"].update(kapa=c["system"].pop("kappa"))
    )


def test_a_kappa_that_is_no_number(config):
    message = spoiled(config, lambda c: c["system"].update(kappa="large"))
    assert "system.kappa" in message
    assert "hopping parameter" in message


def test_an_unknown_model(config):
    assert "ve_diffusion" in spoiled(config, lambda c: c.update(models=["magic"]))


def test_an_unknown_scale_and_experiment(config):
    with pytest.raises(InputError, match="smoke, laptop, paper"):
        experiment_names(config, "all", "huge")
    with pytest.raises(InputError, match="phi4_critical"):
        experiment_names(config, ["phi4_critcal"], "laptop")


def test_one_file_is_an_experiment(config):
    text = (config / "experiments" / "phi4_critical.yaml").read_text().replace("0.26", "0.25")
    (config / "experiments" / "mine.yaml").write_text(text)
    assert "mine" in experiment_names(config, "all", "laptop")
    assert load_experiment(config, "mine", "laptop", SCHEMA)["system"]["kappa"] == 0.25


def test_seeds_depend_on_root_and_identity():
    seeds = {
        job_seed(root, *words) for root in (1, 2) for words in (("a", "b"), ("b", "a"), ("ab",), ("a", "c"))
    }
    assert len(seeds) == 8
    assert job_seed(1, "a") == job_seed(1, "a")


def test_digest_follows_imports_only():
    used = {file.name for file in sources_of("emulant.lattice.system")}
    assert {"system.py", "leapfrog.py", "cluster.py", "ensemble.py", "autocorrelation.py"} <= used
    assert not {"diffusion.py", "two_peak.py", "style.py"} & used
    assert source_digest("emulant.lattice.system") != source_digest("emulant.toys.two_peak")
