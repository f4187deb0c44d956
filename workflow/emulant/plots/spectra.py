"""Spectra of events in rapidity and transverse momentum, and their ratios to the reference."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.plots.style import BAND, INK, look_of, panels, styled
from emulant.plots.symbols import symbol_text

__all__ = ["spectra"]

LABELS = {"rapidity": "$y$", "pt": "$p_T$ [GeV]"}
WIDEST = 0.5


@styled
def spectra(table: pd.DataFrame, sources: Sequence[str], edges: dict[str, np.ndarray]) -> Figure:
    """One row of panels an axis, one column a species; vertical scales of transverse momentum are logarithmic.

    Where there are models, each row has one of ratios below it, whose band is the reference's error.

    Arguments:
        table: an observables table.
        sources: what to show, `reference` among them.
        edges: "rapidity" and "pt" -> edges of the bins that the index counts from 1.
    """
    names = {axis: sorted(n for n in set(table["observable"]) if n.startswith(f"{axis}_")) for axis in edges}
    names["pt"] = [name for name in names["pt"] if name != "pt_covariance"]
    heights = [1.0, 0.5] if len(sources) > 1 else [1.0]
    made, axes = panels(
        2 * len(heights),
        max(map(len, names.values())),
        width=3.1,
        height=2.4,
        ratios=2 * heights,
        sharex="row",
    )
    for number, (axis, bins) in enumerate(edges.items()):
        rows = axes[number * len(heights) : (number + 1) * len(heights)]
        for column, name in zip(rows.T, names[axis], strict=False):
            _species(column, table[table["observable"] == name], sources, bins)
            column[0].set_title(symbol_text(name).replace("_n", "").replace("_{n}", ""))
            column[-1].set_xlabel(LABELS[axis])
            if axis == "pt":
                column[0].set_yscale("log")
        rows[0, 0].set_ylabel("particles" if axis == "rapidity" else "particles / GeV")
        if len(rows) > 1:
            rows[1, 0].set_ylabel("ratio to\nreference")
    made.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=len(sources))
    return made


def _species(column: Sequence[Axes], table: pd.DataFrame, sources: Sequence[str], bins: np.ndarray) -> None:
    """Values of all sources in the first panel, ratios in the second where there is one."""
    centres, width = 0.5 * (bins[1:] + bins[:-1]), np.diff(bins).min()
    parts = {source: own.set_index("index").sort_index() for source, own in table.groupby("source")}
    shown = [source for source in sources if source in parts]
    for number, source in enumerate(shown):
        part, look = parts[source], look_of(source, sources)
        shift = 0.5 * width * (number / max(len(shown) - 1, 1) - 0.5) if len(shown) > 1 else 0.0
        place = centres[part.index.to_numpy() - 1] + shift
        inside = "white" if source.endswith("_unprojected") else look.colour
        style = {"fmt": look.marker, "ms": 3.2, "color": look.colour, "mfc": inside, "elinewidth": 1.0}
        column[0].errorbar(place, part["value"], part["error"], label=look.label, **style)
        if len(column) > 1 and source != "reference":
            target = parts["reference"]["value"].where(parts["reference"]["value"] > 0).reindex(part.index)
            column[1].errorbar(place, part["value"] / target, part["error"] / target, **style)
    if len(column) > 1:
        reference = parts["reference"]
        spread = (reference["error"] / reference["value"].where(reference["value"] > 0)).to_numpy()
        places = centres[reference.index.to_numpy() - 1]
        column[1].fill_between(places, 1 - spread, 1 + spread, color=BAND, step="mid", zorder=0)
        column[1].axhline(1, color=INK, lw=0.8)
        low, high = column[1].get_ylim()
        column[1].set_ylim(max(low, 1 - WIDEST), min(high, 1 + WIDEST))
