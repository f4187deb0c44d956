"""`emulant clean`: remove what was computed, of an experiment, of a scale, or all."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from emulant.errors import InputError

__all__ = ["clean"]

ROOMS = ("results", "logs", "timings", "checkpoints")
"""Where a run writes: below each a folder for each scale, below that one for each experiment."""


def clean(folder: Path, names: Sequence[str], scale: str | None, everything: bool) -> list[Path]:
    """Remove folders of runs; returns them.

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
    removed = [part for part in _folders(folder, names, scale) if part.is_dir()]
    for part in removed:
        shutil.rmtree(part)
    return removed


def _folders(folder: Path, names: Sequence[str], scale: str | None) -> Iterator[Path]:
    for room in ROOMS:
        if not (names or scale):
            yield folder / room
            continue
        for at_scale in [folder / room / scale] if scale else sorted((folder / room).glob("*")):
            yield from [at_scale / name for name in names] if names else [at_scale]
