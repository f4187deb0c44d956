"""Families of models, found by listing the files and folders here; `contracts.family` says what each offers."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from emulant.contracts.declaration import family_names, module_of_family, module_of_studies
from emulant.contracts.family import Family, SamplesWithSystem
from emulant.contracts.study import Study
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.storage.records import read_json

__all__ = ["build_model", "family_of", "load_model", "studies_of_family"]


def family_of(name: str) -> type[Family]:
    """The class `Model` of a family: of the file `<name>.py`, or of `model.py` in the folder `<name>`."""
    return import_module(module_of_family(name)).Model


def studies_of_family(name: str) -> Mapping[str, Study]:
    """Studies of a family by name: `studies` of the file `<name>.py`, or of `studies.py` in the folder `<name>`."""
    return import_module(module_of_studies(name)).studies


def build_model(settings: dict[str, Any], data: Any, system: System | None = None) -> Family:
    """A fresh model of settings["family"]; arguments as of `contracts.family.Family.build`."""
    return family_of(settings["family"]).build(settings, data, system)


def load_model(folder: str | Path, system: System | None = None) -> Family:
    """The trained model of a folder's model.json and weights.safetensors.

    Arguments:
        folder: of both files.
        system: whose moves a generation may use.

    Raises:
        InputError: for an unknown family.
    """
    folder = Path(folder)
    record = read_json(folder / "model.json")
    settings = record.get("settings")
    name = settings.get("family") if isinstance(settings, dict) else None
    # Nothing is imported but what lies in the folder of the families.
    if name not in family_names():
        raise InputError(
            folder / "model.json", "settings.family", f"one of {', '.join(family_names())}", name
        )
    model = family_of(name).load(record, folder / "weights.safetensors")
    return model.with_system(system) if isinstance(model, SamplesWithSystem) and system else model
