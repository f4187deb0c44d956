"""`emulant new`: files to begin with, which run, and pass the tests that they bring."""

import keyword
import re
from pathlib import Path

from emulant.configuration.names import RESERVED, check_name
from emulant.errors import InputError
from emulant.storage.listing import listed

__all__ = ["TEMPLATES", "scaffold"]

FOLDER = Path(__file__).parent / "templates"
SUFFIX, PLACEHOLDER = ".template", "NAME"
TEMPLATES = {
    "system": "Run it: emulant run {name}. Tests: pytest tests/systems -k {name}. What a system may have: docs/extend.md.",
    "family": "Run it: emulant run {name}. Tests: pytest tests/families -k {name}. What a family may have: docs/extend.md.",
    "observable": "Every real scalar field has it from now on. Its test: pytest tests/observables -k {name}.",
    "experiment": "Run it: emulant run {name}. Every key: docs/config.md.",
}
"""Kind of a scaffold -> what its author does next."""
MODULE = re.compile(r"[a-z][a-z0-9_]*")


def scaffold(folder: Path, kind: str, name: str) -> list[Path]:
    """Write the files of a scaffold into a checkout; returns them.

    Arguments:
        folder: the checkout.
        kind: a key of `TEMPLATES`.
        name: of what is new; of a system, a family and an observable also that of a module.

    Raises:
        InputError: where it cannot have this name, or a file of it exists.
    """
    if kind != "experiment" and (not MODULE.fullmatch(name) or keyword.iskeyword(name)):
        raise InputError(
            "emulant", f"new {kind}", "a name of small letters, digits and _, as of a module", name
        )
    check_name(name, Path("emulant"), f"new {kind}", reserved=RESERVED["experiment"])
    files = {folder / _named(file, kind, name): file for file in listed(FOLDER / kind, f"**/*{SUFFIX}")}
    for target in files:
        if target.exists():
            raise InputError(target, "file", "a name that nothing has yet", "a file that is there")
    for target, template in files.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(template.read_text(encoding="utf-8").replace(PLACEHOLDER, name), encoding="utf-8")
    return [*files]


def _named(template: Path, kind: str, name: str) -> str:
    """Where the file of a template goes, below the checkout."""
    path = template.relative_to(FOLDER / kind).as_posix()
    return path.removesuffix(SUFFIX).replace(PLACEHOLDER, name)
