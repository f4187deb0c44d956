"""Which library code a rule really uses, as one digest: Snakemake reruns a job when it changes.

Imports are read from the sources, nothing is executed. What is imported by name at run time (the experiment's
system, the model's family, the folder of observables) cannot be read there: the rules name it beside their script.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

from emulant.storage.listing import listed

__all__ = ["source_digest", "sources_of"]

PACKAGE = Path(__file__).parent.parent
ROOT = PACKAGE.parent
SCRIPTS = ROOT / "scripts"


def source_digest(*entries: str) -> str:
    """SHA-256 of the texts of all emulant modules that `entries` use; see `sources_of`."""
    digest = hashlib.sha256()
    for file in sorted(sources_of(*entries)):
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def sources_of(*entries: str) -> frozenset[Path]:
    """Files of emulant that `entries` import, directly or not.

    Arguments:
        entries: scripts ("train.py": what it imports, itself not, for Snakemake sees to that), modules
            ("emulant.lattice.system"), or all files of a package ("emulant.lattice.observables.*").

    Raises:
        ValueError: for an entry that names nothing.
    """
    found: set[Path] = set()
    waiting = [file for entry in entries for file in _entry(entry)]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting.extend(_imports(file))
    return frozenset(found)


def _entry(entry: str) -> tuple[Path, ...]:
    if entry.endswith(".py"):
        files = _imports(SCRIPTS / entry)
    elif entry.endswith(".*"):
        files = tuple(listed(ROOT.joinpath(*entry[:-2].split(".")), "*.py"))
    else:
        files = _module(entry)
    if not files:
        raise ValueError(f"{entry} names no source of emulant")
    return files


@cache
def _imports(file: Path) -> tuple[Path, ...]:
    """Files that importing `file` executes next: the modules that it names and the packages above them."""
    names: list[str] = []
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(path for name in names for path in _module(name))


@cache
def _module(name: str) -> tuple[Path, ...]:
    """The file of a module of emulant and the `__init__.py` of the packages above it; nothing for other names."""
    parts = name.split(".")
    if parts[0] != PACKAGE.name:
        return ()
    path = ROOT.joinpath(*parts)
    own = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not own.is_file():
        return ()
    above = (ROOT.joinpath(*parts[:depth]) / "__init__.py" for depth in range(1, len(parts)))
    return (own, *(file for file in above if file.is_file()))
