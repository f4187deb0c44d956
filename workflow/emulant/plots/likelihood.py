"""-log q of generated configurations against their action."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.plots.format import value_with_error
from emulant.plots.style import INK, label_of, look_of, panels, styled

__all__ = ["likelihood"]


@styled
def likelihood(
    tables: Mapping[str, pd.DataFrame], slopes: Mapping[str, tuple[float, float]] | None = None
) -> Figure:
    """An exact model lies on the line of slope one; means are removed, which removes log Z.

    Arguments:
        tables: model -> columns action, minus_log_q, error.
        slopes: model -> slope of the regression and its error.
    """
    slopes = slopes or {}
    made, axes = panels(1, len(tables), width=max(9.4 / max(len(tables), 2), 2.9), height=3.4)
    for axis, (model, table) in zip(axes[0], tables.items(), strict=True):
        look = look_of(model, list(tables))
        x = table["action"] - table["action"].mean()
        y = table["minus_log_q"] - table["minus_log_q"].mean()
        ends = np.array([x.min(), x.max()]) * 1.08
        axis.plot(ends, ends, "-", color=INK, lw=1, label="slope 1")
        axis.errorbar(x, y, table["error"], fmt=look.marker, ms=3.5, elinewidth=0.8, color=look.colour)
        title = label_of(model)
        if model in slopes and np.isfinite(slopes[model]).all():
            slope, error = slopes[model]
            axis.plot(
                ends,
                slope * ends,
                "--",
                color=look.colour,
                lw=1.2,
                label=f"fit: {value_with_error(slope, error)}",
            )
        axis.set_title(title)
        axis.set_xlabel(r"$S - \langle S\rangle$")
        axis.legend(fontsize=9, loc="upper left")
    axes[0, 0].set_ylabel(r"$-\log q + \langle\log q\rangle$")
    return made
