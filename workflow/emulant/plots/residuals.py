"""How far a model's score is from its equation, over noise, momenta and fields."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.plots.style import INK, Look, panels, styled

__all__ = ["residuals"]

SHELLS = 4
"""Curves of shells of momenta, the zero mode first: more cannot be told apart."""


@styled
def residuals(table: pd.DataFrame, look: Look) -> Figure:
    """Left: root mean squares over noise, of all sites and of shells of momenta. Right: the mean at sites by their field.

    Arguments:
        table: columns noise, part, index, position, residual, error, as of the study `pde_residual`.
        look: of the model.
    """
    figure, axes = panels(1, 2, width=4.7, height=3.2)
    curves, image = axes[0]
    whole = table[table["part"] == "all"]
    curves.errorbar(
        whole["noise"], whole["residual"], whole["error"], color=look.colour, marker="o", label="all"
    )
    _shells(curves, table[table["part"] == "shell"])
    curves.set(xscale="log", yscale="log", xlabel="noise / signal", ylabel="residual / time derivative")
    curves.set_title(look.label, loc="left")
    curves.legend()
    _map(figure, image, table[table["part"] == "field"])
    return figure


def _shells(axis: Axes, table: pd.DataFrame) -> None:
    """Draw the zero mode, the lowest momenta, and the highest, where there are any."""
    numbers = np.unique(table["index"])
    chosen = (
        numbers[np.unique(np.linspace(0, len(numbers) - 1, SHELLS).round().astype(int))]
        if len(numbers)
        else []
    )
    for order, number in enumerate(chosen):
        part = table[(table["index"] == number) & (table["residual"] > 0)]
        shade = mpl.colormaps["viridis"](0.9 * order / max(1, len(chosen) - 1))
        label = rf"$|k| = {table.loc[table['index'] == number, 'position'].iloc[0]:.2g}$"
        axis.errorbar(
            part["noise"], part["residual"], part["error"], color=shade, marker=".", lw=1.0, label=label
        )


def _map(figure: Figure, axis: Axes, table: pd.DataFrame) -> None:
    """Show the mean residual over field and noise, on a scale that is symmetric about zero."""
    means = table.pivot(index="noise", columns="position", values="residual")
    if means.size == 0:
        return
    largest = float(np.nanmax(np.abs(means.to_numpy())))
    levels = np.arange(len(means) + 1) - 0.5
    x = means.columns.to_numpy()
    half = 0.5 * (x[1] - x[0]) if len(x) > 1 else 0.5
    edges = np.append(x - half, x[-1] + half)
    image = axis.pcolormesh(
        edges, levels, means.to_numpy(), cmap="RdBu_r", vmin=-largest, vmax=largest, rasterized=True
    )
    axis.set_yticks(range(len(means)), [f"{noise:g}" for noise in means.index])
    axis.set(xlabel=r"$x_t$ / root mean square", ylabel="noise / signal", facecolor=INK)
    axis.grid(visible=False)
    figure.colorbar(image, ax=axis, pad=0.01, aspect=24).set_label("mean residual at a site")
