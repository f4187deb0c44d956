"""Systems, found by listing the folders here; `contracts.system` says what a folder holds."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from emulant.contracts.declaration import SYSTEMS, declared_system, system_kinds
from emulant.contracts.observable import Observable
from emulant.contracts.sampler import Sampler
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.storage.listing import listed

__all__ = [
    "measured_observables",
    "modules_of",
    "observable_packages",
    "observables_of",
    "part_of",
    "published_tables",
    "sampler_of",
    "samplers_of",
    "system_from",
]


def system_from(settings: Mapping[str, Any]) -> System:
    """Build the system of a `system` block; raises InputError for an unknown kind."""
    kind = settings.get("kind")
    if kind not in system_kinds():
        raise InputError("experiment", "system.kind", f"one of {', '.join(system_kinds())}", kind)
    return import_module(f"emulant.systems.{kind}.system").from_settings(settings)


def samplers_of(kind: str) -> Mapping[str, Sampler]:
    """Samplers of the reference by name."""
    return import_module(f"emulant.systems.{kind}.reference").samplers


def sampler_of(kind: str, name: str) -> Sampler:
    """The sampler of this name; raises InputError where `reference.py` has none."""
    samplers = samplers_of(kind)
    if name not in samplers:
        file = SYSTEMS / kind / "reference.py"
        raise InputError(
            file, f"samplers.{name}", "a sampler that schema.yaml declares", f"only {', '.join(samplers)}"
        )
    return samplers[name]


def part_of(kind: str, part: str) -> Mapping[str, Any]:
    """What the system declares in `<part>.py`, such as `figures` or `studies`, by name; empty where there is none."""
    modules = modules_of(kind, part)
    return vars(import_module(modules[0]))[part] if modules else {}


def modules_of(kind: str, part: str) -> list[str]:
    """Name of the module `<part>.py` in the system's folder, if it is there."""
    return [f"emulant.systems.{kind}.{part}"] if (SYSTEMS / kind / f"{part}.py").exists() else []


def published_tables(kind: str) -> list[Path]:
    """Tables of published values in the system's folder."""
    return listed(SYSTEMS / kind, "published*.csv")


def observable_packages(kind: str) -> list[str]:
    """Packages of the system's observables: the shelves that it declares and its own folder."""
    shelves = [f"emulant.{shelf}.observables" for shelf in declared_system(kind)["observables"]]
    folder = SYSTEMS / kind / "observables"
    return [*shelves, f"emulant.systems.{kind}.observables"] if folder.is_dir() else shelves


@cache
def observables_of(kind: str) -> dict[str, Observable]:
    """Observables of a system by name, in the order of their files; no other system's can shadow them.

    Raises:
        InputError: where two files declare the same name.
    """
    files = [
        (module.name, package)
        for package in observable_packages(kind)
        for module in iter_modules(import_module(package).__path__)
    ]
    observables: dict[str, Observable] = {}
    for file, package in sorted(files):
        for observable in _declared(f"{package}.{file}"):
            if observable.name in observables:
                raise InputError(SYSTEMS / kind, "observables", "names that differ", observable.name)
            observables[observable.name] = observable
    return observables


def measured_observables(names: Iterable[str] | None, kind: str) -> list[Observable]:
    """The named observables of a system, or all of them; raises InputError for an unknown name."""
    observables = observables_of(kind)
    for name in names or ():
        if name not in observables:
            raise InputError("experiment", "observables", f"one of {', '.join(observables)}", name)
    return list(observables.values()) if names is None else [observables[name] for name in names]


def _declared(module: str) -> tuple[Observable, ...]:
    content = vars(import_module(module))
    return content["observables"] if "observables" in content else (content["observable"],)
