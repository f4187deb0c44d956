"""Figures of posteriors: ranks, coverage, recovered parameters, and the posterior of one observation."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

from emulant.contracts.source import Source
from emulant.plots.format import value_with_error
from emulant.plots.style import BAND, INK, look_of, panels, styled
from emulant.plots.symbols import parameter
from emulant.statistics.calibration import randomised_ranks

__all__ = ["corner", "coverage", "intervals", "ranks", "recovery"]

BINS = 16
"""Of a histogram of ranks: some hundred observations leave dozens in each."""
CREDIBILITIES = np.linspace(0.02, 0.98, 49)
POINTS = 200
"""Observations of a scatter: more would hide each other."""
Drawn = Mapping[Source, tuple[np.ndarray, np.ndarray]]
"""Source -> truth (N, d) and draws (D, N, d)."""


def _ranks(drawn: Drawn) -> dict[Source, np.ndarray]:
    """Randomised ranks of each source, (N, d), by the same random numbers."""
    return {source: randomised_ranks(*both, np.random.default_rng(0)) for source, both in drawn.items()}


@styled
def ranks(drawn: Drawn, names: Sequence[str], models: Sequence[str]) -> Figure:
    """Histograms of the ranks of the truth, with the band that 99 % of right bins lie in."""
    figure, axes = panels(1, len(names), width=3.2, height=2.8, sharey=True)
    edges = np.linspace(0, 1, BINS + 1)
    for source, u in _ranks(drawn).items():
        look = look_of(source, models)
        for axis, column in zip(axes[0], u.T, strict=True):
            share = np.histogram(column, edges)[0] * BINS / len(column)
            axis.stairs(share, edges, color=look.colour, label=look.label, lw=1.6)
    count = min(len(truth) for truth, _ in drawn.values())
    low, high = (stats.binom(count, 1 / BINS).ppf(q) * BINS / count for q in (0.005, 0.995))
    for axis, name in zip(axes[0], names, strict=True):
        axis.axhspan(low, high, color=BAND, zorder=0)
        axis.axhline(1, color=INK, lw=0.8)
        axis.set_xlabel(f"rank of {name} among draws")
    axes[0, 0].set_ylabel("density")
    axes[0, 0].set_ylim(bottom=0)
    axes[0, -1].legend(fontsize=9)
    return figure


@styled
def coverage(drawn: Drawn, names: Sequence[str], models: Sequence[str]) -> Figure:
    """Share of observations whose truth lies in the central interval, less its credibility, with a band of 95 %."""
    figure, axes = panels(1, len(names), width=3.2, height=2.8, sharey=True)
    for source, u in _ranks(drawn).items():
        look = look_of(source, models)
        inside = np.abs(u - 0.5)[:, None] < CREDIBILITIES[:, None] / 2
        for axis, share in zip(axes[0], inside.mean(0).T, strict=True):
            axis.plot(CREDIBILITIES, share - CREDIBILITIES, color=look.colour, label=look.label)
    count = min(len(truth) for truth, _ in drawn.values())
    band = 1.96 * np.sqrt(CREDIBILITIES * (1 - CREDIBILITIES) / count)
    for axis, name in zip(axes[0], names, strict=True):
        axis.fill_between(CREDIBILITIES, -band, band, color=BAND, zorder=0)
        axis.axhline(0, color=INK, lw=0.8)
        axis.set_xlabel(f"credibility, {name}")
    axes[0, 0].set_ylabel("coverage − credibility")
    axes[0, -1].legend(fontsize=9)
    return figure


@styled
def recovery(drawn: Drawn, names: Sequence[str], models: Sequence[str]) -> Figure:
    """Means and deviations of posteriors against the truth, a row a model."""
    figure, axes = panels(len(drawn), len(names), width=3.0, height=2.6, sharex="col", sharey="col")
    for row, (source, (truth, draws)) in zip(axes, drawn.items(), strict=True):
        look, some = look_of(source, models), slice(0, POINTS)
        mean, deviation = draws.mean(0)[some], draws.std(0)[some]
        for k, (axis, name) in enumerate(zip(row, names, strict=True)):
            style = {"fmt": look.marker, "ms": 3, "color": look.colour, "elinewidth": 0.5, "alpha": 0.6}
            axis.errorbar(truth[some, k], mean[:, k], deviation[:, k], **style)
            axis.axline((truth[0, k], truth[0, k]), slope=1, color=INK, lw=0.8)
            axis.set_title(f"{look.label}: {name}", fontsize=9)
    for axis in axes[-1]:
        axis.set_xlabel("truth")
    for axis in axes[:, 0]:
        axis.set_ylabel("posterior")
    return figure


@styled
def corner(drawn: Drawn, names: Sequence[str], models: Sequence[str], number: int = 0) -> Figure:
    """The posterior of observation `number`: histograms, pairs of parameters, and the truth."""
    count = len(names)
    figure, axes = panels(count, count, width=2.3, height=2.1, sharex="col")
    (truth, _), *_ = drawn.values()
    for source, (_, draws) in drawn.items():
        look, sample = look_of(source, models), draws[:, number]
        for i in range(count):
            axes[i, i].hist(
                sample[:, i], BINS, density=True, histtype="step", color=look.colour, label=look.label
            )
            for j in range(i):
                axes[i, j].plot(sample[:, j], sample[:, i], ".", ms=2.5, color=look.colour, alpha=0.5)
    for i in range(count):
        axes[i, i].axvline(truth[number, i], color=INK, lw=0.9)
        axes[i, i].set_yticks([])
        for j in range(count):
            if j > i:
                axes[i, j].set_axis_off()
            elif j < i:
                axes[i, j].plot(truth[number, j], truth[number, i], "+", color=INK, ms=10)
        axes[-1, i].set_xlabel(names[i])
    for i in range(1, count):
        axes[i, 0].set_ylabel(names[i])
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper right", fontsize=8)
    return figure


@styled
def intervals(tables: Mapping[Source, pd.DataFrame], models: Sequence[str]) -> Figure:
    """Posteriors of measured values: mean, deviation and central 95 % of each parameter, beside the width of its prior.

    Arguments:
        tables: of the study `measured`.
        models: all models of the experiment.
    """
    (first, *_) = tables.values()
    figure, axes = panels(len(first), 1, width=6.0, height=0.7)
    for axis, name in zip(axes[:, 0], first["parameter"], strict=True):
        words = []
        for height, (source, table) in enumerate(tables.items()):
            row, look = table.set_index("parameter").loc[name], look_of(source, models)
            prior = row["deviation"] / row["shrinkage"]
            axis.barh(height, 2 * prior, 0.9, row["mean"] - prior, color=BAND, zorder=0)
            axis.plot([row["low"], row["high"]], [height, height], color=look.colour, lw=1)
            axis.errorbar(
                row["mean"], height, xerr=row["deviation"], fmt=look.marker, color=look.colour, lw=3
            )
            words.append(f"{look.label}: {value_with_error(row['mean'], row['deviation'])}")
        axis.set_yticks([])
        axis.set_ylabel(parameter(name), rotation=0, ha="right", va="center")
        axis.set_title("   ".join(words), fontsize=9, loc="left", pad=2)
    return figure
