"""Figures: the flow of the effective action, from the study `effective_action`."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.figure import Figure as Shown
from emulant.contracts.figure import Results
from emulant.plots.style import BAND, INK, Look, look_of, panels, styled

__all__ = ["effective_action", "figures"]

DENSE, TOLERANCE = 1e-2, 0.02
"""Density from which the difference is drawn, and its band (arXiv:2309.17082, sec. 3)."""
HIGHEST = 8.0
"""Largest action shown, where the density is e^-8."""


@styled
def effective_action(table: pd.DataFrame, look: Look) -> Figure:
    """S_DM(phi, t) of the model beside the exact -log p_t, one column for each t, and their difference.

    The difference is drawn where p_t exceeds 1e-2, within a band of 0.02 (arXiv:2309.17082, sec. 3).

    Arguments:
        table: columns t, phi, learned, exact, density; actions with their minimum at zero.
        look: of the model.
    """
    times = sorted(table["t"].unique(), reverse=True)
    figure, axes = panels(
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
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def _draw(results: Results) -> Iterator[tuple[str, Figure]]:
    for source, table in results.tables("effective_action").items():
        look = look_of(source, results.models)
        yield f"effective_action_{source.name}", effective_action(table, look)


figures = {
    "effective_action": Shown(
        _draw,
        "Flow of the effective action",
        "S_DM(φ, t), the integral of the learned score, on the exact −log p_t by quadrature, both with their minimum"
        " at zero. Below, the difference wherever p_t > 0.01; the band is ±0.02.",
    )
}
