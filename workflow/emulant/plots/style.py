"""The one style of all figures: Okabe-Ito colours, a marker for each source, deterministic SVG."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import NamedTuple, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from emulant.contracts.source import REFERENCE, Source
from emulant.storage.atomic import atomic_path

__all__ = [
    "BAND",
    "INK",
    "QUIET",
    "Look",
    "label_of",
    "look_of",
    "noted",
    "panels",
    "save",
    "styled",
    "variant_words",
]

Drawn = ParamSpec("Drawn")
INK, QUIET, BAND = "#1c2430", "#5b6675", "#e6eaf0"
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = "osD^vP"
ABBREVIATIONS = {"ve": "VE", "vp": "VP"}
VARIANTS = {"": "", "metropolis": " + Metropolis", "weighted": ", reweighted"}
NUMBERED = re.compile(r"(?<=[a-z])(?=\d)")
# Thin grey axes and a pale grid behind curves of normal width: the data come first.
SETTINGS = {
    "figure.dpi": 110,
    "figure.facecolor": "white",
    "font.size": 11,
    "mathtext.fontset": "dejavusans",
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.formatter.useoffset": False,
    "grid.color": "#d9dee5",
    "grid.linewidth": 0.6,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "svg.hashsalt": "emulant",
    "svg.fonttype": "path",
}


class Look(NamedTuple):
    """How a source is drawn everywhere."""

    colour: str
    marker: str
    label: str


def look_of(source: Source, models: Sequence[str]) -> Look:
    """Black for the reference, else the colour and marker of the model; its variants share them.

    Arguments:
        source: what is drawn.
        models: all models of the experiment in order, so that a model looks alike in all its figures.
    """
    if source == REFERENCE:
        return Look(INK, "o", label_of(source))
    number = models.index(source.model) if source.model in models else len(models)
    return Look(PALETTE[number % len(PALETTE)], MARKERS[number % len(MARKERS)], label_of(source))


def label_of(source: Source) -> str:
    """The model and the variant in words, as in `VE diffusion + Metropolis` or `flow, training 2`."""
    words = " ".join(ABBREVIATIONS.get(word, word) for word in source.model.split("_"))
    return words + VARIANTS.get(source.variant, f", {variant_words(source.variant)}")


def variant_words(variant: str) -> str:
    """The name of a variant in words: `training2` as training 2."""
    return NUMBERED.sub(" ", variant.replace("_", " "))


def styled(draw: Callable[Drawn, Figure]) -> Callable[Drawn, Figure]:
    """Decorate a function that draws, so that its figure has the one style."""

    @wraps(draw)
    def inside(*args: Drawn.args, **kwargs: Drawn.kwargs) -> Figure:
        with mpl.rc_context(SETTINGS):
            return draw(*args, **kwargs)

    return inside


def panels(
    rows: int = 1,
    columns: int = 1,
    *,
    width: float = 4.6,
    height: float = 3.2,
    ratios: Sequence[float] | None = None,
    sharex: bool | str = False,
    sharey: bool | str = False,
) -> tuple[Figure, np.ndarray]:
    """Make a figure of `rows` x `columns` panels of this size (inches), and its axes (rows, columns)."""
    ratios = list(ratios or [1.0] * rows)
    figure = Figure(figsize=(width * columns, height * sum(ratios)), layout="constrained")
    axes: np.ndarray[tuple[int, int], np.dtype[Axes]] = figure.subplots(
        rows, columns, squeeze=False, height_ratios=ratios, sharex=sharex, sharey=sharey
    )
    return figure, axes


def noted(figure: Figure, notes: Mapping[Source, str]) -> Figure:
    """The figure with each source's note in brackets after its name, in every legend."""
    remarks = {label_of(source): note for source, note in notes.items()}
    for text in figure.findobj(Text):
        if text.get_text() in remarks:
            text.set_text(f"{text.get_text()} ({remarks[text.get_text()]})")
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write an SVG atomically, the same bytes for the same figure."""
    with mpl.rc_context(SETTINGS), atomic_path(path) as temporary:
        figure.savefig(temporary, format="svg", dpi=110, metadata={"Date": None, "Creator": "emulant"})
