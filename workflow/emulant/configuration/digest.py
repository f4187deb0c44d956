"""Digest of the library code that a rule uses: Snakemake reruns a job when it changes.

Imports are read from the sources, nothing is executed. Modules imported by a name from the settings (the experiment's
system, the model's family, the folder of observables) cannot be read there: the rules name them beside their script.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from emulant.storage.listing import listed

__all__ = ["source_digest", "sources_of"]

PACKAGE = Path(__file__).parent.parent
ROOT = PACKAGE.parent
SCRIPTS = ROOT / "scripts"

COMMENT, CONTINUED, NAME = re.compile(r"#.*"), re.compile(r"\\\n"), re.compile(r"[\w.]+")
FROM = re.compile(r"\bfrom\s+(emulant[\w.]*)\s+import\s*(\([^)]*\)|[^\n;]*)")
IMPORT = re.compile(r"(?:^|[;:])[ \t]*import[ \t]+([^\n;]*\bemulant\b[^\n;]*)", re.MULTILINE)


@cache
def source_digest(*entries: str) -> str:
    """Compute the SHA-256 of all emulant modules that `entries` use; see `sources_of`."""
    return hashlib.sha256(b"".join(sorted(map(_named_content, sources_of(*entries))))).hexdigest()[:16]


@cache
def sources_of(*entries: str) -> frozenset[Path]:
    """List the files of emulant that `entries` import, directly or not.

    Arguments:
        entries: scripts ("train.py": its imports without the script itself, which Snakemake compares), modules
            ("emulant.statistics.pulls"), all files of a package ("emulant.lattice.observables.*"), or the path of a
            declaration in YAML.

    Raises:
        ValueError: for an entry without any source.
    """
    return frozenset().union(*(_reached(file) for entry in entries for file in _entry(entry)))


@cache
def _reached(file: Path) -> frozenset[Path]:
    """List a file and what it imports, directly or not."""
    files, waiting = set(), [file]
    while waiting:
        file = waiting.pop()
        if file not in files:
            files.add(file)
            waiting.extend(_imports(file))
    return frozenset(files)


def _entry(entry: str) -> tuple[Path, ...]:
    if entry.endswith(".py"):
        files = _imports(SCRIPTS / entry)
    elif entry.endswith(".yaml"):
        files = (Path(entry),)
    elif entry.endswith(".*"):
        files = tuple(listed(ROOT.joinpath(*entry[:-2].split(".")), "*.py"))
    else:
        files = _module(entry)
    if not files:
        raise ValueError(f"{entry} names no source of emulant")
    return files


@cache
def _named_content(file: Path) -> bytes:
    return file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0"


@cache
def _imports(file: Path) -> tuple[Path, ...]:
    """List the files executed by importing `file`: the modules that it names and the packages above them."""
    if file.suffix == ".yaml":
        return ()
    return tuple(path for name in _names(file.read_text(encoding="utf-8")) for path in _module(name))


def _names(source: str) -> Iterator[str]:
    """Modules that a source may import, by its lines; text that reads like an import counts, a parser is 20 times slower."""
    plain = CONTINUED.sub(" ", COMMENT.sub("", source))
    for module, imported in FROM.findall(plain):
        yield module
        yield from (f"{module}.{name}" for name in NAME.findall(imported))
    for line in IMPORT.findall(plain):
        yield from (name for name in NAME.findall(line) if name.startswith(PACKAGE.name))


@cache
def _module(name: str) -> tuple[Path, ...]:
    """Return the file of a module of emulant and the `__init__.py` of the packages above; nothing for other names."""
    parts = name.split(".")
    if parts[0] != PACKAGE.name:
        return ()
    path = ROOT.joinpath(*parts)
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not source.is_file():
        return ()
    above = (ROOT.joinpath(*parts[:depth]) / "__init__.py" for depth in range(1, len(parts)))
    return (source, *(file for file in above if file.is_file()))
