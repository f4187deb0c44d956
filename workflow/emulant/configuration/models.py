"""Blocks of models: layers merged, checked against their family, and repeated for further trainings."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from emulant.configuration.assembly import check_family, model_schema
from emulant.configuration.layers import Layer, merged, origin
from emulant.configuration.listing import sharing_models
from emulant.configuration.names import RESERVED, check_name
from emulant.configuration.schema import check
from emulant.contracts.declaration import declared_family, declared_system, family_names
from emulant.errors import InputError, unknown
from emulant.storage.yaml_files import names_in, read_yaml

__all__ = ["model_blocks"]

SHARED = ("training", "generation")
SAMPLED = {"name", "weights_of", "generation", "yardstick", "corrected"}
"""Keys in which a model may differ from the one whose weights it takes."""


def model_blocks(
    folder: Path, layers: Sequence[Layer], frame: Mapping[str, Any], settings: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Settings of all models of an experiment by name; further trainings are models `<name>_training2`, ...

    Arguments:
        folder: the configuration.
        layers: of the experiment.
        frame: schema of an experiment.
        settings: merged from `layers`, with a list `models` of names and blocks.

    Raises:
        InputError: naming the file, the key, and what was expected there.
    """
    blocks: dict[str, dict[str, Any]] = {}
    for number, entry in enumerate(settings.get("models", [])):
        trainings = _trainings(*_block(folder, layers, number, entry, frame, settings))
        for name in trainings.keys() & blocks:
            raise InputError(*origin(layers, ["models", number]), "a name that no other model has", name)
        blocks |= trainings
    _check_weights(folder, blocks, layers)
    _check_effect(folder, blocks, layers, settings)
    return blocks


def _block(
    folder: Path,
    layers: Sequence[Layer],
    number: int,
    entry: Any,
    frame: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Merge and check the block of one model; returns it with the declaration of its family."""
    model_layers = _layers(folder, layers, number, entry)
    model = merged({"trainings": settings.get("trainings", 1)}, *(layer.content for layer in model_layers))
    if model.get("family") not in family_names():
        raise InputError(*origin(model_layers, ["family"]), *unknown(model.get("family"), family_names()))
    family, system = declared_family(model["family"]), declared_system(settings["system"]["kind"])
    check_family(model["family"], family, system, settings, model_layers[-1])
    model = {"corrected": family["likelihood"] and "action" in system["offers"]} | model
    if family["needs"] == "action" and "conditions" in settings:
        # Who reads no training ensemble is told the conditions by its block.
        model = {"conditions": settings["conditions"]} | model
    check(model, model_schema(frame, family), model_layers)
    return model, family


def _layers(folder: Path, layers: Sequence[Layer], number: int, entry: Any) -> list[Layer]:
    """Layers of a model: shared blocks of the experiment, the model's own file, its entry in the experiment."""
    path = ("models", number)
    entry = {"name": entry} if isinstance(entry, str) else entry
    if not isinstance(entry, dict) or "name" not in entry:
        raise InputError(*origin(layers, path), "the name of a model, or a block with a `name`", repr(entry))
    file, names = folder / "models" / f"{entry['name']}.yaml", names_in(folder / "models")
    check_name(entry["name"], *origin(layers, path), reserved=RESERVED["model"])
    if entry["name"] not in names and "family" not in entry:
        raise InputError(*origin(layers, path), *unknown(entry["name"], names))
    shared = [
        Layer(layer.file, {key: layer.content[key] for key in SHARED if key in layer.content}, layer.prefix)
        for layer in layers
    ]
    written = next(layer for layer in reversed(layers) if "models" in layer.content)
    return [
        *shared,
        Layer(file, read_yaml(file) if entry["name"] in names else {}),
        Layer(written.file, entry, (*written.prefix, *path)),
    ]


def _trainings(model: dict[str, Any], family: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The model, and its further trainings: a spread needs no more than their raw ensembles."""
    count, name = model.pop("trainings"), model["name"]
    generation = {key: value for key, value in model["generation"].items() if key not in family["variants"]}
    further = {"corrected": False, "generation": generation, "training_of": name}
    return {name: model} | {
        f"{name}_training{k}": {**model, **further, "name": f"{name}_training{k}", "training_number": k}
        for k in range(2, (1 if "weights_of" in model else count) + 1)
    }


def _check_effect(
    folder: Path, blocks: Mapping[str, dict], layers: Sequence[Layer], settings: Mapping[str, Any]
) -> None:
    """Raise InputError where an experiment sets what each of its models sets otherwise, which would be without effect."""
    for layer in layers:
        overrides = layer.prefix[:1] == ("override",) and layer.prefix != ("override", "all")
        if not blocks or not (overrides or layer.file.parent == folder / "experiments"):
            continue
        for path in _leaves({key: layer.content[key] for key in SHARED if key in layer.content}):
            value = _at(settings, path)
            if all(_at(model, path) != value for model in blocks.values()):
                expected = "a key that a model takes, where each has its own in config/models or in its entry of `models`"
                raise InputError(*origin(layers, path), expected, value)


def _leaves(block: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all settings of nested blocks."""
    for key, value in block.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)


def _at(block: Any, path: Sequence[str]) -> Any:
    """The setting at a path, None where there is none."""
    for key in path:
        block = block.get(key) if isinstance(block, dict) else None
    return block


def _check_weights(folder: Path, blocks: Mapping[str, dict], layers: Sequence[Layer]) -> None:
    """Raise InputError where a model takes its weights from one that is not trained, or is built otherwise."""
    file, key = origin(layers, ["models"])
    for name, model in blocks.items():
        if "weights_of" not in model:
            continue
        wanted, owner = model["weights_of"], blocks.get(model["weights_of"], {"weights_of": None})
        if name not in sharing_models(folder):
            raise InputError(file, f"{key}.{name}.weights_of", f"a line of config/models/{name}.yaml", wanted)
        if "weights_of" in owner:
            raise InputError(file, f"{key}.{name}.weights_of", "a model that this experiment trains", wanted)
        for part in sorted({*model, *owner} - SAMPLED):
            if model.get(part) != owner.get(part):
                raise InputError(file, f"{key}.{name}.{part}", f"the same as of {wanted}", model.get(part))
