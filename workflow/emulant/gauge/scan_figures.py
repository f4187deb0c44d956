"""Figure of the charge against beta by every method, and of what an independent charge costs."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.figure import Figure as Shown
from emulant.contracts.figure import Results
from emulant.plots.style import INK, PALETTE, panels, styled

__all__ = ["charges", "figures"]

MARKERS = "osD^vP*X<>hp"
COLOURS = (INK, *PALETTE)
"""Of the exact sampler, the first row, and of the others."""
WIDEST = 2.6
"""Largest <Q^2> over exact that is drawn, in units of one; what is above has a mark at the edge."""


@styled
def charges(table: pd.DataFrame) -> Figure:
    """<Q^2> over exact, and CPU time for an independent charge, against beta; one mark for each method."""
    figure, axes = panels(1, 2, width=5.2, height=3.8)
    left, right = axes[0]
    several = list(dict.fromkeys(table["method"]))
    for number, method in enumerate(several):
        rows = table[table["method"] == method].sort_values("beta")
        look = {
            "color": COLOURS[number % len(COLOURS)],
            "marker": MARKERS[number % len(MARKERS)],
            "mfc": "white" if "sweeps" in method else None,
        }
        ratio, error = (rows[key] / rows["exact"] for key in ("charge_squared", "charge_squared_error"))
        abscissa = rows["beta"] * (1 + 0.012 * (number - len(several) / 2))
        left.errorbar(
            abscissa, ratio.clip(upper=WIDEST), error.where(ratio < WIDEST), ls="none", ms=4, **look
        )
        costs = rows[np.isfinite(rows["cost"])]
        right.plot(costs["beta"], costs["cost"], ms=4, lw=0.8, label=method, **look)
    left.axhline(1, color=INK, lw=0.8)
    left.set(xlabel=r"$\beta$", ylabel=r"$\langle Q^2\rangle$ over exact", ylim=(-0.1, WIDEST + 0.1))
    right.set(xlabel=r"$\beta$", ylabel="CPU µs for an independent charge", yscale="log")
    right.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _charges(results: Results) -> Iterator[tuple[str, Any]]:
    if len(table := results.table("charges")):
        yield "charges", charges(table)


figures = {
    "charges": Shown(
        _charges,
        "Charge against β",
        "⟨Q²⟩ over its exact value by every method, and the CPU time of one core for an independent charge. Models as they"
        " are and, open, after sweeps of heat bath, each with a shift of the charge; hot and cold links after the same"
        " sweeps; and Hybrid Monte Carlo from cold links, at the price of two autocorrelation times of Q². A chain whose"
        " charge has never changed has no price.",
    )
}
