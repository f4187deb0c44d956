"""Spectra of events in rapidity and transverse momentum, and their ratios to the reference."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.collisions.acceptance import NAMES
from emulant.contracts.observable import Observable
from emulant.contracts.source import REFERENCE, Source, by_source
from emulant.plots.axes import beyond_marked
from emulant.plots.style import BAND, INK, look_of, panels, styled

__all__ = ["spectra"]

LABELS = {"rapidity": "$y$", "pt": "$p_T$ [GeV]"}
WIDEST, ACROSS = 0.5, 5
"""Largest deviation of a ratio that is shown, and panels in a row: five of the width that an axis needs."""


@styled
def spectra(
    table: pd.DataFrame,
    sources: Sequence[Source],
    models: Sequence[str],
    observables: Mapping[str, Observable],
    axis: str,
    bins: np.ndarray,
) -> Figure:
    """One panel a species that occurs, at most five in a row; the vertical scale of transverse momentum is logarithmic.

    Where there are models, each panel has one of ratios below it, whose band is the reference's error; triangles lie beyond
    its frame.

    Arguments:
        table: an observables table.
        sources: what to show, the reference among them.
        models: all models of the experiment.
        observables: of the system, for their symbols.
        axis: "rapidity" or "pt".
        bins: edges of the bins that the index counts from 1.
    """
    occurring = set(table.loc[table["value"] > 0, "observable"])
    measured = occurring & set(_named(axis)) or set(table["observable"])
    names = [name for name in _named(axis) if name in measured]
    heights = [1.0, 0.5] if len(sources) > 1 else [1.0]
    across = min(len(names), ACROSS)
    down = -(-len(names) // across)
    figure, axes = panels(
        down * len(heights),
        across,
        width=max(2.3, 9.4 / across),
        height=2.2,
        ratios=down * heights,
        sharex=True,
    )
    stacks = [
        axes[row : row + len(heights), column]
        for row in range(0, len(axes), len(heights))
        for column in range(across)
    ]
    for stack, name in zip(stacks, names, strict=False):
        rows = table[table["observable"] == name]
        _species(stack, rows, sources, models, bins)
        stack[0].set_title(f"${observables[name].symbol}$")
        stack[-1].tick_params(labelbottom=True)
        stack[-1].set_xlabel(LABELS[axis])
        # A species that does not occur has no place on a logarithmic axis.
        if axis == "pt" and (rows["value"] > 0).any():
            stack[0].set_yscale("log")
    for stack in stacks[len(names) :]:
        for empty in stack:
            empty.set_visible(False)
    for stack in stacks[::across]:
        stack[0].set_ylabel("particles" if axis == "rapidity" else "particles / GeV")
        if len(stack) > 1:
            stack[1].set_ylabel("ratio to\nreference")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=len(sources))
    return figure


def _named(axis: str) -> list[str]:
    """The observables of an axis, in the order of the species."""
    return [f"{axis}_{species}" for species in NAMES.values()]


def _species(
    column: Sequence[Axes],
    table: pd.DataFrame,
    sources: Sequence[Source],
    models: Sequence[str],
    bins: np.ndarray,
) -> None:
    """Values of all sources in the first panel, ratios in the second where there is one."""
    centres, width = 0.5 * (bins[1:] + bins[:-1]), np.diff(bins).min()
    parts = {source: part.set_index("index").sort_index() for source, part in by_source(table)}
    shown = [source for source in sources if source in parts]
    for number, source in enumerate(shown):
        part, look = parts[source], look_of(source, models)
        shift = 0.5 * width * (number / max(len(shown) - 1, 1) - 0.5) if len(shown) > 1 else 0.0
        x = centres[part.index.to_numpy() - 1] + shift
        inside = look.colour if source.raw else "white"
        style = {"fmt": look.marker, "ms": 3.2, "color": look.colour, "mfc": inside, "elinewidth": 1.0}
        column[0].errorbar(x, part["value"], part["error"], label=look.label, **style)
        if len(column) > 1 and source != REFERENCE:
            target = parts[REFERENCE]["value"].where(parts[REFERENCE]["value"] > 0).reindex(part.index)
            column[1].errorbar(x, part["value"] / target, part["error"] / target, **style)
    if len(column) > 1:
        reference = parts[REFERENCE]
        spread = (reference["error"] / reference["value"].where(reference["value"] > 0)).to_numpy()
        places = centres[reference.index.to_numpy() - 1]
        column[1].fill_between(places, 1 - spread, 1 + spread, color=BAND, step="mid", zorder=0)
        column[1].axhline(1, color=INK, lw=0.8)
        low, high = column[1].get_ylim()
        column[1].set_ylim(max(low, 1 - WIDEST), min(high, 1 + WIDEST))
        beyond_marked(column[1])
