"""Work of forward and of backward paths, and the entropy that the levels between produce."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.source import Source
from emulant.plots.format import value_with_error
from emulant.plots.style import INK, QUIET, look_of, panels, styled

__all__ = ["work"]

BINS = 40


@styled
def work(
    tables: Mapping[Source, pd.DataFrame], records: Mapping[Source, Mapping[str, Any]], models: Sequence[str]
) -> Figure:
    """Histograms of W, the logarithm of their ratio on the line W + ln Z, and the entropy of each level.

    Arguments:
        tables: source -> columns direction, work.
        records: source -> record of the study `work`.
        models: all models of the experiment.
    """
    figure, axes = panels(len(tables), 3, width=3.5, height=3.0)
    for row, (source, table) in zip(axes, tables.items(), strict=True):
        record, look = records[source], look_of(source, models)
        forward, backward = (
            table.loc[table["direction"] == name, "work"].to_numpy() - record["minus_log_z"]
            for name in ("forward", "backward")
        )
        edges = np.histogram_bin_edges(np.concatenate([forward, backward]), BINS)
        counts = [np.histogram(values, edges)[0] for values in (forward, backward)]
        for number, label, colour in zip(counts, ("forward", "backward"), (look.colour, QUIET), strict=True):
            row[0].stairs(number / number.sum() / np.diff(edges), edges, color=colour, label=label, lw=1.6)
        row[0].axvline(0, color=INK, lw=0.8, label="where they cross")
        _crooks(row[1], edges, counts, record, look.colour)
        times = np.array(record["t"])
        produced = np.array(record["work_forward"]) - np.array(record["work_backward"])
        row[2].stairs(produced / np.diff(times), times, color=look.colour)
        row[2].axhline(0, color=INK, lw=0.8)
        row[0].set(xlabel=r"$W + \ln Z$", ylabel="density", title=look.label)
        row[0].set_ylim(top=1.45 * row[0].get_ylim()[1])
        row[1].set(xlabel=r"$W + \ln Z$", ylabel=r"$\ln\, p_F(W)/p_B(W)$")
        row[2].set(xlabel=r"$t$", ylabel=r"entropy production $d\Sigma/dt$")
        row[0].legend(fontsize=8, loc="upper right")
        row[1].legend(fontsize=8, loc="upper left")
    return figure


def _crooks(
    axis: Any, edges: np.ndarray, counts: list[np.ndarray], record: Mapping[str, Any], colour: str
) -> None:
    """Draw the logarithm of the ratio of two histograms, where both have counts, and the line of slope 1."""
    both = (counts[0] > 0) & (counts[1] > 0)
    forward, backward = (number[both] for number in counts)
    centres = (edges[:-1] + edges[1:]) / 2
    entropy = centres[both]
    ratio = np.log(forward / counts[0].sum()) - np.log(backward / counts[1].sum())
    axis.errorbar(entropy, ratio, np.sqrt(1 / forward + 1 / backward), fmt="o", color=colour)
    slope = value_with_error(record["crooks_slope"], record["crooks_slope_error"])
    shown = entropy if both.any() else centres
    ends = np.array([shown.min(), shown.max()])
    axis.plot(ends, ends, color=INK, lw=1, label=f"slope 1 (fit: {slope})")
    # Room for the legend, and no more for bins of one path.
    span = float(np.ptp(ends)) or 1.0
    axis.set_ylim(ends[0] - 0.2 * span, ends[1] + 0.4 * span)
