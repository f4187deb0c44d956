"""One-site cumulants along the forward and the backward process, against the exact laws."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.interpolate import PchipInterpolator

from emulant.contracts.source import Source
from emulant.plots.style import INK, Look, look_of, panels, styled

__all__ = ["cumulants_along_path"]

ORDERS = (2, 4, 6)
"""Cumulants that have a panel: errors of the eighth hide it soon on the path."""
ROOM = 0.25
"""Part of the range of a curve that is left free above and below it, so that points that miss it are seen."""


@styled
def cumulants_along_path(
    forward: pd.DataFrame,
    trajectories: Mapping[Source, pd.DataFrame],
    models: Sequence[str],
    orders: Sequence[int] = ORDERS,
) -> Figure:
    """kappa_n(t), a row for each model: exact law (line), forward process (open), backward process (filled).

    Points whose error exceeds the range of the law are left out: at late t the noise hides every cumulant
    beyond the second (arXiv:2410.21212).

    Arguments:
        forward: columns path, t, n, value, error, exact; `path` is the name of a source.
        trajectories: source -> columns t, n, value, error.
        models: all models of the experiment.
        orders: n to show.
    """
    laws = dict(iter(forward.groupby("path")))
    sources = [source for source in trajectories if source.name in laws]
    figure, axes = panels(
        len(sources), len(orders), width=9.4 / max(len(orders), 2), height=2.4, sharex="row"
    )
    for row, source in zip(axes, sources, strict=True):
        law, back, look = laws[source.name], trajectories[source], look_of(source, models)
        for axis, n in zip(row, orders, strict=True):
            _panel(axis, law[law["n"] == n].sort_values("t"), back[back["n"] == n], look)
            axis.set_ylabel(rf"$\kappa_{{{n}}}(t)$")
        row[0].set_title(look.label, loc="left")
    for axis in axes[-1]:
        axis.set_xlabel(r"$t$")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


def _panel(axis: Axes, law: pd.DataFrame, back: pd.DataFrame, look: Look) -> None:
    """Draw one cumulant where it is a number; an empty panel where it never is."""
    law, back = (part[np.isfinite(part["value"])] for part in (law[np.isfinite(law["exact"])], back))
    if len(law) < 2:
        return
    t, exact = law["t"].to_numpy(), law["exact"].to_numpy()
    span = max(np.ptp(exact), 0.4 * np.abs(exact).max(), 1e-12)
    fine = np.linspace(t[0], t[-1], 200)
    axis.plot(fine, PchipInterpolator(t, exact)(fine), "-", color=INK, lw=1.2, label="exact law")
    ahead = law[law["error"] < span]
    back = back[(back["error"] < span) & (back["t"] <= 1.05 * t[-1])]
    for part, drawn in (
        (ahead, {"fmt": "s", "mfc": "white", "color": INK, "ms": 5.5, "label": "forward"}),
        (back, {"fmt": "o", "color": look.colour, "ms": 4, "label": "backward (model)"}),
    ):
        axis.errorbar(part["t"], part["value"], part["error"], **drawn)
    shown = np.concatenate([exact, ahead["value"], back["value"]])
    axis.set_ylim(shown.min() - ROOM * span, shown.max() + ROOM * span)
    axis.set_xlim(-0.03 * t[-1], 1.06 * t[-1])
