"""`emulant clean`: remove what was computed, of an experiment, of a scale, or all."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from emulant.configuration.pages import AND
from emulant.errors import InputError

__all__ = ["clean"]

ROOMS = ("results", "logs", "timings", "checkpoints")
"""Where a run writes: below each a folder for each scale, below that one for each experiment."""
MANY = "_others_"
"""In the name of a page of too many experiments to name them all."""


def clean(folder: Path, names: Sequence[str], scale: str | None, everything: bool) -> list[Path]:
    """Remove folders of runs, of named experiments also the pages that show them; returns them.

    A page that stayed would tell the next run that nothing is to be done.

    Arguments:
        folder: the checkout.
        names: of experiments; all of the scale without.
        scale: whose results go; of named experiments those of every scale without.
        everything: all of all scales, where neither is named.

    Raises:
        InputError: where nothing says what is to go.
    """
    if not (names or scale or everything):
        raise InputError("emulant", "clean", "names of experiments, --scale, or --all", "none of them")
    pages = list(_pages(folder, names, scale))
    removed = [part for part in (*_folders(folder, names, scale), *pages) if part.exists()]
    for part in removed:
        shutil.rmtree(part) if part.is_dir() else part.unlink()
    return removed


def _folders(folder: Path, names: Sequence[str], scale: str | None) -> Iterator[Path]:
    for room in ROOMS:
        if not (names or scale):
            yield folder / room
            continue
        for at_scale in [folder / room / scale] if scale else sorted((folder / room).glob("*")):
            yield from [at_scale / name for name in names] if names else [at_scale]


def _pages(folder: Path, names: Sequence[str], scale: str | None) -> Iterator[Path]:
    """Pages of named experiments: of all experiments of a scale that has them, and of some."""
    for at_scale in sorted((folder / "results").glob(scale or "*")):
        if any((at_scale / name).is_dir() for name in names):
            yield at_scale / "report.html"
            for page in sorted((at_scale / "subsets").glob("*")):
                if {*names} & {*page.name.split(AND)} or MANY in page.name:
                    yield page
