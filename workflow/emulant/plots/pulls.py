"""All pulls of an experiment in one picture."""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.contracts.observable import Observable
from emulant.contracts.source import TRAINING, Source, by_source
from emulant.plots.style import BAND, INK, QUIET, Look, look_of, panels, styled
from emulant.plots.symbols import set_text, symbol_text

__all__ = ["pulls"]

TOGETHER = 6
"""A set with more indices than this shares one line: momenta and bins do, a handful of cumulants does not."""
LONGEST = 60
"""Lines of one column: with more the figure is taller than a screen shows legibly."""
HEADINGS = {"reference": "", "exact": "  (exact)", "blind": ""}
PLAIN = {"together": False, "tested": True}
"""Of rows that do not say it: a number of its own, and a test."""
SET = ["model", "variant", "against", "observable"]
TALL = 24
"""Lines of a column whose scale is also written above it."""
Line = tuple[str, str, int | str | None]
"""Against, observable, and an index, ALL for a small set judged together, None for a large one."""
ALL = "all"


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

    Points beyond the frame are drawn as arrows at its edge. Open symbols are corrected ensembles, small ones members of
    a set that is judged together.

    Arguments:
        table: rows of a comparison table of one experiment, with `together` those of sets, and `tested` unless only shown.
        limit: half-width of the band.
        models: all models of the experiment.
        observables: of the system, for their symbols.
        against: what to compare with, one block of lines each where there is such a comparison.
    """
    table = table.assign(**{name: value for name, value in PLAIN.items() if name not in table})
    shown = table["against"].isin(against) & table["pull"].notna() & (table["model"] != TRAINING.model)
    rows = _with_members(table[shown])
    lines, sources = _lines(rows, against, observables), dict(by_source(rows))
    edge = max(2.2 * limit, 6.0)
    columns = _columns(lines)
    height = 0.31 * max(map(len, columns)) + 1.7
    figure, axes = panels(1, len(columns), width=9.4 if len(columns) == 1 else 6.2, height=height)
    for axis, column in zip(axes[0], columns, strict=True):
        axis.axvspan(-limit, limit, color=BAND, zorder=0, label=f"limit ±{limit:.1f}")
        axis.axvline(0, color=INK, lw=0.8)
        for number, (source, part) in enumerate(sources.items()):
            shift = 0.6 * ((number + 0.5) / len(sources) - 0.5)
            _points(axis, part, list(column), source, look_of(source, models), shift, edge)
        blocks = [key[0] for key in column]
        for number in range(1, len(blocks)):
            if blocks[number] != blocks[number - 1]:
                axis.axhline(number - 0.5, color=QUIET, lw=0.8)
        axis.set(xlim=(-edge, edge), xlabel="pull  [combined standard errors]")
        axis.set_yticks(range(len(column)), list(column.values()))
        axis.set_ylim(len(column) - 0.4, -0.6)
        tall = len(column) > TALL
        axis.tick_params(axis="x", top=tall, labeltop=tall)
    entries = (zip(*axis.get_legend_handles_labels(), strict=True) for axis in axes[0])
    handles = {label: handle for pairs in entries for handle, label in pairs}
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, fontsize=9)
    return figure


def _with_members(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with `member`: whether a row is no test of its own, as it is one of a set, or is only shown."""
    together = rows["together"].astype(bool)
    of_set = together.groupby([rows[key] for key in SET]).transform("any")
    untested = ~rows["tested"].astype(bool)
    return rows.assign(together=together, member=(of_set & ~together) | untested)


def _columns(lines: dict) -> list[dict]:
    """The lines side by side, in columns of the same length."""
    keys = list(lines)
    columns = np.array_split(np.arange(len(keys)), max(1, math.ceil(len(keys) / LONGEST)))
    return [{keys[number]: lines[keys[number]] for number in column} for column in columns]


def _lines(
    table: pd.DataFrame, against: Sequence[str], observables: Mapping[str, Observable]
) -> dict[Line, str]:
    """Label of each line, in the order of the lines: small sets and single numbers first, then large sets."""
    lines: dict[Line, str] = {}
    for target in against:
        large: dict[Line, str] = {}
        for name, family in table[table["against"] == target].groupby("observable", sort=False):
            members = sorted(map(int, family.loc[~family["together"], "index"].unique()))
            joint = f"{set_text(name, members, observables)} together" if family["together"].any() else ""
            heading = HEADINGS.get(target, f"  ({target})")
            if len(members) > TOGETHER:
                large[target, name, None] = (joint or symbol_text(name, None, observables)) + heading
                continue
            lines |= {(target, name, n): symbol_text(name, n, observables) + heading for n in members}
            lines |= {(target, name, ALL): joint + heading} if joint else {}
        lines |= large
    return lines


def _points(
    axis: Axes,
    rows: pd.DataFrame,
    lines: Sequence[Line],
    source: Source,
    look: Look,
    shift: float,
    edge: float,
) -> None:
    """Draw the rows that have a line here: small where they are no test of their own, as arrows beyond the edge."""
    order = {line: number for number, line in enumerate(lines)}
    keys = ("against", "observable", "index", "together")
    every = [_line(order, *key) for key in zip(*(rows[key] for key in keys), strict=True)]
    here = np.array([line in order for line in every], dtype=bool)
    rows, places = rows[here], np.array([order[line] for line in every if line in order]) + shift
    small = rows["member"].to_numpy()
    values = rows["pull"].to_numpy()
    inside = np.abs(values) <= edge
    drawn = {"color": look.colour, "ls": ""} | ({"mfc": "white"} if source.corrected else {})
    marker = "v" if source.variant == "weighted" else look.marker
    for chosen, size, label in ((~small, 5.5, look.label), (small, 2.8, None)):
        shown = inside & chosen
        axis.plot(values[shown], places[shown], marker=marker, ms=size, label=label, **drawn)
        for sign, arrow in ((1, ">"), (-1, "<")):
            beyond = ~inside & chosen & (np.sign(values) == sign)
            edges = np.full(beyond.sum(), sign * 0.985 * edge)
            axis.plot(edges, places[beyond], marker=arrow, ms=size + 1.5, **drawn)


def _line(lines: Collection[Line], target: str, name: str, index: int, together: bool) -> Line:
    """The line that shows a row."""
    whole = (target, name, None)
    return whole if whole in lines else (target, name, ALL if together else int(index))
