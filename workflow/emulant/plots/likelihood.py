"""-log q of generated configurations against their action."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.source import Source
from emulant.plots.format import value_with_error
from emulant.plots.style import INK, look_of, panels, styled

__all__ = ["likelihood"]


@styled
def likelihood(
    tables: Mapping[Source, pd.DataFrame], slopes: Mapping[Source, tuple[float, float]], models: Sequence[str]
) -> Figure:
    """An exact model lies on the line of slope one; means are removed, which removes log Z.

    Arguments:
        tables: source -> columns action, minus_log_q, error.
        slopes: source -> slope of the regression and its error, NaN where there is none.
        models: all models of the experiment.
    """
    figure, axes = panels(1, len(tables), width=max(9.4 / max(len(tables), 2), 2.9), height=3.4)
    for axis, (source, table) in zip(axes[0], tables.items(), strict=True):
        look = look_of(source, models)
        x = table["action"] - table["action"].mean()
        y = table["minus_log_q"] - table["minus_log_q"].mean()
        ends = np.array([x.min(), x.max()]) * 1.08
        axis.plot(ends, ends, "-", color=INK, lw=1, label="slope 1")
        axis.errorbar(x, y, table["error"], fmt=look.marker, ms=3.5, elinewidth=0.8, color=look.colour)
        slope, error = slopes[source]
        if np.isfinite([slope, error]).all():
            axis.plot(
                ends,
                slope * ends,
                "--",
                color=look.colour,
                lw=1.2,
                label=f"fit: {value_with_error(slope, error)}",
            )
        axis.set_title(look.label)
        axis.set_xlabel(r"$S - \langle S\rangle$")
        axis.legend(fontsize=9, loc="upper left")
    axes[0, 0].set_ylabel(r"$-\log q + \langle\log q\rangle$")
    return figure
