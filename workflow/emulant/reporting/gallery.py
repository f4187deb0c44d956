"""The figures of an experiment: each is drawn where the files it needs are there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from emulant.contracts.figure import Figure
from emulant.forms import part_of_form
from emulant.plots.style import noted, save
from emulant.reporting.figures import first_figures, last_figures
from emulant.reporting.results import Results
from emulant.storage.records import write_json
from emulant.systems import part_of

__all__ = ["gallery", "write_gallery"]


def gallery(results: Results) -> Iterator[tuple[Figure, str, Any]]:
    """Draw the figures of the form, of the system and of every experiment: what it is, file name, drawing."""
    of_form, of_system = (
        part_of_form(results.kind, "figures", "figures", {}),
        part_of(results.kind, "figures"),
    )
    for figure in (of_form | first_figures | of_system | last_figures).values():
        for name, drawing in figure.draw(results):
            yield figure, name, noted(drawing, results.notes)


def write_gallery(results: Results, index: Path) -> None:
    """Save every figure beside `index`, which the report reads.

    The index lists, in the order to show them, `file` (beside the index), `title`, `caption` and `half` (whether half
    of the page's width is enough). An entry more is a figure more in the report.
    """
    entries = []
    for figure, name, drawing in gallery(results):
        save(drawing, index.parent / f"{name}.svg")
        words = {"title": figure.title, "caption": figure.caption, "half": figure.half}
        entries.append(words | {"file": f"{name}.svg"})
    write_json(index, {"figures": entries})
