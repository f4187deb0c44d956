"""One-site cumulants along the forward and the backward process, against the exact laws."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.interpolate import PchipInterpolator

from emulant.plots.style import INK, label_of, look_of, panels, styled

__all__ = ["cumulants_along_path"]

ORDERS = (2, 4, 6)
ROOM = 0.35


@styled
def cumulants_along_path(
    forward: pd.DataFrame, trajectories: Mapping[str, pd.DataFrame], orders: Sequence[int] = ORDERS
) -> Figure:
    """kappa_n(t): the exact law (line), the forward process (open), the model's backward process (filled).

    The range of each panel is that of the law; points whose error exceeds it are left out: at late t the noise
    hides every cumulant beyond the second (arXiv:2410.21212).

    Arguments:
        forward: columns path, t, n, value, error, exact; `path` is a model's name.
        trajectories: model -> columns t, n, value, error.
        orders: n to show.
    """
    models = [name for name in dict.fromkeys(forward["path"]) if name in trajectories]
    width = min(4.7, 9.4 / max(len(models), 1))
    made, axes = panels(len(orders), len(models), width=width, height=2.3, sharex="col")
    for column, model in zip(axes.T, models, strict=True):
        for axis, n in zip(column, orders, strict=True):
            law = forward[(forward["path"] == model) & (forward["n"] == n)].sort_values("t")
            back = trajectories[model]
            _panel(axis, law, back[back["n"] == n], look_of(model, list(trajectories)))
        column[0].set_title(label_of(model))
        column[-1].set_xlabel(r"$t$")
    for axis, n in zip(axes[:, 0], orders, strict=True):
        axis.set_ylabel(rf"$\kappa_{{{n}}}(t)$")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    made.legend(handles, labels, loc="outside upper center", ncols=3)
    return made


def _panel(axis: Axes, law: pd.DataFrame, back: pd.DataFrame, look: tuple) -> None:
    t, exact = law["t"].to_numpy(), law["exact"].to_numpy()
    span = max(np.ptp(exact), 0.4 * np.abs(exact).max(), 1e-12)
    low, high = exact.min() - ROOM * span, exact.max() + ROOM * span
    fine = np.linspace(t[0], t[-1], 200)
    axis.plot(fine, PchipInterpolator(t, exact)(fine), "-", color=INK, lw=1.2, label="exact law")
    known = law[law["error"] < span]
    axis.errorbar(
        known["t"], known["value"], known["error"], fmt="s", mfc="white", color=INK, ms=5.5, label="forward"
    )
    known = back[(back["error"] < span) & (back["t"] <= 1.05 * t[-1])]
    axis.errorbar(
        known["t"], known["value"], known["error"], fmt="o", color=look[0], ms=4, label="backward (model)"
    )
    axis.set_ylim(low, high)
    axis.set_xlim(-0.03 * t[-1], 1.06 * t[-1])
