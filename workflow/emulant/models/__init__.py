"""Model families: one file each, found by name; a family offers a class `Model`."""

from importlib import import_module
from pathlib import Path
from typing import Any

from emulant.errors import InputError
from emulant.storage.listing import listed
from emulant.storage.records import read_json
from emulant.systems import System

__all__ = ["build_model", "families", "load_model"]


def families() -> list[str]:
    """Names of the families: the files of this folder."""
    return [file.stem for file in listed(Path(__file__).parent, "[a-z]*.py")]


def build_model(settings: dict[str, Any], fields: Any, system: System | None = None) -> Any:
    """A fresh model of settings["family"] fitted to the scale of `fields` (N, *shape).

    `system` tells what else is known of them: grad S as a function of fields, or a symmetry of events, for families that
    can learn from it.
    """
    return import_module(f"emulant.models.{settings['family']}").Model.build(settings, fields, system)


def load_model(folder: str | Path) -> Any:
    """The trained model in `folder`: model.json and weights.safetensors, without pickle."""
    folder = Path(folder)
    record = read_json(folder / "model.json")
    if record.get("settings", {}).get("family") not in families():
        raise InputError(folder / "model.json", "settings.family", f"one of {', '.join(families())}")
    module = import_module(f"emulant.models.{record['settings']['family']}")
    return module.Model.load(record, folder / "weights.safetensors")
