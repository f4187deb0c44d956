"""What every event must keep: sums of momentum, energy and charges, event by event."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.collisions.conserved import CHARGE_NAMES, TOTALS
from emulant.contracts.source import Source
from emulant.plots.style import QUIET, Look, look_of, panels, styled, variant_words

__all__ = ["conservation"]

SYMBOLS = {
    "px": r"$\Sigma p_x$ [GeV]",
    "py": r"$\Sigma p_y$ [GeV]",
    "pz": r"$\Sigma p_z$ [GeV]",
    "E": r"$\Sigma E$ [GeV]",
    "B": "$B$",
    "Q": "$Q$",
    "S": "$S$",
}
BINS, NARROWEST = 51, 2.0
"""Bins of a panel, and GeV of its axis, at least: a sum that is exact to rounding still gets an axis."""


@styled
def conservation(
    totals: Mapping[Source, np.ndarray], charges: Mapping[str, int], models: Sequence[str]
) -> Figure:
    """Histograms of the seven sums, one panel each, with mean and standard deviation of every source.

    Arguments:
        totals: source -> sums of each event, (N, 7), in the order of TOTALS.
        charges: B, Q and S that each event must have; dotted lines.
        models: all models of the experiment.
    """
    figure, axes = panels(2, 4, width=2.6, height=2.7, sharey=True)
    for column, (name, axis) in enumerate(zip(TOTALS, axes.flat, strict=False)):
        sums = {source: values[:, column] for source, values in totals.items()}
        edges = _edges(name, np.concatenate(list(sums.values())))
        for number, (source, values) in enumerate(sums.items()):
            _histogram(axis, values, edges, look_of(source, models), number)
            _moments(axis, values, look_of(source, models), source, len(sums) - 1 - number)
        if name in charges:
            axis.axvline(charges[name], color=QUIET, ls=":", lw=1.0, zorder=0)
        axis.set(xlabel=SYMBOLS[name], yscale="log", ylim=(0.5 / max(map(len, sums.values())), 2.0))
    for row in axes:
        row[0].set_ylabel("share of events")
    axes[1, 3].axis("off")
    axes[1, 3].legend(*axes[0, 0].get_legend_handles_labels(), loc="center")
    return figure


def _edges(name: str, values: np.ndarray) -> np.ndarray:
    """Common bins; those of charges are centred at whole numbers."""
    low, high = float(values.min()), float(values.max())
    if name in CHARGE_NAMES:
        step = max(1, int(np.ceil((high - low + 4) / BINS)))
        return np.arange(low - 2 * step, high + 3 * step, step) - 0.5
    middle, reach = 0.5 * (low + high), max(0.5 * NARROWEST, 0.55 * (high - low))
    return np.linspace(middle - reach, middle + reach, BINS + 1)


def _histogram(axis: Axes, values: np.ndarray, edges: np.ndarray, look: Look, number: int) -> None:
    """Shares of the bins; of the reference, which comes first, filled."""
    share = np.histogram(values, edges)[0] / len(values)
    style = {"fill": number == 0, "alpha": 1.0 if number else 0.3, "ls": ("-", "--", "-.", ":")[number % 4]}
    axis.stairs(share, edges, color=look.colour, lw=1.4, label=look.label, **style)


def _moments(axis: Axes, values: np.ndarray, look: Look, source: Source, line: int) -> None:
    """Mean and standard deviation above the panel, lines counted from below; of a variant with its name."""
    text = f"{_rounded(values.mean())} ± {_rounded(values.std())}"
    text += f"  ({variant_words(source.variant)})" if source.variant else ""
    axis.text(0.0, 1.02 + 0.085 * line, text, transform=axis.transAxes, fontsize=8, color=look.colour)


def _rounded(value: float) -> str:
    """One decimal where it says something, what is nothing but rounding as 0, with a real minus sign."""
    size = abs(value)
    if size < 1e-6:
        return "0"
    return (f"{value:.1f}".removesuffix(".0") if size >= 0.95 else f"{value:.1g}").replace("-", "−")
