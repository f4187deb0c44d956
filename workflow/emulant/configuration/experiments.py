"""Experiments: YAML layers merged and checked before any job starts.

The layers, later over earlier: config/scales/<scale>.yaml, the experiment's file, its block for the scale. A model
takes config/models/<model>.yaml, over the experiment's `training` and `generation`, under its own entry.
"""

import difflib
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from emulant.errors import InputError

__all__ = ["experiment_names", "load_experiment", "merged"]

SCALES = ("smoke", "laptop", "paper")
FAMILIES = Path(__file__).parent.parent / "models"


def merged(*layers: dict[str, Any]) -> dict[str, Any]:
    """Later layers over earlier ones, block by block; lists and scalars are replaced."""
    out: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            both = isinstance(value, dict) and isinstance(out.get(key), dict)
            out[key] = merged(out[key], value) if both else value
    return out


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML mapping; raises InputError where it is missing or broken."""
    if not path.exists():
        known = sorted(file.stem for file in path.parent.glob("*.yaml"))
        raise InputError(path, "file", f"one of {', '.join(known)}", "no such file")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(path, f"line {mark.line + 1 if mark else '?'}", "valid YAML", error) from None
    if not isinstance(content, dict):
        raise InputError(path, "file", "a mapping of keys to values", type(content).__name__)
    return content


def experiment_names(folder: Path, wanted: str | list[str], scale: str) -> list[str]:
    """Names of the experiments to run at `scale`: all files, or the listed ones."""
    known = sorted(file.stem for file in (folder / "experiments").glob("*.yaml"))
    if scale not in SCALES:
        raise InputError(folder / "config.yaml", "scale", f"one of {', '.join(SCALES)}", scale)
    if wanted == "all":
        return [
            n for n in known if scale not in read_yaml(folder / "experiments" / f"{n}.yaml").get("skip", [])
        ]
    for name in wanted:
        if name not in known:
            raise InputError(folder / "config.yaml", "experiments", f"names among {', '.join(known)}", name)
    return list(wanted)


def load_experiment(folder: Path, name: str, scale: str, schema: Path) -> dict[str, Any]:
    """The merged and checked settings of one experiment at one scale; `models` becomes a dict by name.

    Raises:
        InputError: naming the experiment's file, the key, and what was expected there.
    """
    file = folder / "experiments" / f"{name}.yaml"
    own = read_yaml(file)
    base = read_yaml(folder / "scales" / f"{scale}.yaml")
    if (
        not isinstance(own.get("system"), dict)
        or own["system"].get("kind") != "phi4"
        or "shape" in own["system"]
    ):
        base["system"] = {}
    at_scale = (own.get("scales") or {}).get(scale) or {}
    settings = merged(base, own, at_scale)
    settings.pop("scales", None)
    entries = settings.get("models", [])
    if not isinstance(entries, list):
        raise InputError(file, "models", "a list of model names", entries)
    settings["models"] = [_model(folder, file, entry, settings) for entry in entries]
    _check(settings, schema, file)
    return {**settings, "models": {model["name"]: model for model in settings["models"]}}


def _model(folder: Path, file: Path, entry: Any, settings: dict[str, Any]) -> dict[str, Any]:
    entry = {"name": entry} if isinstance(entry, str) else entry
    known = sorted(path.stem for path in (folder / "models").glob("*.yaml"))
    if not isinstance(entry, dict) or entry.get("name") not in known:
        name = entry.get("name") if isinstance(entry, dict) else entry
        raise InputError(file, "models", f"names among {', '.join(known)}", name)
    shared = {key: settings.get(key, {}) for key in ("training", "generation")}
    model = merged(shared, read_yaml(folder / "models" / f"{entry['name']}.yaml"), entry)
    families = sorted(path.stem for path in FAMILIES.glob("[a-z]*.py"))
    if model.get("family") not in families:
        where = folder / "models" / f"{entry['name']}.yaml"
        raise InputError(where, "family", f"one of {', '.join(families)}", model.get("family"))
    return model


def _check(settings: dict[str, Any], schema: Path, file: Path) -> None:
    validator = jsonschema.Draft202012Validator(yaml.safe_load(schema.read_text(encoding="utf-8")))
    errors = sorted(validator.iter_errors(settings), key=lambda error: list(map(str, error.absolute_path)))
    if not errors:
        return
    error = errors[0]
    key = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        foreign = next(name for name in error.instance if name not in known)
        close = difflib.get_close_matches(foreign, known, 1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise InputError(
            file, f"{key}.{foreign}".strip("."), f"one of {', '.join(known)}{hint}", "an unknown key"
        )
    if error.validator == "type":
        meaning = f" ({error.schema['description']})" if "description" in error.schema else ""
        raise InputError(file, key, f"a value of type {error.validator_value}{meaning}", repr(error.instance))
    raise InputError(file, key or "file", error.message)
