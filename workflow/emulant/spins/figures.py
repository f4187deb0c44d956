"""Figures of spins and angles against the temperature, and vortices on a configuration."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.plots.style import INK, PALETTE, QUIET, panels, styled

__all__ = ["Panel", "against_temperature", "vortices"]

POINTS = 200
"""Of a theoretical line."""
Panel = tuple[str, str, Sequence[tuple[str, Callable[[np.ndarray], np.ndarray]]]]
"""Observable, its label, and lines: label and function of T."""


@styled
def against_temperature(table: pd.DataFrame, shown: Sequence[Panel]) -> Figure:
    """Draw observables of a scan against T = 1 / beta, a panel each, with theoretical lines.

    Arguments:
        table: columns beta, observable, value, error.
        shown: panels.
    """
    figure, axes = panels(1, len(shown), width=4.4, height=3.3)
    for axis, (name, label, lines) in zip(axes[0], shown, strict=True):
        rows = table[table["observable"] == name]
        _theory(axis, 1 / rows["beta"], lines)
        axis.errorbar(
            1 / rows["beta"], rows["value"], rows["error"], fmt="o", color=INK, label="Markov chains"
        )
        top = 1.1 * (rows["value"] + rows["error"]).max()
        axis.set(xlabel=r"$T$", ylabel=label, ylim=(min(0.0, rows["value"].min()) - 0.03 * top, top))
        axis.legend(fontsize=8)
    return figure


def _theory(axis: Axes, temperature: pd.Series, lines: Sequence[tuple[str, Callable]]) -> None:
    dense = np.linspace(temperature.min(), temperature.max(), POINTS)
    for (label, function), colour in zip(lines, PALETTE, strict=False):
        axis.plot(dense, function(dense), color=colour, lw=1.2, zorder=1, label=label)


@styled
def vortices(angles: np.ndarray, charges: np.ndarray, labels: Sequence[str]) -> Figure:
    """Draw angles as arrows, and the vortices of their plaquettes, a panel for each configuration.

    Arguments:
        angles: (n, L_y, L_x).
        charges: of the plaquettes whose lowest corner is a site, (n, L_y, L_x).
        labels: titles.
    """
    figure, axes = panels(1, len(angles), width=4.4, height=4.4)
    for axis, field, charge, label in zip(axes[0], angles, charges, labels, strict=True):
        y, x = np.indices(field.shape)
        axis.quiver(
            x, y, np.cos(field), np.sin(field), field, cmap="twilight", clim=(-math.pi, math.pi), pivot="mid"
        )
        for sign, colour, marker in ((1, PALETTE[1], "o"), (-1, PALETTE[0], "s")):
            rows, columns = np.nonzero(np.rint(charge) == sign)
            axis.plot(columns + 0.5, rows + 0.5, marker, color=colour, ms=7, mfc="none", mew=1.6, ls="none")
        axis.set(xticks=[], yticks=[], aspect="equal")
        axis.set_title(label, color=QUIET)
        axis.grid(visible=False)
    return figure
