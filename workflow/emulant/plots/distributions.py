"""Distributions of the field, the magnetisation and the action."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.plots.style import BAND, INK, look_of, panels, styled

__all__ = ["distributions"]

SYMBOLS = {"phi": r"\phi", "M": "M", "S": "S"}
UNITS = {"[p_T]": " [GeV]"}
SHOWN = 12.0
LEAST = 3.0
"""Bins where the reference has less than this many errors are too poor for a Gaussian pull."""


@styled
def distributions(table: pd.DataFrame, sources: Sequence[str]) -> Figure:
    """Densities on linear and logarithmic axes, and their deviation from the reference in combined errors.

    Arguments:
        table: columns source, quantity, left, right, density, error; common bins for all sources.
        sources: what to show, `reference` among them; the reference is a band of one error.
    """
    table = table[table["source"].isin(sources)]
    quantities = list(dict.fromkeys(table["quantity"]))
    quantities.sort(key=lambda name: list(SYMBOLS).index(name) if name in SYMBOLS else len(SYMBOLS))
    made, axes = panels(
        3, len(quantities), width=9.4 / max(len(quantities), 2), height=2.5, ratios=[1, 1, 0.7], sharex="col"
    )
    for column, quantity in zip(axes.T, quantities, strict=True):
        own = dict(iter(table[table["quantity"] == quantity].groupby("source")))
        for source in (name for name in sources if name in own):
            _densities(column[0], column[1], own[source], source, sources)
            if source != "reference" and "reference" in own:
                _deviation(column[2], own[source], own["reference"], source, sources)
        _finish(column, own, SYMBOLS.get(quantity, quantity))
        column[-1].set_xlabel(column[-1].get_xlabel() + UNITS.get(quantity, ""))
    axes[0, 0].figure.legend(
        *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=len(sources)
    )
    return made


def _densities(linear: Axes, logarithmic: Axes, part: pd.DataFrame, source: str, sources: Sequence) -> None:
    look = look_of(source, sources)
    edges = np.append(part["left"].to_numpy(), part["right"].iloc[-1])
    low, high = part["density"] - part["error"], part["density"] + part["error"]
    middle = 0.5 * (part["left"] + part["right"])
    for axis in (linear, logarithmic):
        if source == "reference":
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


def _deviation(
    axis: Axes, part: pd.DataFrame, reference: pd.DataFrame, source: str, sources: Sequence
) -> None:
    look = look_of(source, sources)
    density, target = part["density"].to_numpy(), reference["density"].to_numpy()
    error = np.hypot(part["error"].to_numpy(), reference["error"].to_numpy())
    rich = (target > LEAST * reference["error"].to_numpy()) & (part["error"].to_numpy() > 0)
    pull = np.divide(density - target, error, out=np.full(len(part), np.nan), where=rich & (error > 0))
    middle = 0.5 * (part["left"] + part["right"])
    axis.plot(middle, np.clip(pull, -SHOWN, SHOWN), look.marker, ms=2.6, color=look.colour)


def _finish(column: Sequence[Axes], own: dict[str, pd.DataFrame], name: str) -> None:
    linear, logarithmic, deviation = column
    densities = pd.concat(list(own.values()))
    positive = densities["density"][densities["density"] > 0]
    logarithmic.set_yscale("log")
    logarithmic.set_ylim(max(positive.min(), positive.max() * 1e-5) / 2, positive.max() * 2)
    linear.set_ylim(bottom=0)
    filled = densities[densities["density"] > 0]
    linear.set_xlim(filled["left"].min(), filled["right"].max())
    for axis in (linear, logarithmic):
        axis.set_ylabel(rf"$p({name})$")
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
    deviation.set_xlabel(rf"${name}$")
