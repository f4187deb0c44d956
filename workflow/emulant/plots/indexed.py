"""An observable with an index, such as G(r) or the power spectrum, and its ratio to the reference."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.plots.style import BAND, INK, look_of, panels, styled
from emulant.plots.symbols import symbol_text

__all__ = ["indexed"]

PLACES = {"correlator": r"$r/a$", "power_spectrum": r"shell $k L / 2\pi$"}


@styled
def indexed(table: pd.DataFrame, sources: Sequence[str], name: str) -> Figure:
    """Values above, ratios to the reference below; the band is the error of the reference.

    Arguments:
        table: an observables table.
        sources: what to show, `reference` among them.
        name: of the observable; its index is the abscissa.
    """
    own = table[(table["observable"] == name) & table["source"].isin(sources)]
    made, axes = panels(2, 1, width=4.7, height=2.6, ratios=[1.2, 0.8], sharex="col")
    top, bottom = axes[:, 0]
    parts = {source: part.set_index("index").sort_index() for source, part in own.groupby("source")}
    reference = parts.get("reference")
    shown = [source for source in sources if source in parts]
    for number, source in enumerate(shown):
        look, part = look_of(source, sources), parts[source]
        shift = 0.3 * (number / max(len(shown) - 1, 1) - 0.5)
        drawn = {"fmt": look.marker, "color": look.colour, "elinewidth": 1.0, "ms": 4}
        top.errorbar(part.index + shift, part["value"], part["error"], label=look.label, **drawn)
        if source != "reference" and reference is not None:
            target = reference["value"].reindex(part.index)
            bottom.errorbar(part.index + shift, part["value"] / target, part["error"] / target.abs(), **drawn)
    if reference is not None:
        spread = (reference["error"] / reference["value"].abs()).to_numpy()
        places = reference.index.to_numpy(dtype=float)
        bottom.fill_between(places, 1 - spread, 1 + spread, color=BAND, zorder=0)
        _limits(bottom, parts, reference)
    bottom.axhline(1, color=INK, lw=0.8)
    if (own["value"] > 0).all() and own["value"].max() > 8 * own["value"].min():
        top.set_yscale("log")
    top.set_ylabel(symbol_text(name))
    bottom.set_ylabel("ratio to\nreference")
    bottom.set_xlabel(PLACES.get(name, "index"))
    top.legend(fontsize=9)
    return made


def _limits(axis: object, parts: dict[str, pd.DataFrame], reference: pd.DataFrame) -> None:
    """A range that shows the well measured points; one poor point must not flatten the others."""
    reach = [0.01]
    for part in parts.values():
        target = reference["value"].reindex(part.index)
        ratio, error = part["value"] / target, part["error"] / target.abs()
        known = error < 0.25
        reach.append(float((np.abs(ratio - 1) + error)[known].max()) if known.any() else 0.0)
    axis.set_ylim(1 - 1.15 * min(max(reach), 1), 1 + 1.15 * min(max(reach), 1))
