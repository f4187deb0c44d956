"""The density of the Bose gas against its chemical potential, on lattices of growing extent in time."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.plots.style import BAND, INK, PALETTE, panels, styled

__all__ = ["silver_blaze"]

DODGE = 0.006


@styled
def silver_blaze(table: pd.DataFrame) -> Figure:
    """Density by worldlines (lines) and complex Langevin (points, open where not trusted), and their pulls below.

    Arguments:
        table: columns method, mu, extent, trusted, density, density_error.
    """
    made, axes = panels(2, 1, width=6.4, height=2.5, sharex=True)
    above, below = axes[:, 0]
    below.axhspan(-1, 1, color=BAND, zorder=0)
    below.axhline(0, color=INK, lw=0.8)
    extents = sorted(set(table["extent"]))
    for number, (extent, colour) in enumerate(zip(extents, PALETTE, strict=False)):
        own = table[table["extent"] == extent].sort_values("mu")
        exact, found = (own[own["method"] == method].set_index("mu") for method in ("worldline", "langevin"))
        above.errorbar(
            exact.index,
            exact["density"],
            exact["density_error"],
            color=colour,
            lw=1.2,
            label=rf"$N_\tau = {extent}$",
        )
        place = found.index.to_numpy() + DODGE * (number - (len(extents) - 1) / 2)
        error = np.hypot(found["density_error"], exact.loc[found.index, "density_error"])
        pull = (found["density"] - exact.loc[found.index, "density"]) / error
        for trusted, face in ((True, colour), (False, "white")):
            kept = (found["trusted"] == trusted).to_numpy()
            look = {"fmt": "o", "ms": 4, "color": colour, "mfc": face, "lw": 0.9}
            above.errorbar(place[kept], found["density"][kept], found["density_error"][kept], **look)
            below.plot(place[kept], pull[kept], "o", ms=4, color=colour, mfc=face)
    above.set_ylabel(r"$\rho$")
    above.legend(title="lines: worldlines")
    below.set(xlabel=r"$\mu$", ylabel="pull")
    return made
