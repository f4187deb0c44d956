"""What declarations name must exist: forms, shelves, features, and the files that hold what they promise.

A schema sees one file; this looks at all of them and at the folders, without importing any.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from emulant.configuration.assembly import observable_files
from emulant.contracts.declaration import (
    FAMILIES,
    FORMS,
    LIBRARY,
    SYSTEMS,
    declaration_of,
    declared_family,
    declared_form,
    declared_system,
    family_names,
    form_names,
    system_kinds,
)
from emulant.errors import InputError, unknown
from emulant.storage.listing import listed

__all__ = ["check_declarations"]

ACTION = "action"
"""The feature that shared code itself asks for; all others are agreed between systems and families."""


def check_declarations() -> None:
    """Raise InputError where a system, a family or a form declares what is not there."""
    systems = {kind: declared_system(kind) for kind in system_kinds()}
    families = {name: declared_family(name) for name in family_names()}
    for form in form_names():
        declared_form(form)
        _check_file(FORMS, form, "__init__.py")
    offered, required = _words(systems, "offers"), _words(families, "requires")
    for kind, declared in systems.items():
        file = declaration_of(SYSTEMS, kind)
        _check_names(file, "form", [declared["form"]], form_names())
        _check_names(file, "observables", declared["observables"], _shelves())
        _check_names(file, "offers", declared["offers"], required)
        _check_system(kind, declared, file)
    for name, declared in families.items():
        file = declaration_of(FAMILIES, name)
        _check_names(file, "forms", declared["forms"], form_names())
        _check_names(file, "requires", declared["requires"], offered)
        if declared["studies"]:
            _check_file(FAMILIES, name, "studies.py")


def _check_system(kind: str, declared: Mapping[str, Any], file: Path) -> None:
    """The files that a system cannot do without, and those that hold what it declares."""
    for part in ("system.py", "reference.py", *(["studies.py"] if declared["studies"] else [])):
        _check_file(SYSTEMS, kind, part)
    names = observable_files(kind)
    if not names:
        expected = f"a shelf ({', '.join(_shelves())}), or a file in {kind}/observables: nothing is measured"
        raise InputError(file, "observables", expected, "none")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InputError(
            file, "observables", "files with names that differ, on shelves and in the folder", twice
        )


def _check_file(room: Path, name: str, part: str) -> None:
    """Raise InputError where the folder of a system, a family or a form lacks a file; a single file has it all."""
    folder = room / name
    if folder.is_dir() and not (folder / part).exists():
        raise InputError(
            folder / part, "file", f"what {declaration_of(room, name).name} declares", "no such file"
        )


def _check_names(file: Path, key: str, names: Iterable[str], allowed: Sequence[str]) -> None:
    """Raise InputError for the first name that is not in `allowed`."""
    for name in names:
        if name not in allowed:
            raise InputError(file, key, *unknown(name, allowed))


def _words(declarations: Mapping[str, Mapping[str, Any]], key: str) -> list[str]:
    """All features that declarations list under a key, and the action."""
    return sorted({ACTION, *(word for declared in declarations.values() for word in declared[key])})


def _shelves() -> list[str]:
    """Rooms of the library that hold observables."""
    return sorted({file.parent.parent.name for file in listed(LIBRARY, "[a-z]*/observables/*.py")})
