"""Experiments: YAML layers merged and checked before any job starts.

The layers, later over earlier: config/scales/<scale>.yaml, the experiment's file, its block for the scale, the
overrides of config.yaml or of an overlay. A model takes the experiment's `training` and `generation`, over them
config/models/<model>.yaml, over that its own entry in the experiment.
"""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from emulant.configuration.layers import Layer, merged, origin, read_yaml
from emulant.configuration.schema import check, unknown
from emulant.errors import InputError
from emulant.observables import PACKAGES
from emulant.storage.listing import listed

__all__ = [
    "Overrides",
    "check_overrides",
    "experiment_names",
    "load_experiment",
    "names_of_kind",
    "scales",
    "sharing_models",
]

LIBRARY = Path(__file__).parent.parent
SHARED = ("training", "generation")
BUILT = ("family", "path", "network", "target", "training")


@dataclass(frozen=True)
class Overrides:
    """Blocks by experiment, or under `all`, that lie over everything else.

    Attributes:
        blocks: the key `override` of the configuration.
        file: where it was written.
    """

    blocks: dict[str, dict[str, Any]]
    file: Path


def names_of_kind(folder: Path, kind: str) -> list[str]:
    """Experiments whose own file names this kind of system."""
    files = listed(folder / "experiments", "*.yaml")
    systems = {file.stem: read_yaml(file).get("system") for file in files}
    return [
        name for name, system in systems.items() if isinstance(system, dict) and system.get("kind") == kind
    ]


def sharing_models(folder: Path) -> list[str]:
    """Models whose own file says that they take the weights of another."""
    files = listed(folder / "models", "*.yaml")
    return [file.stem for file in files if "weights_of" in read_yaml(file)]


def scales(folder: Path) -> list[str]:
    """Names of the scales: the files of config/scales."""
    return _names(folder / "scales", "*.yaml")


def experiment_names(
    folder: Path, wanted: str | list[str], scale: str, file: Path | None = None
) -> list[str]:
    """Names of the experiments to run at `scale`: all files that do not skip it, or the listed ones.

    Arguments:
        folder: the configuration.
        wanted: "all", a name, or names.
        scale: a file of config/scales.
        file: to be named where `wanted` or `scale` is wrong; default config.yaml.

    Raises:
        InputError: for an unknown scale or experiment.
    """
    file, known = file or folder / "config.yaml", _names(folder / "experiments", "*.yaml")
    if scale not in scales(folder):
        raise InputError(file, "scale", *unknown(scale, scales(folder)))
    if wanted == "all":
        skipped = {name: read_yaml(folder / "experiments" / f"{name}.yaml").get("skip") for name in known}
        return [name for name in known if not isinstance(skipped[name], list) or scale not in skipped[name]]
    names = [wanted] if isinstance(wanted, str) else wanted
    for name in names:
        if name not in known:
            raise InputError(file, "experiments", *unknown(name, ["all", *known]))
    return list(names)


def check_overrides(folder: Path, blocks: dict[str, Any], file: Path) -> None:
    """Raise InputError where a block of overrides names no experiment."""
    known = ["all", *_names(folder / "experiments", "*.yaml")]
    for name in blocks:
        if name not in known:
            raise InputError(file, f"override.{name}", *unknown(name, known))


def load_experiment(
    folder: Path, name: str, scale: str, schema: Path, overrides: Overrides | None = None
) -> dict[str, Any]:
    """The merged and checked settings of one experiment at one scale; `models` becomes a dict by name.

    A model that is to be trained several times appears again as `<model>_training2` and so on.

    Raises:
        InputError: naming the file, the key, and what was expected there.
    """
    layers = _layers(folder, name, scale, overrides)
    settings = merged(*(layer.content for layer in layers))
    defaults = settings.pop("systems", {})
    if isinstance(settings.get("system"), dict):
        own = defaults.get(settings["system"].get("kind"), {})
        layers.insert(0, Layer(layers[0].file, {"system": own}))
        settings = merged({"system": own}, settings)
    entries = settings.get("models", [])
    if not isinstance(entries, list):
        raise InputError(*origin(layers, ["models"]), "a list of models", repr(entries))
    check({**settings, "models": entries}, schema, layers)
    _check_observables(settings, layers)
    _check_nuclei(settings["system"], layers)
    models = [
        _model(folder, layers, number, entry, schema, settings.get("trainings", 1))
        for number, entry in enumerate(entries)
    ]
    _check_families(settings, models, schema, layers)
    _check_weights(folder, models, layers)
    return {**settings, "models": {name: model for several in models for name, model in several.items()}}


def _layers(folder: Path, name: str, scale: str, overrides: Overrides | None) -> list[Layer]:
    file, base = folder / "experiments" / f"{name}.yaml", folder / "scales" / f"{scale}.yaml"
    own = read_yaml(file)
    at_scale = own.pop("scales", None) or {}
    if not isinstance(at_scale, dict):
        raise InputError(file, "scales", "a block for each scale", repr(at_scale))
    for key, block in at_scale.items():
        if key not in scales(folder):
            raise InputError(file, "scales", *unknown(key, scales(folder)))
        if not isinstance(block, dict):
            raise InputError(file, f"scales.{key}", "a block of settings", repr(block))
    layers = [
        Layer(base, read_yaml(base)),
        Layer(file, own),
        Layer(file, at_scale.get(scale, {}), ("scales", scale)),
    ]
    if overrides:
        layers += [
            Layer(overrides.file, overrides.blocks.get(key) or {}, ("override", key)) for key in ("all", name)
        ]
    return layers


def _model(
    folder: Path, layers: list[Layer], number: int, entry: Any, schema: Path, trainings: int
) -> dict[str, dict[str, Any]]:
    path = ("models", number)
    owner = origin(layers, path)
    entry = {"name": entry} if isinstance(entry, str) else entry
    if not isinstance(entry, dict) or "name" not in entry:
        raise InputError(*owner, "the name of a model, or a block with a `name`", repr(entry))
    file, known = folder / "models" / f"{entry['name']}.yaml", _names(folder / "models", "*.yaml")
    if entry["name"] not in known and "family" not in entry:
        raise InputError(*owner, *unknown(entry["name"], known))
    shared = [
        Layer(layer.file, {key: layer.content[key] for key in SHARED if key in layer.content}, layer.prefix)
        for layer in layers
    ]
    written = next(layer for layer in reversed(layers) if "models" in layer.content)
    own = [
        *shared,
        Layer(file, read_yaml(file) if entry["name"] in known else {}),
        Layer(written.file, entry, (*written.prefix, *path)),
    ]
    model = merged({"trainings": trainings, "corrected": True}, *(layer.content for layer in own))
    families = _names(LIBRARY / "models", "[a-z]*.py")
    if "family" in model and model["family"] not in families:
        raise InputError(*origin(own, ["family"]), *unknown(model["family"], families))
    check(model, schema, own, "model")
    count = 1 if "weights_of" in model else model["trainings"]
    del model["trainings"]
    generation = {key: value for key, value in model["generation"].items() if key != "unprojected"}
    # A spread needs no more than the raw ensembles of further trainings.
    raw = {"corrected": False, "generation": generation}
    again = {f"{entry['name']}_training{k}": raw for k in range(2, count + 1)}
    return {name: {**model, **more, "name": name} for name, more in ({entry["name"]: {}} | again).items()}


def _check_families(
    settings: dict[str, Any], models: list[dict[str, dict]], schema: Path, layers: list[Layer]
) -> None:
    """Raise InputError where a model learns fields and the system has events, or the other way round."""
    learnt = "model_of_events" if settings["system"]["kind"] == "collision" else "model_of_fields"
    for number, several in enumerate(models):
        file, key = origin(layers, ("models", number))
        prefix = tuple(key.split("."))
        for model in several.values():
            family = {"family": model["family"]}
            check(family, schema, [Layer(file, family, prefix)], learnt)


def _check_weights(folder: Path, models: list[dict[str, dict]], layers: list[Layer]) -> None:
    """Raise InputError where a model takes its weights from one that is not trained, or is built otherwise."""
    known = {name: model for several in models for name, model in several.items()}
    file, key = origin(layers, ["models"])
    for name, model in known.items():
        if "weights_of" not in model:
            continue
        wanted, owner = model["weights_of"], known.get(model["weights_of"], {"weights_of": None})
        if name not in sharing_models(folder):
            raise InputError(file, f"{key}.{name}.weights_of", f"a line of config/models/{name}.yaml", wanted)
        if "weights_of" in owner:
            raise InputError(file, f"{key}.{name}.weights_of", "a model that this experiment trains", wanted)
        for part in BUILT:
            if model.get(part) != owner.get(part):
                raise InputError(file, f"{key}.{name}.{part}", f"the same as of {wanted}", model.get(part))


def _check_observables(settings: dict[str, Any], layers: list[Layer]) -> None:
    known = [name for package in PACKAGES for name in _names(LIBRARY / _folder(package), "[a-z]*.py")]
    for number, name in enumerate(settings.get("observables") or []):
        if name not in known:
            raise InputError(*origin(layers, ["observables", number]), *unknown(name, known))


def _check_nuclei(system: dict[str, Any], layers: list[Layer]) -> None:
    """What a schema cannot know of a collision; the tables of nuclei are read for one alone."""
    if system["kind"] == "collision":
        from emulant.collisions.nuclei import check_collision

        try:
            check_collision("system", SimpleNamespace(**system))
        except InputError as error:
            raise InputError(*origin(layers, ["system", error.key]), error.expected, error.got) from None


def _folder(package: str) -> str:
    return package.removeprefix("emulant.").replace(".", "/")


def _names(folder: Path, pattern: str) -> list[str]:
    return [file.stem for file in listed(folder, pattern)]
