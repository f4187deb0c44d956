"""Which library code a rule really uses, as one digest: Snakemake reruns a job when it changes."""

import ast
import hashlib
from functools import cache
from pathlib import Path

__all__ = ["source_digest", "sources_of"]

PACKAGE = Path(__file__).parent.parent
ROOT = PACKAGE.parent


def source_digest(*entries: str) -> str:
    """SHA-256 of the texts of all emulant modules that `entries` (module names) import, directly or not."""
    digest = hashlib.sha256()
    for file in sorted(sources_of(*entries)):
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def sources_of(*entries: str) -> set[Path]:
    """Files of `entries` and of every emulant module they import; a package stands for all of its files."""
    found: set[Path] = set()
    waiting = [file for entry in entries for file in _files(entry)]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting.extend(child for name in _imports(file) for child in _files(name, whole=False))
    return found


@cache
def _files(name: str, whole: bool = True) -> tuple[Path, ...]:
    path = ROOT / Path(*name.split("."))
    if path.with_suffix(".py").is_file():
        return (path.with_suffix(".py"),)
    if path.is_dir():
        return tuple(path.rglob("*.py")) if whole else (path / "__init__.py",)
    return ()


@cache
def _imports(file: Path) -> tuple[str, ...]:
    names = []
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(name for name in names if name == PACKAGE.name or name.startswith(f"{PACKAGE.name}."))
