"""Figures: the density against the chemical potential, on lattices of growing extent in time."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.figure import Figure as Shown
from emulant.contracts.figure import Results
from emulant.plots.style import BAND, INK, PALETTE, panels, styled

__all__ = ["figures", "silver_blaze"]

DODGE = 0.006
"""Shift of the points of different extents in mu, less than the width of a symbol."""


@styled
def silver_blaze(table: pd.DataFrame) -> Figure:
    """Density by worldlines (bars) and complex Langevin (points, open where not trusted), and their pulls below.

    Arguments:
        table: columns method, mu, extent, trusted, density, density_error.
    """
    figure, axes = panels(2, 1, width=6.4, height=2.5, sharex=True)
    above, below = axes[:, 0]
    below.axhspan(-2, 2, color=BAND, zorder=0)
    below.axhline(0, color=INK, lw=0.8)
    extents = sorted(set(table["extent"]))
    for number, (extent, colour) in enumerate(zip(extents, PALETTE, strict=False)):
        rows = table[table["extent"] == extent].sort_values("mu")
        exact, langevin = (rows[rows["method"] == m].set_index("mu") for m in ("worldline", "langevin"))
        above.errorbar(
            exact.index,
            exact["density"],
            exact["density_error"],
            fmt="_",
            color=colour,
            ms=11,
            mew=1.4,
        )
        above.plot(exact.index, exact["density"], ":", color=colour, lw=0.9)
        mu = langevin.index.to_numpy() + DODGE * (number - (len(extents) - 1) / 2)
        error = np.hypot(langevin["density_error"], exact.loc[langevin.index, "density_error"])
        pull = (langevin["density"] - exact.loc[langevin.index, "density"]) / error
        for trusted, face in ((True, colour), (False, "white")):
            chosen = (langevin["trusted"] == trusted).to_numpy()
            look = {"fmt": "o", "ms": 4, "color": colour, "mfc": face, "lw": 0.9}
            above.errorbar(mu[chosen], langevin["density"][chosen], langevin["density_error"][chosen], **look)
            below.plot(mu[chosen], pull[chosen], "o", ms=4, color=colour, mfc=face)
        above.plot([], [], "o", ms=4, color=colour, label=rf"$N_\tau = {extent}$")
    above.plot([], [], "_", ms=11, mew=1.4, color=INK, label="worldlines")
    above.plot([], [], "o", ms=4, color=INK, label="complex Langevin")
    above.set_ylabel(r"$\rho$")
    above.legend()
    below.set(xlabel=r"$\mu$", ylabel="pull")
    return figure


def _draw(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("silver_blaze")
    if len(table):
        yield "silver_blaze", silver_blaze(table)


figures = {
    "silver_blaze": Shown(
        _draw,
        "Silver Blaze",
        "The charge density of the Bose gas for growing extent in time, that is falling temperature: below the"
        " threshold it vanishes, although the chemical potential is in every weight. Bars are worldlines, which have"
        " no sign problem, joined by dotted lines for the eye alone; points are complex Langevin, open where it is not to"
        " be trusted. Below, their difference over the combined error, with a band of ±2.",
    )
}
