"""Forms of samples, found by listing the folders and files here that declare `form`: what one sample is, and its files."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from emulant.contracts.declaration import declared_system
from emulant.contracts.form import Ensemble, Form
from emulant.contracts.system import System
from emulant.storage.listing import listed
from emulant.storage.yaml_files import names_in

__all__ = ["form_of", "forms", "modules_of_form", "open_samples", "part_of_form"]

FOLDER = Path(__file__).parent


@cache
def forms() -> dict[str, Form]:
    """All forms by name."""
    names = [file.parent.name for file in listed(FOLDER, "[a-z]*/__init__.py")]
    modules = [
        vars(import_module(f"emulant.forms.{name}")) for name in (*names, *names_in(FOLDER, "[a-z]*.py"))
    ]
    return {module["form"].name: module["form"] for module in modules if "form" in module}


def form_of(kind: str) -> Form:
    """The form of the samples of a kind of system."""
    return forms()[declared_system(kind)["form"]]


def part_of_form(kind: str, part: str, name: str, default: Any) -> Any:
    """What the form of a kind of system holds as `name` in its file `<part>.py`; `default` where it has no such file."""
    modules = modules_of_form(kind, part)
    return vars(import_module(modules[0]))[name] if modules else default


def modules_of_form(kind: str, part: str) -> list[str]:
    """Name of the module `<part>.py` in the folder of the form of a kind of system, if it is there."""
    form = declared_system(kind)["form"]
    return [f"emulant.forms.{form}.{part}"] if (FOLDER / form / f"{part}.py").exists() else []


def open_samples(path: Path, system: System) -> Ensemble:
    """Open a file of samples of a system."""
    return form_of(system.kind).open(path, system)
