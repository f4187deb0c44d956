"""Experiments: YAML layers merged and checked before any job starts.

The layers, later over earlier: config/scales/<scale>.yaml, the experiment's file, its block for the scale, the
overrides of config.yaml or of an overlay. A model takes the experiment's `training` and `generation`, over them
config/models/<model>.yaml, over that its own entry in the experiment.
"""

from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from emulant.configuration.assembly import experiment_schema, observable_files
from emulant.configuration.digest import source_digest
from emulant.configuration.layers import Layer, merged, origin
from emulant.configuration.listing import OPT_IN, scales
from emulant.configuration.models import model_blocks
from emulant.configuration.passed import passed_once
from emulant.configuration.schema import check
from emulant.contracts.declaration import (
    FAMILIES,
    FORMS,
    SYSTEMS,
    declaration_of,
    declared_system,
    files_of_reference,
    system_kinds,
)
from emulant.errors import InputError, unknown
from emulant.storage.yaml_files import read_yaml

__all__ = ["Overrides", "load_experiment"]

BLOCKS = ("system", "reference", "studies")
"""Blocks that checks are shown."""
UNUSABLE = set("{}\n\r")
FILE_NAME = "the name of a file without braces, which stand for wildcards, and without blanks at its ends"


@dataclass(frozen=True)
class Overrides:
    """Blocks by experiment, or under `all`, that lie over everything else.

    Attributes:
        blocks: the key `override` of the configuration.
        file: where it was written.
    """

    blocks: dict[str, dict[str, Any]]
    file: Path


def load_experiment(
    folder: Path, name: str, scale: str, schema: Path, overrides: Overrides | None = None
) -> dict[str, Any]:
    """The merged and checked settings of one experiment at one scale; `models` becomes a dict by name.

    Sizes of the system at a scale are declared in its folder; a block `systems` of the scale's file lies over them.

    A model that is to be trained several times appears again as `<model>_training2` and so on.

    Raises:
        InputError: naming the file, the key, and what was expected there.
    """
    layers = _layers(folder, name, scale, overrides)
    settings = merged(*(layer.content for layer in layers))
    kind = _kind(settings, layers)
    declared = {"system": declared_system(kind)["scales"].get(scale, {})}
    at_scale = {"system": settings.pop("systems", {}).get(kind, {})}
    layers.insert(0, Layer(layers[0].file, at_scale))
    layers.insert(0, Layer(SYSTEMS / kind / "schema.yaml", declared, ("scales", scale)))
    settings = merged(declared, at_scale, settings)
    frame = read_yaml(schema)
    entries = settings.get("models", [])
    if not isinstance(entries, list):
        raise InputError(*origin(layers, ["models"]), "a list of models", repr(entries))
    check({**settings, "models": entries}, experiment_schema(frame, settings), layers)
    _check_observables(settings, layers)
    _check_room(SYSTEMS, kind, settings["system"], [], layers)
    settings["reference"] = _with_files(kind, settings["reference"], layers)
    settings["models"] = model_blocks(folder, layers, frame, settings)
    _check_contents(settings, layers)
    return settings


def _with_files(kind: str, reference: dict[str, Any], layers: list[Layer]) -> dict[str, Any]:
    """The block of the reference with each file of a user by one path: `~` is the home folder, no `./` or `//` is left.

    Raises:
        InputError: for a name that cannot be used.
    """
    files = files_of_reference(kind, reference)
    return reference | {key: _path(file, origin(layers, ["reference", key])) for key, file in files.items()}


def _path(file: str, where: tuple[Path, str]) -> str:
    """One path of a file."""
    if not file or set(file) & UNUSABLE or file != file.strip() or file.endswith("/"):
        raise InputError(*where, FILE_NAME, repr(file))
    try:
        return str(Path(file).expanduser())
    except RuntimeError:
        raise InputError(*where, "the home folder of a user", repr(file)) from None


def _kind(settings: dict[str, Any], layers: list[Layer]) -> str:
    """The kind of the system; raises InputError where there is none of this name."""
    system = settings.get("system")
    if not isinstance(system, dict) or "kind" not in system:
        raise InputError(*origin(layers, ["system", "kind"]), "kind of system", "nothing")
    kind = system["kind"]
    if kind not in system_kinds():
        if isinstance(kind, str) and kind.isidentifier() and (SYSTEMS / kind).is_dir():
            raise InputError(
                SYSTEMS / kind / "schema.yaml", "file", "the declaration of the system", "no such file"
            )
        raise InputError(*origin(layers, ["system", "kind"]), *unknown(kind, system_kinds()))
    return kind


def _layers(folder: Path, name: str, scale: str, overrides: Overrides | None) -> list[Layer]:
    file, base = folder / "experiments" / f"{name}.yaml", folder / "scales" / f"{scale}.yaml"
    written = read_yaml(file)
    at_scale = written.pop("scales", None) or {}
    if not isinstance(at_scale, dict):
        raise InputError(file, "scales", "a block for each scale", repr(at_scale))
    for key, block in at_scale.items():
        if key not in scales(folder):
            raise InputError(file, "scales", *unknown(key, scales(folder)))
        if not isinstance(block, dict):
            raise InputError(file, f"scales.{key}", "a block of settings", repr(block))
    layers = [
        Layer(base, {key: block for key, block in read_yaml(base).items() if key != OPT_IN}),
        Layer(file, written),
        Layer(file, at_scale.get(scale, {}), ("scales", scale)),
    ]
    if overrides:
        layers += [
            Layer(overrides.file, overrides.blocks.get(key) or {}, ("override", key)) for key in ("all", name)
        ]
    return layers


def _check_observables(settings: dict[str, Any], layers: list[Layer]) -> None:
    observables = observable_files(settings["system"]["kind"])
    for number, name in enumerate(settings.get("observables") or []):
        if name not in observables:
            raise InputError(*origin(layers, ["observables", number]), *unknown(name, observables))


def _check_contents(settings: dict[str, Any], layers: list[Layer]) -> None:
    """What schemas cannot say: the checks of the system, of its form of samples, and of the families of the models."""
    system = settings["system"]
    form, files = (
        declared_system(system["kind"])["form"],
        files_of_reference(system["kind"], settings["reference"]),
    )
    stats = [Path(file).stat() for file in files.values() if Path(file).is_file()]
    stamps = [(stat.st_size, stat.st_mtime_ns) for stat in stats]
    blocks = {"system": system, "reference": settings["reference"], "studies": settings.get("studies", {})}
    _check_room(FORMS, form, blocks, stamps, layers)
    for family in sorted({model["family"] for model in settings["models"].values()}):
        _check_room(FAMILIES, family, blocks, stamps, layers)


def _check_room(room: Path, name: str, block: dict[str, Any], stamps: Any, layers: list[Layer]) -> None:
    """Run `checks.check` of the folder `name` of a room, unless this code has passed these settings and files before.

    A fault of a block is named by its place in the layers, one of a file by the file.
    """
    file = room / name / "checks.py"
    if not file.exists():
        return
    module = f"emulant.{room.name}.{name}.checks"
    try:
        code = source_digest(module, str(declaration_of(room, name)))
        passed_once((code, block, stamps), lambda: _loaded(file).check(block))
    except InputError as error:
        if Path(error.file).exists():
            raise
        path = [error.file if error.file in BLOCKS else "system", *error.key.split(".")]
        raise InputError(*origin(layers, path), error.expected, error.got) from None


def _loaded(file: Path) -> Any:
    """Run a module without the packages around it, which import torch."""
    spec = spec_from_file_location(f"checks_of_{file.parent.name}", file)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
