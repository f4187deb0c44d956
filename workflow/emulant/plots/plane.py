"""Densities in the plane: the known one with its drift, histograms, and what exp(-E) of a model makes of it."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from emulant.plots.style import INK, QUIET, label_of, panels, styled

__all__ = ["densities", "energies"]

RANGE = 1e-5
ARROWS = 15
LEVELS = np.arange(0, 12.5, 1.0)


@styled
def densities(
    table: pd.DataFrame, models: Sequence[str], drift: Callable[[np.ndarray], np.ndarray] | None = None
) -> Figure:
    """The stationary density with the drift's direction, the reference's histogram and each model's.

    Arguments:
        table: columns x, y, stationary, reference and each model's name: shares of the cells of a grid.
        models: which to show.
        drift: complex drift at complex z, or None.
    """
    shown = {"stationary": "stationary law", "reference": "histogram: reference"}
    shown |= {name: f"histogram: {label_of(name)}" for name in models if name in table}
    made, axes = panels(1, len(shown), width=max(2.4, 9.4 / len(shown)), height=2.9, sharey=True)
    x, y, cell = _grid(table)
    top = table["stationary"].max() / cell
    for axis, (column, title) in zip(axes[0], shown.items(), strict=True):
        values = _values(table, column, x, y) / cell
        image = axis.pcolormesh(
            x,
            y,
            np.where(values > values.min(), values, np.nan).T,
            norm=LogNorm(RANGE * top, top),
            cmap="viridis",
            rasterized=True,
        )
        axis.set(title=title, xlabel="$x$")
        axis.grid(visible=False)
    axes[0, 0].set_ylabel("$y$")
    if drift is not None:
        _arrows(axes[0, 0], x, y, drift)
    made.colorbar(image, ax=axes, pad=0.01, aspect=24).set_label("$P(x, y)$")
    return made


@styled
def energies(table: pd.DataFrame, models: Sequence[str]) -> Figure:
    """E = -log P of the stationary law (grey) and of each model (colour), level by level from their minimum.

    Arguments:
        table: columns x, y, stationary and exp_<model>.
        models: those that have an energy.
    """
    made, axes = panels(1, len(models), width=max(3.4, 9.4 / len(models)), height=3.2, sharey=True)
    x, y, _ = _grid(table)
    with np.errstate(divide="ignore"):
        known = -np.log(_values(table, "stationary", x, y))
        known -= known.min()
        for axis, model in zip(axes[0], models, strict=True):
            energy = -np.log(_values(table, f"exp_{model}", x, y))
            energy -= energy.min()
            finite = np.where(np.isfinite(known), known, 1e3)
            axis.contour(x, y, finite.T, LEVELS, colors=QUIET, linewidths=2.4, alpha=0.45)
            drawn = axis.contour(x, y, energy.T, LEVELS, cmap="viridis_r", linewidths=1.0)
            axis.set(title=label_of(model), xlabel="$x$")
    axes[0, 0].set_ylabel("$y$")
    made.colorbar(drawn, ax=axes, pad=0.01, aspect=24).set_label(r"$E_\theta - \min E_\theta$")
    return made


def _grid(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, float]:
    x, y = np.unique(table["x"]), np.unique(table["y"])
    return x, y, float((x[1] - x[0]) * (y[1] - y[0]))


def _values(table: pd.DataFrame, column: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return table[column].to_numpy().reshape(len(x), len(y))


def _arrows(axis: object, x: np.ndarray, y: np.ndarray, drift: Callable) -> None:
    some_x, some_y = (v[:: max(1, len(v) // ARROWS)] for v in (x, y))
    grid_x, grid_y = np.meshgrid(some_x, some_y)
    k = drift(grid_x + 1j * grid_y)
    along, across = k.real / np.ptp(x), k.imag / np.ptp(y)
    size = np.hypot(along, across)
    size[size == 0] = 1.0
    axis.quiver(grid_x, grid_y, along / size, across / size, color="white", alpha=0.8, scale=22, width=0.006)
    axis.set_facecolor(INK)
