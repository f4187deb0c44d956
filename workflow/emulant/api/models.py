"""Models: trained on an ensemble or on an action, and sampled."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from emulant.api.ensembles import Ensemble
from emulant.api.scratch import Scratch, optional_libraries, quiet
from emulant.api.settings import model_block
from emulant.configuration.assembly import check_family
from emulant.configuration.layers import Layer
from emulant.configuration.places import config_folder
from emulant.contracts.declaration import declared_family, declared_system
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.stages.generation import Generation
from emulant.stages.held_out import held_out_pairs
from emulant.stages.training import read_training, train_model
from emulant.storage.records import read_json, write_json
from emulant.storage.yaml_files import names_in, read_yaml

__all__ = ["Model", "fit", "models", "sample"]

FILES = ("model.json", "weights.safetensors")


@dataclass(frozen=True, repr=False)
class Model:
    """A trained model.

    Attributes:
        system: that it learned.
        folder: of its weights and record.
        settings: its block.
    """

    system: System
    folder: Path
    settings: Mapping[str, Any]
    scratch: Scratch | None = None

    def __repr__(self) -> str:
        return f"Model({self.name}, of {self.system.kind} {self.system.parameters})"

    @property
    def name(self) -> str:
        """As in tables."""
        return self.settings["name"]

    @property
    def curve(self) -> pd.DataFrame:
        """The training curve, a row every so many steps."""
        return pd.read_csv(self.folder / "training.csv")

    def save(self, folder: str | Path) -> Path:
        """Copy weights and record to a folder, which `emulant.load` reads; returns it."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(self.folder / name, target / name)
        return target


def models(of: System | str) -> list[str]:
    """List the models that can learn a system, or a kind."""
    kind = of if isinstance(of, str) else of.kind
    folder, system = config_folder() / "models", declared_system(kind)
    return [name for name in names_in(folder) if _learns(folder / f"{name}.yaml", system)]


def fit(model: str | Mapping[str, Any], to: Ensemble | System, *, seed: int = 1, **settings: Any) -> Model:
    """Train a model on an ensemble, or, of a family that needs no samples, on the action of a system.

    Arguments:
        model: one of `models(system)`, or a block with `family`.
        to: training samples, or the system.
        seed: of first weights, batches and noise.
        settings: `steps` of the training, and keys of the model's block (docs/config.md), such as `training={...}`,
            `generation={...}` and `conditions={...}`.

    Raises:
        InputError: for an unknown model or key, a family that cannot learn this, or samples that it cannot use.
    """
    system = to.system if isinstance(to, Ensemble) else to
    block = model_block(system, model, settings)
    needs = declared_family(block["family"])["needs"]
    if needs != "action" and not isinstance(to, Ensemble):
        raise InputError(
            "emulant.fit", "to", f"an ensemble, as {block['name']} learns from {needs}", "a system"
        )
    scratch = Scratch()
    files = [] if needs == "action" else [to.file]
    with optional_libraries(block["family"]), quiet():
        data = read_training(files, system, block)
        job = {"seed": seed, "code": "", "checkpoint": scratch.path / "checkpoint.safetensors"}
        trained = train_model(data, system, block, **job)
    trained.write(*(scratch.path / name for name in ("weights.safetensors", "model.json", "training.csv")))
    return Model(system, scratch.path, block, scratch)


def sample(
    model: Model, count: int | None = None, *, inputs: Ensemble | None = None, seed: int = 1
) -> Ensemble:
    """Draw samples of a model; where it knows log q and the system has an action, with their weights.

    Arguments:
        model: of `fit` or `load`.
        count: how many; as many as its settings say where left out.
        inputs: pairs whose inputs the model is shown, one after another and again from the first: observations, initial
            states. Needed by models of pairs alone.
        seed: of all random numbers.

    Raises:
        InputError: for a model of pairs without inputs.
    """
    pairs = declared_family(model.settings["family"])["needs"] == "pairs"
    if pairs != (inputs is not None):
        expected = (
            "an ensemble of pairs, whose inputs it is shown"
            if pairs
            else "nothing: the model takes no inputs"
        )
        raise InputError("emulant.sample", "inputs", expected, "none" if pairs else "an ensemble")
    drawn, folder = Ensemble.scratched(model.system, model.name), _resized(model, count)
    with optional_libraries(model.system.kind), quiet():
        held_out = held_out_pairs([inputs.file] if inputs else [], model.system)
        Generation(folder.path, model.system, seed, held_out=held_out).write(drawn.file)
    return drawn


def _resized(model: Model, count: int | None) -> Scratch:
    """The model in a folder of its own, told how many samples to draw."""
    scratch = Scratch()
    record = read_json(model.folder / "model.json")
    generation = dict(record["settings"]["generation"])
    if count is not None:
        if count < 1:
            raise InputError("emulant.sample", "count", "at least 1", count)
        generation |= {"samples": int(count), "batch": min(generation["batch"], int(count))}
    settings = {**record["settings"], "generation": generation}
    write_json(scratch.path / "model.json", {**record, "settings": settings})
    (scratch.path / "weights.safetensors").symlink_to((model.folder / "weights.safetensors").absolute())
    return scratch


def _learns(file: Path, system: Mapping[str, Any]) -> bool:
    """Whether the family of a model's file can learn a system."""
    block = read_yaml(file)
    try:
        check_family(block["family"], declared_family(block["family"]), system, {}, Layer(file, block))
    except InputError:
        return False
    return "weights_of" not in block
