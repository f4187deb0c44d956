"""`emulant show`: the verdict of an experiment in the terminal."""

import csv
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from emulant.command.listing import sentence_of
from emulant.configuration.pages import AND
from emulant.errors import InputError

__all__ = ["shown"]

READ = {"model", "variant", "verdict", "tests", "worst_observable", "worst_pull", "limit", "note"}
"""Columns that are shown."""
MARKS = {"pass": "✓", "fail": "✗"}


def shown(folder: Path, name: str, scale: str | None) -> str:
    """Format the verdict of an experiment, at a scale or at each that has one.

    Raises:
        InputError: where it was not run, or a table is damaged.
    """
    pattern = f"results/{scale or '*'}/{name}/verdict.csv"
    files = sorted(folder.glob(pattern))
    if not files:
        at = f" --scale {scale}" if scale else ""
        raise InputError(folder / pattern, "file", f"a verdict (emulant run {name}{at} makes it)", "none")
    about = sentence_of(folder / "config" / "experiments" / f"{name}.yaml")
    return "\n\n".join([f"{name}: {about}", *map(_at_scale, files)])


def _at_scale(file: Path) -> str:
    """One scale: a line for each source, and where the pages lie."""
    with file.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    if not rows or not rows[0].keys() >= READ:
        raise InputError(file, "file", "a table of verdicts (emulant run makes it again)", "a damaged one")
    # Paths that open from where the command was given.
    tables, *pages = (os.path.relpath(path) for path in (file.parent, *_pages(file.parent)))
    lines = [*map(_line, rows), f"tables: {tables}", *(f"report: {page}" for page in pages)]
    return "\n".join([f"at scale {file.parent.parent.name}", *lines])


def _pages(experiment: Path) -> Iterator[Path]:
    """Reports that show an experiment: of all of its scale, and of some."""
    scale = experiment.parent
    for page in (scale, *sorted(scale.glob("subsets/*"))):
        shows = page == scale or experiment.name in page.name.split(AND)
        if shows and (page / "report.html").exists():
            yield page / "report.html"


def _line(row: Mapping[str, str]) -> str:
    """A source: its verdict, the number of tests, the worst of them and its limit, remarks."""
    source = " ".join(filter(None, (row["model"], row["variant"])))
    mark = MARKS.get(row["verdict"], "○")
    worst = ""
    if row["worst_pull"]:
        worst = f"{row['tests']:>4} tests, worst {row['worst_observable']} {float(row['worst_pull']):+.1f}"
        worst += f" (limit {float(row['limit']):.1f})" if row["limit"] else ""
    remark = f"  {row['note']}" if row["note"] else ""
    return f"  {mark} {source:28} {row['verdict']:12}{worst}{remark}"
