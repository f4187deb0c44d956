"""The one style of all figures: Okabe-Ito colours, deterministic SVG."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from emulant.storage.atomic import atomic_path

__all__ = ["REFERENCE_COLOUR", "colour_of", "figure", "save"]

REFERENCE_COLOUR = "#000000"
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SETTINGS = {
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "svg.hashsalt": "emulant",
    "svg.fonttype": "path",
}


def colour_of(source: str, sources: list[str]) -> str:
    """Black for the reference, else the palette in the order of `sources`."""
    if source == "reference":
        return REFERENCE_COLOUR
    models = [name for name in sources if name != "reference"]
    return PALETTE[models.index(source) % len(PALETTE)]


def figure(
    columns: int = 1, rows: int = 1, *, width: float = 5.2, height: float = 3.6
) -> tuple[Figure, list]:
    """A figure and the flat list of its axes."""
    with mpl.rc_context(SETTINGS):
        made = Figure(figsize=(width * columns, height * rows), layout="constrained")
        axes = made.subplots(rows, columns, squeeze=False)
        return made, list(axes.flat)


def save(made: Figure, path: Path) -> None:
    """Write an SVG without dates, atomically."""
    with mpl.rc_context(SETTINGS), atomic_path(path) as temporary:
        made.savefig(temporary, format="svg", dpi=110, metadata={"Date": None, "Creator": "emulant"})
