"""Spectra of events in rapidity and transverse momentum."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.plots.style import look_of, panels, styled
from emulant.plots.symbols import symbol_text

__all__ = ["spectra"]


@styled
def spectra(table: pd.DataFrame, sources: Sequence[str], edges: dict[str, np.ndarray]) -> Figure:
    """One row of panels an axis, one column a species; vertical scales of transverse momentum are logarithmic.

    Arguments:
        table: an observables table.
        sources: what to show.
        edges: "rapidity" and "pt" -> edges of the bins that the index counts from 1.
    """
    names = {axis: sorted(n for n in set(table["observable"]) if n.startswith(f"{axis}_")) for axis in edges}
    names["pt"] = [name for name in names["pt"] if name != "pt_covariance"]
    made, axes = panels(2, max(map(len, names.values())), width=3.1, height=2.5, sharex="row")
    for row, (axis, bins) in zip(axes, edges.items(), strict=True):
        centres = 0.5 * (bins[1:] + bins[:-1])
        for panel, name in zip(row, names[axis], strict=False):
            for source in sources:
                own = table[(table["observable"] == name) & (table["source"] == source)].sort_values("index")
                look, place = look_of(source, sources), centres[own["index"].to_numpy() - 1]
                panel.errorbar(
                    place,
                    own["value"],
                    own["error"],
                    fmt=look.marker,
                    ms=3.5,
                    color=look.colour,
                    label=look.label,
                )
            panel.set_title(symbol_text(name).replace("_n", "").replace("_{n}", ""))
            panel.set_xlabel("$y$" if axis == "rapidity" else "$p_T$ [GeV]")
            if axis == "pt":
                panel.set_yscale("log")
    axes[0, 0].legend()
    return made
