"""Figures of emulators of observables: honesty on held-out points, which parameter each observable feels, replicas."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.source import Source
from emulant.plots.style import BAND, INK, look_of, panels, styled
from emulant.plots.symbols import parameter

__all__ = ["predictive", "sensitivity", "validation"]

NAMED = 8
"""Observables that have room for their names below an axis; more are numbered."""
OBSERVATIONS = 4
"""Of which replicas are drawn, a panel each."""


@styled
def validation(tables: Mapping[Source, pd.DataFrame], points: int, models: Sequence[str]) -> Figure:
    """R^2, and mean and root mean square of z, of every observable on held-out points.

    Arguments:
        tables: of the study `emulator`.
        points: held-out points, which set the band of two errors of the root mean square; means of z have their own.
        models: all models of the experiment.
    """
    figure, axes = panels(1, 3, width=3.4, height=2.8)
    for source, table in tables.items():
        look = look_of(source, models)
        style = {"color": look.colour, "label": look.label, "ms": 4}
        for axis, column in ((axes[0, 0], "R2"), (axes[0, 2], "rms_z")):
            axis.plot(table["observable"], table[column], look.marker, **style)
        columns = (table[name] for name in ("observable", "mean_z", "mean_z_error"))
        axes[0, 1].errorbar(*columns, fmt=look.marker, lw=0.8, **style)
    error = (2 * points) ** -0.5
    axes[0, 2].axhspan(1 - 2 * error, 1 + 2 * error, color=BAND, zorder=0)
    for axis, middle in ((axes[0, 1], 0), (axes[0, 2], 1)):
        axis.axhline(middle, color=INK, lw=0.8)
    labels = next(iter(tables.values()))[["observable", "label"]].drop_duplicates()
    if len(labels) <= NAMED:
        for axis in axes[0]:
            axis.set_xticks(labels["observable"], labels["label"])
    for axis, label in zip(axes[0], ("$R^2$", "mean of z", "root mean square of z"), strict=True):
        axis.set_xlabel("observable")
        axis.set_ylabel(label)
    lowest = min(table["R2"].min() for table in tables.values())
    axes[0, 0].set_ylim(min(0.9, lowest - 0.05), 1.02)
    axes[0, 0].legend(fontsize=9)
    return figure


@styled
def sensitivity(table: pd.DataFrame) -> Figure:
    """Share of the variance of each observable that is due to each parameter, a matrix."""
    columns = [name for name in table.columns if name.startswith("share_")]
    longest = max(map(len, table["label"].astype(str)))
    figure, axes = panels(1, 1, width=7.0, height=max(1.6, 0.5 + 0.35 * len(columns) + 0.06 * longest))
    drawn = axes[0, 0].imshow(table[columns].to_numpy().T, aspect="auto", vmin=0, vmax=1, cmap="Blues")
    axes[0, 0].set_yticks(range(len(columns)), [parameter(name.removeprefix("share_")) for name in columns])
    axes[0, 0].set_xticks(range(len(table)), table["label"], rotation=90, fontsize=7)
    axes[0, 0].grid(visible=False)
    figure.colorbar(drawn, ax=axes[0, 0], label="share of variance")
    return figure


@styled
def predictive(tables: Mapping[Source, pd.DataFrame], models: Sequence[str]) -> Figure:
    """Observations from the mean of their replicas in deviations of these, with bands of one and two."""
    numbers = sorted({n for table in tables.values() for n in table["observation"]})[:OBSERVATIONS]
    figure, axes = panels(1, len(numbers), width=3.0, height=2.6, sharey=True)
    for axis, number in zip(axes[0], numbers, strict=True):
        for width in (2, 1):
            axis.axhspan(-width, width, color=BAND, alpha=0.6, zorder=0)
        for source, table in tables.items():
            rows, look = table[table["observation"] == number], look_of(source, models)
            axis.plot(rows["observable"], rows["z"], look.marker, color=look.colour, label=look.label, ms=4)
        axis.axhline(0, color=INK, lw=0.8)
        axis.set_xlabel(f"observable of observation {number}")
        p = np.min([table.loc[table["observation"] == number, "p"].min() for table in tables.values()])
        axis.set_title(f"p = {p:.2f}", fontsize=9)
    axes[0, 0].set_ylabel("z among replicas")
    axes[0, -1].legend(fontsize=9)
    return figure
