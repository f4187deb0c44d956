"""What systems, families and forms declare in YAML: read without importing them, before any job starts.

A system is a folder `systems/<kind>/` with `schema.yaml`; a family is a folder `families/<name>/` with `schema.yaml`, or a
file `families/<name>.py` beside `families/<name>.yaml`; so is a form in `forms`. All are found by listing.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from emulant.errors import InputError, unknown
from emulant.storage.listing import listed
from emulant.storage.yaml_files import names_in, read_yaml

__all__ = [
    "FAMILIES",
    "FORMS",
    "SYSTEMS",
    "declaration_of",
    "declared_family",
    "declared_form",
    "declared_system",
    "family_names",
    "files_of_reference",
    "form_names",
    "module_of_family",
    "module_of_studies",
    "system_kinds",
]

LIBRARY = Path(__file__).parent.parent
SYSTEMS, FAMILIES, FORMS = (LIBRARY / name for name in ("systems", "families", "forms"))
DECLARATION = "a declaration as in docs/extend.md"
NAMES = {"type": "array", "items": {"type": "string"}}
PROPERTIES = {"type": "object"}
# What every model may have is no variant of a family: corrected ensembles and further trainings.
VARIANTS = {
    "type": "array",
    "items": {"type": "string", "pattern": "^(?!training|metropolis|weighted)[a-z]\\w*$"},
}
STUDY = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "models": {"enum": ["none", "all", "each"]},
        "reference": {"type": "boolean"},
        "corrections": {"type": "boolean"},
        "exact": {"type": "boolean"},
        "on_request": {"type": "boolean"},
        "required": NAMES,
        "properties": PROPERTIES,
    },
}
SAMPLER = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "required": NAMES,
        "properties": PROPERTIES,
    },
}
SYSTEM = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "form", "observables", "system", "samplers"],
    "properties": {
        "title": {"type": "string"},
        "references": NAMES,
        "form": {"type": "string"},
        "observables": NAMES,
        "offers": NAMES,
        "conditions": NAMES,
        "system": PROPERTIES,
        "samplers": {"type": "object", "minProperties": 1, "additionalProperties": SAMPLER},
        "scales": {"type": "object", "additionalProperties": PROPERTIES},
        "studies": {"type": "object", "additionalProperties": STUDY},
    },
}
FAMILY = {
    "type": "object",
    "additionalProperties": False,
    "required": ["needs", "forms"],
    "properties": {
        "references": NAMES,
        "needs": {"enum": ["samples", "action", "pairs"]},
        "forms": NAMES,
        "requires": NAMES,
        "conditions": NAMES,
        "variants": VARIANTS,
        "likelihood": {"type": "boolean"},
        "required": NAMES,
        "properties": PROPERTIES,
        "generation": PROPERTIES,
        "studies": {"type": "object", "additionalProperties": STUDY},
    },
}
FILES = {"type": "object", "additionalProperties": {"type": "string"}}
FORM = {
    "type": "object",
    "additionalProperties": False,
    "required": ["suffix"],
    "properties": {
        "suffix": {"type": "string"},
        "companions": FILES,
        "generated": FILES,
        "file": PROPERTIES,
    },
}


def system_kinds() -> list[str]:
    """List the kinds of systems: the folders of `systems` that declare themselves."""
    return [file.parent.name for file in listed(SYSTEMS, "[a-z]*/schema.yaml")]


def family_names() -> list[str]:
    """List the families: files and folders of `families` whose names begin with a letter."""
    return _listed_in(FAMILIES, "model.py", "[a-z]*.py")


def form_names() -> list[str]:
    """List the forms of samples: files and folders of `forms` that declare themselves."""
    return _listed_in(FORMS, "schema.yaml", "[a-z]*.yaml")


@cache
def declared_system(kind: str) -> dict[str, Any]:
    """Read what the system `kind` declares; optional keys are filled in."""
    empty = {"references": [], "offers": [], "conditions": [], "scales": {}, "studies": {}}
    return empty | _checked(declaration_of(SYSTEMS, kind), SYSTEM)


@cache
def declared_family(name: str) -> dict[str, Any]:
    """Read what the family `name` declares; optional keys are filled in."""
    lists = {key: [] for key in ("references", "requires", "conditions", "variants", "required")}
    blocks = {key: {} for key in ("properties", "generation", "studies")}
    return {"likelihood": False, **lists, **blocks, **_checked(declaration_of(FAMILIES, name), FAMILY)}


@cache
def declared_form(name: str) -> dict[str, Any]:
    """Read what the form `name` declares: the suffix of its files, and by output name those that lie beside them.

    `companions` lie beside every file of samples, `generated` in the folder of a model whose ensemble it is; `file` is the
    JSON schema of the keys that the sampler `file` reads.
    """
    return {
        "companions": {},
        "generated": {},
        "file": {},
        **_checked(declaration_of(FORMS, name), FORM),
    }


def files_of_reference(kind: str, reference: Mapping[str, Any]) -> dict[str, str]:
    """Files of a user that the block of a reference names, by key: `file`, and what the form calls paths."""
    keys = declared_form(declared_system(kind)["form"])["file"]
    paths = ["file", *(key for key, schema in keys.items() if schema.get("format") == "path")]
    return {key: reference[key] for key in paths if key in reference}


def module_of_family(name: str) -> str:
    """Name of the module that holds the family's class `Model`."""
    return f"emulant.families.{name}.model" if (FAMILIES / name).is_dir() else f"emulant.families.{name}"


def module_of_studies(name: str) -> str:
    """Name of the module that holds the family's `studies`."""
    return f"emulant.families.{name}.studies" if (FAMILIES / name).is_dir() else f"emulant.families.{name}"


def _listed_in(folder: Path, inner: str, single: str) -> list[str]:
    """Names of the folders that hold the file `inner` and of the files that match `single`."""
    folders = (file.parent.name for file in listed(folder, f"[a-z]*/{inner}"))
    return sorted([*folders, *names_in(folder, single)])


def declaration_of(room: Path, name: str) -> Path:
    """File in which a system, a family or a form of `room` declares itself."""
    folder = room / name
    return folder / "schema.yaml" if folder.is_dir() else folder.with_suffix(".yaml")


def _checked(file: Path, schema: dict[str, Any]) -> dict[str, Any]:
    """Read a declaration; raises InputError for its first fault."""
    if not file.exists():
        raise InputError(file, "file", DECLARATION, "no such file")
    content = read_yaml(file)
    errors = [*jsonschema.Draft202012Validator(schema).iter_errors(content)]
    # A misspelt key often causes the others.
    error = next((e for e in errors if e.validator == "additionalProperties"), None)
    error = error or jsonschema.exceptions.best_match(errors)
    if error is not None:
        raise _fault(file, error)
    return content


def _fault(file: Path, error: jsonschema.ValidationError) -> InputError:
    """Convert an error of the schema to one that names the key."""
    key = ".".join(map(str, error.absolute_path))
    if error.validator != "additionalProperties":
        return InputError(file, key or "file", DECLARATION, error.message)
    keys = list(error.schema["properties"])
    foreign = next(name for name in error.instance if name not in keys)
    expected, got = unknown(foreign, keys)
    return InputError(file, ".".join(filter(None, (key, str(foreign)))), expected, f"the unknown key {got}")
