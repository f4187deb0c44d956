"""Figures of spins and angles against the temperature, and vortices on a configuration."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.contracts.source import Source
from emulant.plots.style import INK, PALETTE, QUIET, Look, look_of, panels, styled

__all__ = ["Panel", "against_temperature", "free_energies", "vortices"]

POINTS = 200
"""Of a theoretical line."""
LINEAR = 1e-8
"""Relative error of F below which the axis is linear: what 10^6 weighted samples of a good model leave."""
Panel = tuple[str, str, Sequence[tuple[str, Callable[[np.ndarray], np.ndarray]]]]
"""Observable, its label, and lines: label and function of T."""


@styled
def against_temperature(
    table: pd.DataFrame, shown: Sequence[Panel], models: Sequence[tuple[Look, pd.DataFrame]] = ()
) -> Figure:
    """Draw observables of a scan against T = 1 / beta, a panel each, with theoretical lines.

    Arguments:
        table: columns beta, observable, value, error.
        shown: panels.
        models: the same columns of models, and how these look.
    """
    figure, axes = panels(1, len(shown), width=4.4, height=3.3)
    for axis, (name, label, lines) in zip(axes[0], shown, strict=True):
        rows = table[table["observable"] == name]
        _theory(axis, 1 / rows["beta"], lines)
        axis.errorbar(
            1 / rows["beta"], rows["value"], rows["error"], fmt="o", color=INK, label="Markov chains"
        )
        for look, points in models:
            of_model = points[points["observable"] == name]
            style = {"fmt": look.marker, "color": look.colour, "label": look.label, "mfc": "none"}
            axis.errorbar(1 / of_model["beta"], of_model["value"], of_model["error"], **style)
        top = 1.1 * (rows["value"] + rows["error"]).max()
        axis.set(xlabel=r"$T$", ylabel=label, ylim=(min(0.0, rows["value"].min()) - 0.03 * top, top))
        axis.legend(fontsize=8)
    return figure


def _theory(axis: Axes, temperature: pd.Series, lines: Sequence[tuple[str, Callable]]) -> None:
    dense = np.linspace(temperature.min(), temperature.max(), POINTS)
    for (label, function), colour in zip(lines, PALETTE, strict=False):
        axis.plot(dense, function(dense), color=colour, lw=1.2, zorder=1, label=label)


@styled
def free_energies(tables: Mapping[Source, pd.DataFrame], names: Sequence[str]) -> Figure:
    """Draw relative errors of F = -ln Z / beta against beta, logarithmic but for their last LINEAR about the exact zero.

    Arguments:
        tables: source -> columns beta, divergence, minus_log_z, exact, with errors.
        names: of the models, in the order to show them.
    """
    figure, axes = panels(1, 1, width=6.2, height=4.0)
    axis = axes[0][0]
    axis.axhline(0, color=INK, lw=1.0, label="exact")
    for source, table in tables.items():
        look, scale = look_of(source, names), table["minus_log_z"].abs()
        above = (table["divergence"] / scale, table["divergence_error"] / scale)
        axis.errorbar(
            table["beta"], *above, fmt=look.marker, color=look.colour, label=f"{look.label}, variational"
        )
        weighted = ((table["minus_log_z"] - table["exact"]) / scale, table["minus_log_z_error"] / scale)
        if table["exact"].notna().any():
            style = {
                "fmt": look.marker,
                "color": look.colour,
                "mfc": "none",
                "label": f"{look.label}, by weights",
            }
            axis.errorbar(table["beta"], *weighted, **style)
    axis.set_yscale("symlog", linthresh=LINEAR)
    axis.set(xlabel=r"$\beta$", ylabel=r"$(F_q - F)\,/\,|F|$")
    axis.legend(fontsize=8)
    return figure


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
