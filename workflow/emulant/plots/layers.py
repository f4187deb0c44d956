"""How well each level of noise of a solved potential obeys its equation, and how entropy is produced along them."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.source import Source
from emulant.plots.style import INK, look_of, panels, styled

__all__ = ["layers"]


@styled
def layers(tables: Mapping[Source, pd.DataFrame], models: Sequence[str]) -> Figure:
    """Left: centred residuals over the size of the time derivative. Right: <|grad S|^2>/2 beside <lap S>/2 (line).

    Arguments:
        tables: source -> columns tau, residual, entropy_rate, laplacian; tau = 0 has no place on a logarithmic axis.
        models: all models of the experiment.
    """
    figure, axes = panels(1, 2, width=4.7, height=3.0)
    residual, entropy = axes[0]
    for source, table in tables.items():
        look, rows = look_of(source, models), table[table["tau"] > 0]
        style = {"color": look.colour, "marker": look.marker}
        residual.loglog(rows["tau"], rows["residual"], label=look.label, **style)
        entropy.loglog(rows["tau"], rows["laplacian"], "-", color=INK, lw=3.0, alpha=0.3)
        entropy.loglog(rows["tau"], rows["entropy_rate"], ls="", **style)
    residual.set(xlabel=r"$\tau$", ylabel="residual / time derivative")
    entropy.set(xlabel=r"$\tau$", ylabel=r"$\langle|\nabla S|^2\rangle / 2$")
    residual.legend()
    return figure
