"""The cost ledger as a picture."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.source import REFERENCE, sources_in
from emulant.plots.style import INK, QUIET, look_of, panels, styled

__all__ = ["cost_ledger"]

HEIGHT, EDGES = 0.17, 1.2
"""Inches of the line of a source, and of what stands above and below them."""
ROOM = 0.35
"""Part of the width that is left free on the right for the names of sources."""


@styled
def cost_ledger(
    table: pd.DataFrame, models: Mapping[str, Sequence[str]], titles: Mapping[str, str]
) -> Figure:
    """Seconds per independent configuration, a line a source with its name: filled without training, open with it.

    Arguments:
        table: columns experiment, model, variant, seconds_per_independent, seconds_per_independent_with_training.
        models: experiment -> its models in order.
        titles: experiment -> what it is called.
    """
    parts = dict(list(table.groupby("experiment", sort=False)))
    figure, axes = panels(1, 1, width=9.4, height=HEIGHT * (len(table) + len(parts)) + EDGES)
    axis, line, middles = axes[0, 0], 0, []
    axis.set_xscale("log")
    for experiment, rows in parts.items():
        sources = sorted(sources_in(rows), key=lambda source: source != REFERENCE)
        indexed = rows.set_index(["model", "variant"])
        middles.append(line + (len(sources) - 1) / 2)
        for source in sources:
            look, row = look_of(source, models[experiment]), indexed.loc[tuple(source)]
            least, most = row["seconds_per_independent"], row["seconds_per_independent_with_training"]
            axis.hlines(line, least, most, color=look.colour, lw=1)
            axis.plot([most], [line], look.marker, color=look.colour, mfc="white", ms=5)
            axis.plot([least], [line], look.marker, color=look.colour, ms=5, label=look.label)
            axis.annotate(
                look.label, (most, line), (6, 0), textcoords="offset points", va="center", fontsize=8
            )
            line += 1
        axis.axhline(line, color=QUIET, lw=0.4)
        line += 1
    axis.set_yticks(middles, [titles[experiment] for experiment in parts])
    axis.set_ylim(line - 0.5, -1)
    low, high = np.log10(axis.get_xlim())
    axis.set_xlim(10**low, 10 ** (high + ROOM / (1 - ROOM) * (high - low)))
    axis.set_xlabel("seconds per independent configuration  (open: training included)", color=INK)
    axis.tick_params(axis="x", top=True, labeltop=True)
    axis.grid(visible=False, axis="y")
    return figure
