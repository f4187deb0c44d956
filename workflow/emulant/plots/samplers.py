"""Effective samples and -ln Z of samplers against what they cost."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.source import Source
from emulant.plots.axes import beyond_marked
from emulant.plots.style import INK, QUIET, Look, look_of, panels, styled

__all__ = ["samplers"]

WITHOUT_LEARNING = {
    "annealing": ("annealed importance sampling", "-", "o"),
    "sequential": ("sequential Monte Carlo", "", "s"),
    "moves": ("the system's moves alone", "", "D"),
    "hybrid": ("Hybrid Monte Carlo alone", "", "^"),
}
"""Label, line and marker of samplers that no training makes better."""


@styled
def samplers(table: pd.DataFrame, models: Sequence[str]) -> Figure:
    """Effective part of the samples, and -ln Z with its error, against operations for each sample.

    Arguments:
        table: of the study `samplers`.
        models: all models of the experiment.
    """
    figure, axes = panels(1, 2, width=4.7, height=3.6)
    left, right = axes[0]
    for name, rows in table.groupby("sampler", sort=False):
        rows = rows.sort_values("operations")
        if name in WITHOUT_LEARNING:
            label, line, marker = WITHOUT_LEARNING[name]
            colour = INK if line else QUIET
            style = {"ls": line or "none", "marker": marker, "color": colour, "label": label, "ms": 6}
            style |= {} if line else {"mfc": "none"}
        else:
            look = look_of(Source(name), models)
            style = {"ls": "none", "marker": look.marker, "color": look.colour, "label": look.label, "ms": 8}
            _with_training(left, rows, look)
        left.errorbar(rows["operations"], rows["ess"], rows["ess_error"], **style)
        right.errorbar(rows["operations"], rows["minus_log_z"], rows["minus_log_z_error"], **style)
    best = table.loc[table["minus_log_z_error"].idxmin()]
    spread = 6 * table["minus_log_z_error"].median()
    right.set_ylim(best["minus_log_z"] - spread, best["minus_log_z"] + spread)
    right.axhline(best["minus_log_z"], color=QUIET, lw=0.8)
    left.set_ylim(0, 1.05)
    for axis in (left, right):
        axis.set_xscale("log")
        beyond_marked(axis)
        axis.set_xlabel("operations for each sample")
    left.set_ylabel("effective part of the samples")
    right.set_ylabel(r"$-\ln Z$")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def _with_training(axis: Any, rows: pd.DataFrame, look: Look) -> None:
    """Draw a model once more where its training is shared among its samples, open and joined to the first."""
    counted = rows["operations"] + rows["training_operations"] / rows["samples"]
    for alone, total, ess in zip(rows["operations"], counted, rows["ess"], strict=True):
        axis.plot([alone, total], [ess, ess], ":", color=look.colour, lw=1)
    axis.plot(counted, rows["ess"], ls="none", marker=look.marker, mfc="none", color=look.colour)
