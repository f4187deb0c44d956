"""The weight of samples by the order parameter, from both sides: phases that a model lacks or overdoes."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.contracts.source import Source
from emulant.plots.axes import beyond_marked
from emulant.plots.style import INK, QUIET, look_of, panels, styled

__all__ = ["weight_of_order"]

LARGEST = 3.0
"""Weights beyond are triangles at the edge."""
LEAST = 3.0
"""Densities of less than this many errors are too poor for a ratio."""


@styled
def weight_of_order(
    parts: Mapping[Source, tuple[pd.DataFrame, pd.DataFrame]], reference: pd.DataFrame, models: Sequence[str]
) -> Figure:
    """P(M) of reference, samples and weighted samples, and the mean weight at M by the samples' own and by the reference.

    Arguments:
        parts: source -> rows of its samples as generated, and of the same samples by their weights.
        reference: rows of the reference; all rows have columns left, right, density and error and common bins.
        models: all models of the experiment.
    """
    figure, axes = panels(len(parts), 2, width=4.7, height=2.9)
    middle = 0.5 * (reference["left"] + reference["right"]).to_numpy()
    edges = np.append(reference["left"].to_numpy(), reference["right"].iloc[-1])
    for (left, right), (source, (raw, weighted)) in zip(axes, parts.items(), strict=True):
        look = look_of(source, models)
        left.stairs(reference["density"], edges, color=INK, lw=1.2, label="reference")
        for rows, face, label in ((raw, look.colour, "as generated"), (weighted, "none", "by its weights")):
            shown = rows["density"].where(rows["density"] > 0)
            left.plot(middle, shown, look.marker, ms=3.5, color=look.colour, mfc=face, label=label)
        right.axhline(1, color=QUIET, lw=0.8)
        _ratio(
            right, middle, weighted, raw, color=look.colour, marker="v", mfc="none", label="by its weights"
        )
        _ratio(right, middle, reference, raw, color=INK, marker="o", label="by the reference")
        left.set(xlabel="M", ylabel="p(M)", yscale="log", title=look.label)
        right.set(xlabel="M", ylabel="mean weight at M", xlim=left.get_xlim(), ylim=(0, LARGEST))
        beyond_marked(right)
        left.legend(fontsize=8)
        right.legend(fontsize=8)
    return figure


def _ratio(axis: Axes, middle: np.ndarray, above: pd.DataFrame, below: pd.DataFrame, **style: object) -> None:
    """Draw the ratio of two densities where both are told."""
    columns = [part[name].to_numpy() for part in (above, below) for name in ("density", "error")]
    one, one_error, other, other_error = columns
    told = (one > LEAST * one_error) & (other > LEAST * other_error)
    one, one_error, other, other_error = (column[told] for column in columns)
    error = one / other * np.hypot(one_error / one, other_error / other)
    axis.errorbar(middle[told], one / other, error, ls="none", ms=3.5, elinewidth=0.8, **style)
