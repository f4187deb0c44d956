"""Figure of what sweeps of a heat bath repair, from the links of models and from hot and cold ones."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from emulant.contracts.figure import Figure as Shown
from emulant.contracts.figure import Results
from emulant.contracts.source import Source
from emulant.plots.style import INK, PALETTE, QUIET, look_of, panels, styled

__all__ = ["figures", "sweeping"]

SWEPT = {"plaquette": "plaquette", "loop": r"$W_{2\times2}$", "charge_squared": r"$\langle Q^2\rangle$"}
"""Columns of the study `sweeps`, and how they are written."""
PLAIN = {"hot": (PALETTE[1], "^"), "cold": (QUIET, "v")}
"""Colour and marker of starts without a model, which are alike for all models."""
LINEAR = 0.01
"""Deviation up to which the scale is linear: what is asked for lies there, and hot links far beyond."""

Tables = Mapping[Source, tuple[pd.DataFrame, Mapping[str, float]]]


@styled
def sweeping(tables: Tables, models: Sequence[str]) -> Figure:
    """Relative deviations of averages from exact ones by the number of sweeps.

    Arguments:
        tables: source -> table of the study `sweeps` and its record.
        models: all models of the experiment.
    """
    figure, axes = panels(1, len(SWEPT), width=3.6, height=3.2)
    for axis, (column, words) in zip(axes[0], SWEPT.items(), strict=True):
        _drawn(axis, column, tables, models)
        axis.axhline(0, color=INK, lw=0.8)
        axis.set(xlabel="sweeps", ylabel=f"{words} over exact, minus 1")
        axis.set_yscale("symlog", linthresh=LINEAR)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0, 0].legend(fontsize=8)
    return figure


def _drawn(axis: Axes, column: str, tables: Tables, models: Sequence[str]) -> None:
    """Draw a column from every start; hot and cold links are those of the first table."""
    looks = dict(PLAIN)
    for source, (table, record) in tables.items():
        exact, look = record.get(f"{column}_exact", math.nan), look_of(source, models)
        styles = {"model": (look.colour, look.marker, look.label)}
        styles |= {start: (*looks.pop(start), start) for start in list(looks)}
        for start, (colour, marker, label) in styles.items():
            rows = table[table["start"] == start]
            value, error = rows[column] / exact - 1, rows[f"{column}_error"] / exact
            axis.errorbar(rows["sweeps"], value, error, color=colour, marker=marker, label=label)


def _sweeps(results: Results) -> Iterator[tuple[str, Any]]:
    records = results.records("sweeps")
    if tables := {source: (table, records[source]) for source, table in results.tables("sweeps").items()}:
        yield "sweeps", sweeping(tables, results.models)


figures = {
    "sweeps": Shown(
        _sweeps,
        "What sweeps repair",
        "Relative deviations of plaquette, W(2 × 2) and ⟨Q²⟩ from their exact values after sweeps of heat bath, each with a"
        " shift of the charge, from the model's links, hot links and cold links, on a scale that is linear up to 0.01: what"
        " hot or cold links reach by themselves is no merit of the model.",
    )
}
