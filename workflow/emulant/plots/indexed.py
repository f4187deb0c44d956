"""An observable with an index, such as G(r) or the power spectrum, and its ratio to the reference."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.contracts.observable import Observable
from emulant.contracts.source import REFERENCE, Source, by_source
from emulant.plots.axes import beyond_marked
from emulant.plots.style import BAND, INK, look_of, panels, styled
from emulant.plots.symbols import symbol_text

__all__ = ["indexed"]


@styled
def indexed(
    table: pd.DataFrame,
    sources: Sequence[Source],
    models: Sequence[str],
    observable: Observable,
    abscissa: str = "index",
) -> Figure:
    """Values above, ratios to the reference below; the band is the error of the reference, triangles lie beyond the frame.

    Arguments:
        table: an observables table.
        sources: what to show, the reference among them.
        models: all models of the experiment.
        observable: its index is the abscissa.
        abscissa: label of the index.
    """
    rows = table[table["observable"] == observable.name]
    figure, axes = panels(2, 1, width=4.7, height=2.6, ratios=[1.2, 0.8], sharex="col")
    top, bottom = axes[:, 0]
    every = {source: part.set_index("index").sort_index() for source, part in by_source(rows)}
    parts = {source: part for source, part in every.items() if source in sources}
    reference = parts.get(REFERENCE)
    shown = [source for source in sources if source in parts]
    for number, source in enumerate(shown):
        look, part = look_of(source, models), parts[source]
        shift = 0.3 * (number / max(len(shown) - 1, 1) - 0.5)
        drawn = {"fmt": look.marker, "color": look.colour, "elinewidth": 1.0, "ms": 4}
        top.errorbar(part.index + shift, part["value"], part["error"], label=look.label, **drawn)
        if source != REFERENCE and reference is not None:
            target = reference["value"].reindex(part.index)
            bottom.errorbar(part.index + shift, part["value"] / target, part["error"] / target.abs(), **drawn)
    if reference is not None:
        spread = (reference["error"] / reference["value"].abs()).to_numpy()
        places = reference.index.to_numpy(dtype=float)
        bottom.fill_between(places, 1 - spread, 1 + spread, color=BAND, zorder=0)
        _limits(bottom, parts, reference)
        beyond_marked(bottom)
    bottom.axhline(1, color=INK, lw=0.8)
    values = pd.concat([part["value"] for part in parts.values()])
    if (values > 0).all() and values.max() > 8 * values.min():
        top.set_yscale("log")
    top.set_ylabel(symbol_text(observable.name, None, {observable.name: observable}))
    bottom.set_ylabel("ratio to\nreference")
    bottom.set_xlabel(abscissa)
    top.legend(fontsize=9)
    return figure


def _limits(axis: Axes, parts: Mapping[Source, pd.DataFrame], reference: pd.DataFrame) -> None:
    """A range that shows the well measured points; one poor point must not flatten the others."""
    reach = [0.01]
    for part in parts.values():
        target = reference["value"].reindex(part.index)
        ratio, error = part["value"] / target, part["error"] / target.abs()
        measured = error < 0.25
        reach.append(float((np.abs(ratio - 1) + error)[measured].max()) if measured.any() else 0.0)
    axis.set_ylim(1 - 1.15 * min(max(reach), 1), 1 + 1.15 * min(max(reach), 1))
