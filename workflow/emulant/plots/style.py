"""The one style of all figures: Okabe-Ito colours, a marker for each source, deterministic SVG."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import NamedTuple, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from emulant.storage.atomic import atomic_path

__all__ = ["BAND", "INK", "QUIET", "Look", "label_of", "look_of", "noted", "panels", "save", "styled"]

Drawn = ParamSpec("Drawn")
INK, QUIET, BAND = "#1c2430", "#5b6675", "#e6eaf0"
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = "osD^vP"
FIRST = ("ve_diffusion", "vp_diffusion", "flow_matching", "ve_baseline")
ABBREVIATIONS = {"ve": "VE", "vp": "VP"}
SUFFIXES = {"_metropolis": " + Metropolis", "_weighted": ", reweighted", "_unprojected": ", unprojected"}
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


def look_of(source: str, sources: Sequence[str]) -> Look:
    """Black for the reference, else the colour and marker of the model; corrected ensembles share them.

    The models of this project keep their colour in every figure; others take what is left in the order of
    `sources`.
    """
    model = _model(source)
    if model == "reference":
        return Look(INK, "o", label_of(source))
    models = dict.fromkeys(name for name in map(_model, sources) if name not in ("reference", "training"))
    taken = [name for name in FIRST if name in models]
    order = [*FIRST[: len(FIRST) if taken else 0], *(name for name in models if name not in FIRST)]
    place = order.index(model) if model in order else len(order)
    return Look(PALETTE[place % len(PALETTE)], MARKERS[place % len(MARKERS)], label_of(source))


def label_of(source: str) -> str:
    """`ve_diffusion_metropolis` as people say it: VE diffusion + Metropolis."""
    model = _model(source)
    words = [ABBREVIATIONS.get(word, word) for word in model.split("_")]
    return " ".join(words) + SUFFIXES.get(source.removeprefix(model), "")


def styled(draw: Callable[Drawn, Figure]) -> Callable[Drawn, Figure]:
    """Decorate a function that draws, so that all it makes has the one style."""

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
    """A figure of `rows` x `columns` panels of this size (inches), and its axes (rows, columns)."""
    ratios = list(ratios or [1.0] * rows)
    made = Figure(figsize=(width * columns, height * sum(ratios)), layout="constrained")
    axes: np.ndarray[tuple[int, int], np.dtype[Axes]] = made.subplots(
        rows, columns, squeeze=False, height_ratios=ratios, sharex=sharex, sharey=sharey
    )
    return made, axes


def noted(made: Figure, notes: Mapping[str, str]) -> Figure:
    """The figure with each source's note in brackets after its name, in every legend."""
    remarks = {label_of(source): note for source, note in notes.items()}
    for text in made.findobj(Text):
        if text.get_text() in remarks:
            text.set_text(f"{text.get_text()} ({remarks[text.get_text()]})")
    return made


def save(made: Figure, path: Path) -> None:
    """Write an SVG atomically, the same bytes for the same figure."""
    with mpl.rc_context(SETTINGS), atomic_path(path) as temporary:
        made.savefig(temporary, format="svg", dpi=110, metadata={"Date": None, "Creator": "emulant"})


def _model(source: str) -> str:
    for suffix in SUFFIXES:
        source = source.removesuffix(suffix)
    return source
