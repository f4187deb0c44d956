"""What every event must keep: sums of momentum, energy and charges, event by event."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.collisions.conserved import CHARGE_NAMES, TOTALS
from emulant.plots.style import QUIET, look_of, panels, styled

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
"""A sum that is exact to rounding still gets an axis of this many GeV."""


@styled
def conservation(totals: Mapping[str, np.ndarray], charges: Mapping[str, int]) -> Figure:
    """Histograms of the seven sums, one panel each, with mean and standard deviation of every source.

    Arguments:
        totals: source -> sums of each event, (N, 7), in the order of TOTALS.
        charges: B, Q and S that each event must have; dotted lines.
    """
    made, axes = panels(2, 4, width=2.6, height=2.7, sharey=True)
    for column, (name, axis) in enumerate(zip(TOTALS, axes.flat, strict=False)):
        own = {source: values[:, column] for source, values in totals.items()}
        edges = _edges(name, np.concatenate(list(own.values())))
        for place, (source, values) in enumerate(own.items()):
            _histogram(axis, values, edges, source, list(totals), place)
        if name in charges:
            axis.axvline(charges[name], color=QUIET, ls=":", lw=1.0, zorder=0)
        axis.set(xlabel=SYMBOLS[name], yscale="log", ylim=(0.5 / max(map(len, own.values())), 2.0))
    for row in axes:
        row[0].set_ylabel("share of events")
    axes[1, 3].axis("off")
    axes[1, 3].legend(*axes[0, 0].get_legend_handles_labels(), loc="center")
    return made


def _edges(name: str, values: np.ndarray) -> np.ndarray:
    """Common bins; those of charges are centred at whole numbers."""
    low, high = float(values.min()), float(values.max())
    if name in CHARGE_NAMES:
        step = max(1, int(np.ceil((high - low + 4) / BINS)))
        return np.arange(low - 2 * step, high + 3 * step, step) - 0.5
    middle, reach = 0.5 * (low + high), max(0.5 * NARROWEST, 0.55 * (high - low))
    return np.linspace(middle - reach, middle + reach, BINS + 1)


def _histogram(
    axis: Axes, values: np.ndarray, edges: np.ndarray, source: str, sources: Sequence[str], place: int
) -> None:
    look = look_of(source, sources)
    share = np.histogram(values, edges)[0] / len(values)
    reference = source == "reference"
    axis.stairs(
        share,
        edges,
        fill=reference,
        color=look.colour,
        alpha=0.3 if reference else 1.0,
        lw=1.4,
        ls=("-", "--", "-.", ":")[place % 4],
        label=look.label,
    )
    line = len(sources) - 1 - place
    axis.text(
        0.0,
        1.02 + 0.085 * line,
        f"{_rounded(values.mean())} ± {_rounded(values.std())}",
        transform=axis.transAxes,
        fontsize=8,
        color=look.colour,
    )


def _rounded(value: float) -> str:
    """One decimal where it says something, what is nothing but rounding as 0, with a real minus sign."""
    size = abs(value)
    if size < 1e-6:
        return "0"
    return (f"{value:.1f}".removesuffix(".0") if size >= 0.95 else f"{value:.1g}").replace("-", "−")
