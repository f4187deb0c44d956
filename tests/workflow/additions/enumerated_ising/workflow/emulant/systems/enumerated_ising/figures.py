"""Figures: shares of the energy levels, from the study `energy_levels`."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure as Drawing

from emulant.contracts.figure import Figure, Results
from emulant.plots.style import panels, styled

__all__ = ["figures"]


@styled
def levels(table: pd.DataFrame) -> Drawing:
    """Draw both shares against the energy."""
    figure, axes = panels()
    axes[0, 0].plot(table["energy"], table["exact"], label="exact")
    axes[0, 0].plot(table["energy"], table["reference"], "o", label="heat bath")
    axes[0, 0].set(xlabel="$E$", ylabel="share", yscale="log")
    axes[0, 0].legend()
    return figure


def draw(results: Results) -> Iterator[tuple[str, Drawing]]:
    """Draw the study where it was made."""
    table = results.table("energy_levels")
    if len(table):
        yield "energy_levels", levels(table)


figures = {"energy_levels": Figure(draw, "Energy levels", "Share of each level, beside the enumeration.")}
