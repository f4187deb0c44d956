"""Distributions of the quantities of an experiment."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.contracts.quantity import Quantity
from emulant.contracts.source import REFERENCE, Source, by_source
from emulant.plots.style import BAND, INK, QUIET, Look, look_of, panels, styled

__all__ = ["distributions"]

ACROSS = 5
"""Names in a line of the legend: what the width of the page holds."""
SHOWN = 12.0
"""Larger pulls are triangles at this edge: far beyond any that is chance, and pulls of 3 are still seen beside them."""
LEAST = 3.0
"""Bins where the reference has less than this many errors are too poor for a Gaussian pull."""


@styled
def distributions(
    table: pd.DataFrame, sources: Sequence[Source], models: Sequence[str], quantities: Mapping[str, Quantity]
) -> Figure:
    """Densities on linear and logarithmic axes, and their deviation from the reference in combined errors.

    Arguments:
        table: columns model, variant, quantity, left, right, density, error; common bins for all sources.
        sources: what to show, the reference among them; the reference is a band of one error.
        models: all models of the experiment.
        quantities: name -> its symbol and unit; a panel each.
    """
    width = 9.4 / max(len(quantities), 2)
    # Without a model there is nothing to compare.
    ratios = [1, 1, 0.7] if any(source != REFERENCE for source in sources) else [1, 1]
    figure, axes = panels(len(ratios), len(quantities), width=width, height=2.5, ratios=ratios, sharex="col")
    for column, (name, quantity) in zip(axes.T, quantities.items(), strict=True):
        parts = {s: part for s, part in by_source(table[table["quantity"] == name]) if s in sources}
        for source in (source for source in sources if source in parts):
            look = look_of(source, models)
            _densities(column[0], column[1], parts[source], source, look)
            if source != REFERENCE and REFERENCE in parts:
                _deviation(column[2], parts[source], parts[REFERENCE], look)
        _densities_finished(column, parts, quantity)
        if len(column) > 2:
            _deviations_finished(column[2])
        column[-1].set_xlabel(quantity.label)
    figure.legend(
        *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=min(len(sources), ACROSS)
    )
    return figure


def _densities(linear: Axes, logarithmic: Axes, part: pd.DataFrame, source: Source, look: Look) -> None:
    edges = np.append(part["left"].to_numpy(), part["right"].iloc[-1])
    low, high = part["density"] - part["error"], part["density"] + part["error"]
    middle = 0.5 * (part["left"] + part["right"])
    for axis in (linear, logarithmic):
        if source == REFERENCE:
            axis.stairs(high, edges, baseline=np.maximum(low, 0), fill=True, color=look.colour, alpha=0.25)
            axis.stairs(part["density"], edges, color=look.colour, lw=1.2, label=look.label, baseline=None)
        else:
            axis.plot(
                middle,
                part["density"].where(part["density"] > 0),
                look.marker,
                ms=2.6,
                color=look.colour,
                label=look.label,
            )
            axis.vlines(middle, low.clip(lower=0), high, color=look.colour, lw=0.8)


def _deviation(axis: Axes, part: pd.DataFrame, reference: pd.DataFrame, look: Look) -> None:
    density, target = part["density"].to_numpy(), reference["density"].to_numpy()
    error = np.hypot(part["error"].to_numpy(), reference["error"].to_numpy())
    rich = (target > LEAST * reference["error"].to_numpy()) & (part["error"].to_numpy() > 0)
    pull = np.divide(density - target, error, out=np.full(len(part), np.nan), where=rich & (error > 0))
    middle = 0.5 * (part["left"] + part["right"])
    axis.plot(middle, np.clip(pull, -SHOWN, SHOWN), look.marker, ms=2.6, color=look.colour)
    for beyond, marker in ((pull > SHOWN, "^"), (pull < -SHOWN, "v")):
        edges = np.full(beyond.sum(), np.sign(pull[beyond]) * SHOWN)
        axis.plot(middle[beyond], edges, marker, ms=4, color=look.colour)


def _densities_finished(
    column: Sequence[Axes], parts: Mapping[Source, pd.DataFrame], quantity: Quantity
) -> None:
    linear, logarithmic = column[:2]
    densities = pd.concat(list(parts.values()))
    positive = densities["density"][densities["density"] > 0]
    linear.set_ylim(bottom=0)
    if len(positive):
        logarithmic.set_yscale("log")
        logarithmic.set_ylim(max(positive.min(), positive.max() * 1e-5) / 2, positive.max() * 2)
        filled = densities[densities["density"] > 0]
        linear.set_xlim(filled["left"].min(), filled["right"].max())
    for axis in (linear, logarithmic):
        axis.set_ylabel(rf"$p({quantity.symbol})$")


def _deviations_finished(deviation: Axes) -> None:
    """A band of two errors, a range that shows every point, and how many bins have one."""
    deviation.axhspan(-2, 2, color=BAND, zorder=0)
    deviation.axhline(0, color=INK, lw=0.8)
    reach = max(
        (
            np.nanmax(np.abs(line.get_ydata()))
            for line in deviation.lines[:-1]
            if np.isfinite(line.get_ydata()).any()
        ),
        default=0,
    )
    deviation.set_ylim(-max(4, 1.1 * reach), max(4, 1.1 * reach))
    deviation.set_ylabel(r"$\Delta p\,/\,\sigma$")
    drawn = [line.get_ydata() for line in deviation.lines[:-1]]
    if drawn:
        rich, bins = max(int(np.isfinite(values).sum()) for values in drawn), len(drawn[0])
        if rich < bins:
            words = f"{rich} of {bins} bins"
            deviation.set_title(words, loc="right", fontsize=8, pad=2, color=QUIET)
