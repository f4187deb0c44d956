"""All pulls of an experiment in one picture."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.plots.style import BAND, INK, QUIET, look_of, panels, styled
from emulant.plots.symbols import symbol_text

__all__ = ["pulls"]

TOGETHER = 6
"""A set with more indices than this shares one line."""
LONGEST = 60
"""Lines of one column."""
HEADINGS = {"reference": "", "exact": "  (exact)"}


@styled
def pulls(table: pd.DataFrame, limit: float, *, against: Sequence[str] = tuple(HEADINGS)) -> Figure:
    """Pulls of all observables and sources; the band is the limit for all tests of a source together.

    Points beyond the frame are drawn as arrows at its edge. Open symbols are corrected ensembles.

    Arguments:
        table: a comparison table of one experiment.
        limit: half-width of the band.
        against: what to compare with, one block of lines each where there is such a comparison.
    """
    own = table[(table["source"] != "training") & table["against"].isin(against) & table["pull"].notna()]
    lines = _lines(own, against)
    sources = list(dict.fromkeys(own["source"]))
    edge = max(2.2 * limit, 6.0)
    columns = _columns(lines)
    height = 0.31 * max(map(len, columns)) + 1.7
    made, axes = panels(1, len(columns), width=9.4 if len(columns) == 1 else 6.2, height=height)
    for axis, shown in zip(axes[0], columns, strict=True):
        axis.axvspan(-limit, limit, color=BAND, zorder=0, label=f"limit ±{limit:.1f}")
        axis.axvline(0, color=INK, lw=0.8)
        for source in sources:
            _points(axis, own[own["source"] == source], shown, source, sources, edge)
        blocks = [key[0] for key in shown]
        for number in range(1, len(blocks)):
            if blocks[number] != blocks[number - 1]:
                axis.axhline(number - 0.5, color=QUIET, lw=0.8)
        axis.set(xlim=(-edge, edge), xlabel="pull  [combined standard errors]")
        axis.set_yticks(range(len(shown)), list(shown.values()))
        axis.set_ylim(len(shown) - 0.4, -0.6)
    found = (zip(*axis.get_legend_handles_labels(), strict=True) for axis in axes[0])
    handles = {label: handle for pairs in found for handle, label in pairs}
    made.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, fontsize=9)
    return made


def _columns(lines: dict) -> list[dict]:
    """The lines side by side, in columns of the same length."""
    keys = list(lines)
    places = np.array_split(np.arange(len(keys)), max(1, math.ceil(len(keys) / LONGEST)))
    return [{keys[place]: lines[keys[place]] for place in column} for column in places]


def _lines(table: pd.DataFrame, against: Sequence[str]) -> dict[tuple[str, str, int | None], str]:
    """(against, observable, index or None for a whole set) -> label, in the order of the lines."""
    keys = []
    for target in against:
        indices = table[table["against"] == target].groupby("observable", sort=False)["index"].unique()
        block = []
        for name, values in indices.items():
            places = [None] if len(values) > TOGETHER else sorted(map(int, values))
            block += [(target, name, place) for place in places]
        keys += sorted(block, key=lambda key: key[2] is None)
    return {
        (t, name, index): symbol_text(name, index) + HEADINGS.get(t, f"  ({t})") for t, name, index in keys
    }


def _points(
    axis: Axes, own: pd.DataFrame, lines: dict, source: str, sources: Sequence[str], edge: float
) -> None:
    look, order = look_of(source, sources), list(lines)
    known = zip(own["against"], own["observable"], own["index"], strict=True)
    found = [_key(lines, *key) for key in known]
    own, keys = own[[key in lines for key in found]], [key for key in found if key in lines]
    places = np.array([order.index(key) for key in keys])
    places = places + 0.6 * ((sources.index(source) + 0.5) / len(sources) - 0.5)
    small = np.array([key[2] is None for key in keys], dtype=bool)
    values = own["pull"].to_numpy()
    inside = np.abs(values) <= edge
    drawn = {"color": look.colour, "ls": ""}
    if source.endswith(("_metropolis", "_weighted")):
        drawn["mfc"] = "white"
    marker = "v" if source.endswith("_weighted") else look.marker
    axis.plot(
        values[inside & ~small], places[inside & ~small], marker=marker, ms=5.5, label=look.label, **drawn
    )
    axis.plot(values[inside & small], places[inside & small], marker=marker, ms=2.8, **drawn)
    for sign, arrow in ((1, ">"), (-1, "<")):
        beyond = ~inside & (np.sign(values) == sign)
        axis.plot(np.full(beyond.sum(), sign * 0.985 * edge), places[beyond], marker=arrow, ms=7, **drawn)


def _key(lines: dict, target: str, name: str, index: int) -> tuple[str, str, int | None]:
    whole = (target, name, None)
    return whole if whole in lines else (target, name, int(index))
