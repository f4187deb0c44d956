"""What jobs opened, beside what their rules declare; the jobs note it by tests/workflow/inject/opened_files.py."""

import json
from pathlib import Path, PurePath

from emulant.storage.listing import listed

__all__ = ["audited", "undeclared"]

DATA = ("results", "config", "resources", "workflow/report")
"""Folders of which every file, and every listing, is data."""
OWN = ("checkpoints", "logs", "timings")
"""Folders of what a job keeps between its own tries."""
CODE = (".py", ".pyc", ".nbi", ".nbc", ".yaml", ".pth")
"""Elsewhere: scripts and modules, whose digest Snakemake compares, and what Python keeps of them."""


def audited(folder: Path) -> list[dict]:
    """Of every process of a job, rule, inputs, outputs, and the names of what it opened to read."""
    return [_process(file) for file in listed(folder, "*")]


def undeclared(folder: Path) -> dict[str, set[str]]:
    """Rule -> what its jobs read below the checkout, and what it does not declare."""
    reads: dict[str, set[str]] = {}
    for process in audited(folder):
        # An atomic write looks beside its output for what dead processes left.
        beside = {str(PurePath(output).parent / "*") for output in process["outputs"]}
        declared = {*process["inputs"], *process["outputs"], *beside}
        for name in process["reads"]:
            if not _allowed(PurePath(name), declared):
                reads.setdefault(process["rule"], set()).add(name)
    return reads


def _process(file: Path) -> dict:
    first, *others = map(json.loads, file.read_text().splitlines())
    return {**first, "reads": [line["read"] for line in others]}


def _allowed(file: PurePath, declared: set[str]) -> bool:
    """Whether a job may open a file: declared, drawn beside a declared index, hidden, its own, or code."""
    if str(file) in declared or (file.suffix == ".svg" and str(file.with_name("index.json")) in declared):
        return True
    if any(part.startswith(".") for part in file.parts) or _below(file, OWN):
        return True
    return not _below(file, DATA) and (file.name == "*" or file.suffix in CODE)


def _below(file: PurePath, folders: tuple[str, ...]) -> bool:
    return any(file.is_relative_to(folder) for folder in folders)
