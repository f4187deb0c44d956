"""The one style of all figures: Okabe-Ito colours, a marker for each source, deterministic SVG."""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from textwrap import fill
from types import MappingProxyType
from typing import NamedTuple, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from emulant.contracts.source import REFERENCE, Source
from emulant.plots.axes import tidied
from emulant.plots.minify import minified
from emulant.storage.atomic import atomic_path

__all__ = [
    "BAND",
    "COLOURS",
    "INK",
    "MARKERS",
    "PALETTE",
    "QUIET",
    "Look",
    "Looks",
    "label_of",
    "look_of",
    "looking",
    "noted",
    "panels",
    "save",
    "styled",
    "variant_words",
]

Drawn = ParamSpec("Drawn")
INK, QUIET, BAND = "#1c2430", "#5b6675", "#e6eaf0"
COLOURS = {
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "green": "#009E73",
    "pink": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "wine": "#882255",
    "violet": "#5D3A9B",
}
"""Okabe and Ito's, and two of Tol's that colour-blind people tell from them."""
PALETTE = tuple(COLOURS.values())[:6]
NARROW = 36
"""Letters in a line of a legend: two thirds of a panel."""
MARKERS = "osD^PXphd*"
"""A triangle that points down marks reweighted ensembles."""
Looks = Mapping[str, Sequence[str]]
"""Model -> name of its colour and its marker."""
LOOKS: ContextVar[Looks] = ContextVar("looks", default=MappingProxyType({}))
DENSE, PIXELS = 500, 160
"""More points than this of one kind are drawn as pixels, so many to an inch: as many shapes take longer to show."""
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
        models: all models of the experiment in order: those without a look of their own take free colours in turn.
    """
    looks, label = LOOKS.get(), label_of(source)
    if source == REFERENCE:
        return Look(INK, "o", label)
    if source.model in looks:
        colour, marker = looks[source.model]
        return Look(COLOURS[colour], marker, label)
    taken = {COLOURS[looks[model][0]] for model in models if model in looks}
    free = [colour for colour in PALETTE if colour not in taken] or PALETTE
    others = [model for model in models if model not in looks]
    number = others.index(source.model) if source.model in others else len(others)
    return Look(free[number % len(free)], MARKERS[number % len(MARKERS)], label)


@contextmanager
def looking(looks: Looks) -> Iterator[None]:
    """Give models these colours and markers, in every figure that is drawn inside."""
    token = LOOKS.set(looks)
    try:
        yield
    finally:
        LOOKS.reset(token)


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
    """The figure with each source's note in brackets after its name, in every legend, in lines shorter than a panel."""
    remarks = {label_of(source): note for source, note in notes.items()}
    for text in figure.findobj(Text):
        if text.get_text() in remarks:
            text.set_text(fill(f"{text.get_text()} ({remarks[text.get_text()]})", NARROW))
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a small SVG atomically, the same bytes for the same figure; dense points and maps are pictures inside it."""
    for points in figure.findobj(Line2D):
        if np.size(points.get_xdata()) > DENSE and points.get_linestyle() == "None":
            points.set_rasterized(True)
    for bars in figure.findobj(LineCollection):
        bars.set_rasterized(len(bars.get_segments()) > DENSE or None)
    for cells in figure.findobj(QuadMesh):
        cells.set_rasterized(True)
    for axes in figure.axes:
        tidied(axes)
    text = io.StringIO()
    with mpl.rc_context(SETTINGS):
        figure.savefig(text, format="svg", dpi=PIXELS, metadata={"Date": None, "Creator": "emulant"})
    with atomic_path(path) as temporary:
        temporary.write_text(minified(text.getvalue()), encoding="utf-8")
