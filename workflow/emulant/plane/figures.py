"""Figures of systems of the plane: densities, and energies of models that learn one, from the study `density`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from emulant.contracts.figure import Figure as Shown
from emulant.contracts.figure import Results
from emulant.contracts.source import Source
from emulant.contracts.system import System
from emulant.plots.style import INK, QUIET, label_of, panels, styled

__all__ = ["densities", "densities_figure", "energies", "energies_figure"]

Drift = Callable[[np.ndarray], np.ndarray]
"""Complex drift at complex z."""

RANGE = 1e-5
"""Smallest density shown, over the largest: about one point of the largest ensembles in a cell."""
ARROWS = 15
"""Arrows of the drift each way: as many as can be told apart in a panel."""
LEVELS = np.arange(0, 12.5, 1.0)
"""Level lines of an energy: up to densities of e^-12, which 10^5 points still reach."""


def densities_figure(drift: Callable[[System], Drift] | None = None) -> Shown:
    """The figure of densities, with the direction of a system's drift where it has one."""

    def draw(results: Results) -> Iterator[tuple[str, Figure]]:
        table = results.table("density")
        if len(table):
            arrows = drift(results.system) if drift else None
            outside = results.record("density").get("outside", {})
            yield "densities", densities(table, results.raw(), arrows, outside)

    law = "the stationary solution of the Fokker–Planck equation with the direction of the drift"
    return Shown(
        draw,
        "Densities in the plane",
        f"P(x, y) on one grid and one logarithmic colour scale. First {law if drift else 'the exact density'}, then"
        " histograms of the reference and of what each model generated, with half a count in each cell; points beyond the"
        " frame are counted above it.",
    )


def _draw_energies(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("density")
    learned = [source for source in results.raw() if f"exp_{source.name}" in table]
    if learned:
        yield "energies", energies(table, learned)


energies_figure = Shown(
    _draw_energies,
    "Learned energies",
    "Level lines of E, a unit apart: the known law in grey, the model's energy at its finest noise in colour. KL"
    " divergences and total variations are in the table of studies, beside those of a histogram of as many points.",
)


@styled
def densities(
    table: pd.DataFrame,
    sources: Sequence[Source],
    drift: Drift | None = None,
    outside: Mapping[str, float] = MappingProxyType({}),
) -> Figure:
    """The stationary density with the drift's direction, the reference's histogram and each model's.

    Arguments:
        table: columns x, y, stationary and each source's name: shares of the cells of a grid.
        sources: whose histograms to show.
        drift: complex drift at complex z, or None.
        outside: source -> share of its points beyond the grid, which its title tells.
    """
    histograms = {s.name: f"histogram: {label_of(s)}" for s in sources if s.name in table}
    shown = {"stationary": "stationary law"} | histograms
    figure, axes = panels(1, len(shown), width=max(2.4, 9.4 / len(shown)), height=2.9, sharey=True)
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
        beyond = outside.get(column, 0.0)
        mark = f"\n{100 * beyond:.2g} % beyond the frame" if beyond > 0 else ""
        axis.set(xlabel="$x$")
        axis.set_title(title + mark, fontsize=9)
        axis.grid(visible=False)
    axes[0, 0].set_ylabel("$y$")
    if drift is not None:
        _arrows(axes[0, 0], x, y, drift)
    figure.colorbar(image, ax=axes, pad=0.01, aspect=24).set_label("$P(x, y)$")
    return figure


@styled
def energies(table: pd.DataFrame, sources: Sequence[Source]) -> Figure:
    """E = -log P of the stationary law (grey) and of each model (colour), level by level from their minimum.

    Arguments:
        table: columns x, y, stationary and exp_<source>.
        sources: those that have an energy.
    """
    figure, axes = panels(1, len(sources), width=max(3.4, 9.4 / len(sources)), height=3.2, sharey=True)
    x, y, _ = _grid(table)
    with np.errstate(divide="ignore"):
        law = -np.log(_values(table, "stationary", x, y))
        law -= law.min()
        for axis, source in zip(axes[0], sources, strict=True):
            energy = -np.log(_values(table, f"exp_{source.name}", x, y))
            energy -= energy.min()
            finite = np.where(np.isfinite(law), law, 1e3)
            axis.contour(x, y, finite.T, LEVELS, colors=QUIET, linewidths=2.4, alpha=0.45)
            drawn = axis.contour(x, y, energy.T, LEVELS, cmap="viridis_r", linewidths=1.0)
            axis.set(title=label_of(source), xlabel="$x$")
    axes[0, 0].set_ylabel("$y$")
    figure.colorbar(drawn, ax=axes, pad=0.01, aspect=24).set_label(r"$E_\theta - \min E_\theta$")
    return figure


def _grid(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, float]:
    x, y = np.unique(table["x"]), np.unique(table["y"])
    return x, y, float((x[1] - x[0]) * (y[1] - y[0]))


def _values(table: pd.DataFrame, column: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return table[column].to_numpy().reshape(len(x), len(y))


def _arrows(axis: Axes, x: np.ndarray, y: np.ndarray, drift: Drift) -> None:
    some_x, some_y = (v[:: max(1, len(v) // ARROWS)] for v in (x, y))
    grid_x, grid_y = np.meshgrid(some_x, some_y)
    k = drift(grid_x + 1j * grid_y)
    along, across = k.real / np.ptp(x), k.imag / np.ptp(y)
    size = np.hypot(along, across)
    size[size == 0] = 1.0
    axis.quiver(grid_x, grid_y, along / size, across / size, color="white", alpha=0.8, scale=22, width=0.006)
    axis.set_facecolor(INK)
