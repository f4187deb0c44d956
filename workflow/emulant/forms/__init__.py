"""Forms of samples: what one sample is, and its files; `contracts.declaration` lists the folders and files here."""

from importlib import import_module
from pathlib import Path
from typing import Any

from emulant.contracts.declaration import FORMS, declared_system
from emulant.contracts.form import Ensemble, Form
from emulant.contracts.system import System

__all__ = ["form_of", "modules_of_form", "open_samples", "part_of_form"]


def form_of(kind: str) -> Form:
    """The form of the samples of a kind of system."""
    return vars(import_module(f"emulant.forms.{declared_system(kind)['form']}"))["form"]


def part_of_form(kind: str, part: str, name: str, default: Any) -> Any:
    """What the form of a kind of system holds as `name` in its file `<part>.py`; `default` where it has no such file."""
    modules = modules_of_form(kind, part)
    return vars(import_module(modules[0]))[name] if modules else default


def modules_of_form(kind: str, part: str) -> list[str]:
    """Name of the module `<part>.py` in the folder of the form of a kind of system, if it is there."""
    form = declared_system(kind)["form"]
    return [f"emulant.forms.{form}.{part}"] if (FORMS / form / f"{part}.py").exists() else []


def open_samples(path: Path, system: System) -> Ensemble:
    """Open a file of samples of a system."""
    return form_of(system.kind).open(path, system)
