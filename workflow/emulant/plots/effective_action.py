"""The flow of the effective action in zero dimensions."""

import pandas as pd
from matplotlib.figure import Figure

from emulant.plots.style import BAND, INK, Look, panels, styled

__all__ = ["effective_action"]

DENSE = 1e-2
TOLERANCE = 0.02
HIGHEST = 8.0


@styled
def effective_action(table: pd.DataFrame, look: Look) -> Figure:
    """S_DM(phi, t) of the model beside the exact -log p_t, one column for each t, and their difference.

    The difference is drawn where p_t exceeds 1e-2, within a band of 0.02 (arXiv:2309.17082, sec. 3).

    Arguments:
        table: columns t, phi, learned, exact, density; actions with their minimum at zero.
        look: of the model.
    """
    times = sorted(table["t"].unique(), reverse=True)
    made, axes = panels(
        2,
        len(times),
        width=9.4 / max(len(times), 2),
        height=2.5,
        ratios=[1.2, 0.8],
        sharex="col",
        sharey="row",
    )
    worst = TOLERANCE
    for (top, bottom), t in zip(axes.T, times, strict=True):
        part = table[(table["t"] == t) & (table["exact"] < 1.5 * HIGHEST)].sort_values("phi")
        top.plot(part["phi"], part["exact"], "-", color=INK, lw=3.2, alpha=0.35, label=r"exact $-\log p_t$")
        top.plot(part["phi"], part["learned"], "--", color=look.colour, label=f"{look.label}")
        dense = part[part["density"] > DENSE]
        difference = dense["learned"] - dense["exact"]
        bottom.axhspan(-TOLERANCE, TOLERANCE, color=BAND, zorder=0)
        bottom.axhline(0, color=INK, lw=0.8)
        bottom.plot(dense["phi"], difference, "-", color=look.colour)
        worst = max(worst, float(difference.abs().max()))
        top.set_title(rf"$t = {t:.2g}$  ($\tau = {1 - t:.2g}$)")
        bottom.set_xlabel(r"$\phi$")
    axes[0, 0].set_ylim(-0.4, HIGHEST)
    axes[1, 0].set_ylim(-1.3 * worst, 1.3 * worst)
    axes[0, 0].set_ylabel(r"$S_{\rm DM}(\phi, t)$")
    axes[1, 0].set_ylabel(r"learned $-$ exact")
    made.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return made
