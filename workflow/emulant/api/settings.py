"""Blocks of settings as a configuration would have them, checked by the same schemas."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulant.api.systems import block_of, plain
from emulant.configuration.assembly import experiment_schema
from emulant.configuration.layers import Layer, merged
from emulant.configuration.listing import OPT_IN
from emulant.configuration.models import model_blocks
from emulant.configuration.places import config_folder, schema_folder
from emulant.configuration.schema import check
from emulant.contracts.declaration import declared_system
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.storage.yaml_files import read_yaml

__all__ = ["frame", "model_block", "reference_block"]

SCALE = "laptop"
"""The scale whose training and generation a model has unless told otherwise."""


def frame() -> dict[str, Any]:
    """The schema of an experiment, before systems and families fill it in."""
    return read_yaml(schema_folder() / "experiment.schema.yaml")


def reference_block(
    of: System, sampler: str | None, samples: int, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """The block of a reference of one role, with its conditions.

    Raises:
        InputError: for an unknown sampler or key.
    """
    names = [name for name in declared_system(of.kind)["samplers"] if name != "file"]
    told = {"sampler": sampler or names[0], "samples": int(samples), "training_samples": int(samples)}
    block = merged(told, plain(dict(settings)))
    conditions = block.pop("conditions", None)
    whole = {"system": block_of(of), "reference": block} | ({"conditions": conditions} if conditions else {})
    schema = {**experiment_schema(frame(), whole), "required": ["system", "reference"]}
    check(whole, schema, [Layer(Path("emulant"), whole)])
    block.pop("training_samples")
    return block | ({"conditions": conditions} if conditions else {})


def model_block(of: System, model: str | Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The block of a model: the laptop's training and generation, the model's own file, what the caller says.

    Arguments:
        of: what it learns.
        model: name of a file of config/models, or a block with `family`.
        settings: keys of the block, over it; `steps` are those of the training, `conditions` those of the experiment.

    Raises:
        InputError: for an unknown model, family or key.
    """
    config, told = config_folder(), plain(dict(settings))
    entry = {"name": model} if isinstance(model, str) else {"name": "model", **plain(dict(model))}
    steps, conditions = told.pop("steps", None), told.pop("conditions", None)
    entry = merged(entry, told, {"training": {"steps": steps}} if steps else {})
    scale = {
        key: value for key, value in read_yaml(config / "scales" / f"{SCALE}.yaml").items() if key != OPT_IN
    }
    written = {"system": block_of(of), "models": [entry]} | ({"conditions": conditions} if conditions else {})
    layers = [Layer(Path("emulant"), scale), Layer(Path("emulant.fit"), written)]
    blocks = model_blocks(config, layers, frame(), merged(scale, written))
    if "weights_of" in (block := next(iter(blocks.values()))):
        raise InputError(
            "emulant.fit",
            "model",
            "one that is trained",
            f"{model}, which takes its weights of {block['weights_of']}",
        )
    return block
