"""`emulant list`: what there is, a line each."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from emulant.configuration.listing import experiment_names
from emulant.contracts.declaration import declared_system, system_kinds
from emulant.storage.yaml_files import names_in, read_yaml

__all__ = ["KINDS", "listing", "sentence_of"]

KINDS = ("experiments", "models", "systems", "scales")
NARROW = 60
"""Columns that a sentence has at least, however narrow the terminal."""


def listing(folder: Path, kind: str, scale: str | None = None) -> str:
    """Format names of a checkout with a sentence each.

    Arguments:
        folder: the checkout.
        kind: one of `KINDS`.
        scale: whose experiments are listed; all of them without.
    """
    entries = dict(_entries(folder / "config", kind, scale))
    width = max(map(len, entries), default=0) + 2
    room = max(shutil.get_terminal_size((150, 24)).columns - width, NARROW)
    return "\n".join(f"{name:{width}}{_clipped(text, room)}" for name, text in entries.items())


def sentence_of(file: Path) -> str:
    """What a YAML file is for: its `about`, or the comment that it begins with."""
    about = read_yaml(file).get("about")
    if isinstance(about, str):
        return " ".join(about.split())
    comment = re.match(r"(?:#.*\n)*", file.read_text(encoding="utf-8"))[0]
    return " ".join(line.lstrip("# ") for line in comment.splitlines())


def _entries(config: Path, kind: str, scale: str | None) -> Iterator[tuple[str, str]]:
    """Names and sentences."""
    if kind == "systems":
        yield from ((name, declared_system(name)["title"]) for name in system_kinds())
        return
    names = experiment_names(config, "all", scale) if scale else names_in(config / kind)
    yield from ((name, sentence_of(config / kind / f"{name}.yaml")) for name in names)


def _clipped(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 2].rsplit(" ", 1)[0].rstrip(",;:") + " …"
