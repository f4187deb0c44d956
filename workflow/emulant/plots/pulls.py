"""All pulls of an experiment in one picture."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.contracts.observable import Observable
from emulant.contracts.source import TRAINING, Source, by_source
from emulant.plots.style import BAND, INK, QUIET, Look, look_of, panels, styled
from emulant.plots.symbols import symbol_text

__all__ = ["pulls"]

TOGETHER = 6
"""A set with more indices than this shares one line: momenta and bins do, a handful of cumulants does not."""
LONGEST = 60
"""Lines of one column: with more the figure is taller than a screen shows legibly."""
HEADINGS = {"reference": "", "exact": "  (exact)"}


@styled
def pulls(
    table: pd.DataFrame,
    limit: float,
    models: Sequence[str],
    observables: Mapping[str, Observable],
    *,
    against: Sequence[str] = tuple(HEADINGS),
) -> Figure:
    """Pulls of all observables and sources; the band is the limit for all tests of a source together.

    Points beyond the frame are drawn as arrows at its edge. Open symbols are corrected ensembles.

    Arguments:
        table: a comparison table of one experiment.
        limit: half-width of the band.
        models: all models of the experiment.
        observables: of the system, for their symbols.
        against: what to compare with, one block of lines each where there is such a comparison.
    """
    shown = table["against"].isin(against) & table["pull"].notna() & (table["model"] != TRAINING.model)
    lines = _lines(table[shown], against, observables)
    sources = dict(by_source(table[shown]))
    edge = max(2.2 * limit, 6.0)
    columns = _columns(lines)
    height = 0.31 * max(map(len, columns)) + 1.7
    figure, axes = panels(1, len(columns), width=9.4 if len(columns) == 1 else 6.2, height=height)
    for axis, column in zip(axes[0], columns, strict=True):
        axis.axvspan(-limit, limit, color=BAND, zorder=0, label=f"limit ±{limit:.1f}")
        axis.axvline(0, color=INK, lw=0.8)
        for number, (source, rows) in enumerate(sources.items()):
            shift = 0.6 * ((number + 0.5) / len(sources) - 0.5)
            _points(axis, rows, column, source, look_of(source, models), shift, edge)
        blocks = [key[0] for key in column]
        for number in range(1, len(blocks)):
            if blocks[number] != blocks[number - 1]:
                axis.axhline(number - 0.5, color=QUIET, lw=0.8)
        axis.set(xlim=(-edge, edge), xlabel="pull  [combined standard errors]")
        axis.set_yticks(range(len(column)), list(column.values()))
        axis.set_ylim(len(column) - 0.4, -0.6)
    entries = (zip(*axis.get_legend_handles_labels(), strict=True) for axis in axes[0])
    handles = {label: handle for pairs in entries for handle, label in pairs}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, fontsize=9)
    return figure


def _columns(lines: dict) -> list[dict]:
    """The lines side by side, in columns of the same length."""
    keys = list(lines)
    columns = np.array_split(np.arange(len(keys)), max(1, math.ceil(len(keys) / LONGEST)))
    return [{keys[number]: lines[keys[number]] for number in column} for column in columns]


def _lines(
    table: pd.DataFrame, against: Sequence[str], observables: Mapping[str, Observable]
) -> dict[tuple[str, str, int | None], str]:
    """(against, observable, index or None for a whole set) -> label, in the order of the lines."""
    keys = []
    for target in against:
        indices = table[table["against"] == target].groupby("observable", sort=False)["index"].unique()
        block = []
        for name, values in indices.items():
            numbers = [None] if len(values) > TOGETHER else sorted(map(int, values))
            block += [(target, name, number) for number in numbers]
        keys += sorted(block, key=lambda key: key[2] is None)
    return {
        (t, name, index): symbol_text(name, index, observables) + HEADINGS.get(t, f"  ({t})")
        for t, name, index in keys
    }


def _points(
    axis: Axes, rows: pd.DataFrame, lines: dict, source: Source, look: Look, shift: float, edge: float
) -> None:
    """Draw the rows that have a line here: large where a line is theirs alone, as arrows beyond the edge."""
    every = [
        _key(lines, *key) for key in zip(rows["against"], rows["observable"], rows["index"], strict=True)
    ]
    rows, keys = rows[[key in lines for key in every]], [key for key in every if key in lines]
    order = {key: number for number, key in enumerate(lines)}
    places = np.array([order[key] for key in keys]) + shift
    small = np.array([key[2] is None for key in keys], dtype=bool)
    values = rows["pull"].to_numpy()
    inside = np.abs(values) <= edge
    drawn = {"color": look.colour, "ls": ""} | ({"mfc": "white"} if source.corrected else {})
    marker = "v" if source.variant == "weighted" else look.marker
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
