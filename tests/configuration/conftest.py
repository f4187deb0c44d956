import shutil
from pathlib import Path

import pytest
import yaml

from emulant.configuration.experiments import load_experiment

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "workflow" / "schemas" / "experiment.schema.yaml"


@pytest.fixture
def config(tmp_path):
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns(".*")))


@pytest.fixture
def load(config):
    def load(name="phi4_critical", scale="laptop", overrides=None):
        return load_experiment(config, name, scale, SCHEMA, overrides)

    return load


@pytest.fixture
def edit(config):
    """Change the content of a YAML file of the configuration."""

    def edit(file, change):
        content = yaml.safe_load((config / file).read_text())
        change(content)
        (config / file).write_text(yaml.safe_dump(content))

    return edit
