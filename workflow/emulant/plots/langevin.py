"""The evidence for or against a complex Langevin run."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.plots.style import BAND, INK, PALETTE, panels, styled

__all__ = ["langevin_diagnostics"]


@styled
def langevin_diagnostics(record: Mapping[str, Any]) -> Figure:
    """The tail of the drift's distribution, and boundary terms against their cutoff.

    Arguments:
        record: what `emulant.langevin.diagnostics.diagnosed` returned.
    """
    made, axes = panels(1, 2, width=4.7, height=3.2)
    tail, terms = axes[0]
    points = pd.DataFrame(record["drift_tail"])
    tail.loglog(points["drift"], points["share"], "-", color=INK)
    tail.set_title("trusted" if record["trusted"] else "NOT TRUSTED")
    tail.set(xlabel=r"$u$", ylabel=r"$P(|K| > u)$")
    rows = pd.DataFrame(record["boundary_terms"])
    terms.axhspan(-0.01, 0.01, color=BAND, zorder=0)
    terms.axhline(0, color=INK, lw=0.8)
    for colour, (n, own) in zip(PALETTE, rows.groupby("n"), strict=False):
        for part, marker in (("real", "o"), ("imag", "s")):
            name = {"real": "Re", "imag": "Im"}[part]
            terms.errorbar(
                own["cutoff"],
                own[part],
                own["error"],
                fmt=f"{marker}-",
                ms=3.5,
                lw=0.9,
                color=colour,
                mfc=colour if part == "real" else "white",
                label=f"{name} $B_{n}$",
            )
    reach = float(np.nanmax(np.abs(rows.loc[rows["n"] == 2, ["real", "imag"]].to_numpy())))
    terms.set_ylim(-1.3 * reach, 1.3 * reach)
    terms.set(xlabel=r"cutoff $Y$ in $|y|$", ylabel=r"$\langle\theta(Y - |y|)\, L z^n\rangle$")
    terms.legend(ncols=2)
    return made
