"""The figure of what speaks for or against a complex Langevin run."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.figure import Figure as Shown
from emulant.contracts.figure import Results
from emulant.plots.style import BAND, INK, PALETTE, panels, styled

__all__ = ["langevin_diagnostics", "langevin_figure"]


def _draw(results: Results) -> Iterator[tuple[str, Figure]]:
    record = results.record("reference")
    if "drift_tail" in record:
        yield "langevin", langevin_diagnostics(record)


langevin_figure = Shown(
    _draw,
    "Is complex Langevin to be trusted?",
    "Left, the tail of the drift's distribution, which must fall faster than any power. Right, boundary terms"
    " ⟨θ(Y − |y|) L zⁿ⟩ against the cutoff Y, which must vanish as Y grows.",
)

UNKNOWN = 0.02
"""Reach of the boundary terms' axis where none of them is a number: the band around zero, and as much again."""


@styled
def langevin_diagnostics(record: Mapping[str, Any]) -> Figure:
    """The tail of the drift's distribution, and boundary terms against their cutoff.

    Arguments:
        record: what `emulant.langevin.diagnostics.diagnosed` returned.
    """
    figure, axes = panels(1, 2, width=4.7, height=3.2)
    tail, terms = axes[0]
    points = pd.DataFrame(record["drift_tail"])
    tail.loglog(points["drift"], points["share"], "-", color=INK)
    tail.set_title("trusted" if record["trusted"] else "NOT TRUSTED")
    tail.set(xlabel=r"$u$", ylabel=r"$P(|K| > u)$")
    rows = pd.DataFrame(record["boundary_terms"])
    terms.axhspan(-0.01, 0.01, color=BAND, zorder=0)
    terms.axhline(0, color=INK, lw=0.8)
    for colour, (n, moment) in zip(PALETTE, rows.groupby("n"), strict=False):
        for part, marker in (("real", "o"), ("imag", "s")):
            name = {"real": "Re", "imag": "Im"}[part]
            terms.errorbar(
                moment["cutoff"],
                moment[part],
                moment["error"],
                fmt=f"{marker}-",
                ms=3.5,
                lw=0.9,
                color=colour,
                mfc=colour if part == "real" else "white",
                label=f"{name} $B_{n}$",
            )
    sizes = np.abs(rows.loc[rows["n"] == 2, ["real", "imag"]].to_numpy(dtype=float))
    reach = sizes[np.isfinite(sizes)].max(initial=0.0) or UNKNOWN
    terms.set_ylim(-1.3 * reach, 1.3 * reach)
    terms.set(xlabel=r"cutoff $Y$ in $|y|$", ylabel=r"$\langle\theta(Y - |y|)\, L z^n\rangle$")
    terms.legend(ncols=2)
    return figure
