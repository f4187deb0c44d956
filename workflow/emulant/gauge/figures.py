"""Figures of gauge theories: the law of the topological charge, Wilson loops, histories, freezing, weights by sector."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from emulant.contracts.figure import Figure as Shown
from emulant.contracts.figure import Results
from emulant.contracts.source import REFERENCE, Source, of_source, sources_in
from emulant.gauge import scan_figures, sweep_figures
from emulant.plots.style import BAND, INK, PALETTE, QUIET, look_of, panels, styled

__all__ = ["against_exact", "figures", "freezing", "histories", "sectors"]

SMALLEST = 1e-4
"""Probability below which no sample of a laptop's ensembles lies."""
HALF = 0.3
"""Half of the width of an exact value; points of all sources stand within half of it on either side."""

OF_STUDIES = sweep_figures.figures | scan_figures.figures


@styled
def against_exact(
    table: pd.DataFrame,
    exact: Mapping[int, float],
    sources: Sequence[Source],
    models: Sequence[str],
    labels: tuple[str, str],
) -> Figure:
    """Values of an observable by its index on bars at the exact ones, and their pulls below; corrected ensembles open.

    Arguments:
        table: rows of one observable, columns model, variant, index, value, error.
        exact: index -> value.
        sources: what to show.
        models: all models of the experiment.
        labels: of abscissa and ordinate.
    """
    figure, axes = panels(2, 1, width=5.6, height=2.6, ratios=[1.3, 0.8], sharex="col")
    top, bottom = axes[:, 0]
    index = np.array(sorted(exact))
    line = np.array([exact[i] for i in index])
    top.plot(index, line, ":", color=QUIET, lw=0.8, zorder=1)
    top.hlines(line, index - HALF, index + HALF, color=QUIET, lw=1.2, label="exact", zorder=1)
    bottom.axhspan(-1, 1, color=BAND, zorder=0)
    bottom.axhline(0, color=INK, lw=0.8)
    for number, source in enumerate(sources):
        look, rows = look_of(source, models), of_source(table, source).sort_values("index")
        rows = rows[(rows["value"] > 0) & rows["index"].isin(exact)]
        abscissa = rows["index"] + HALF * (number / max(len(sources) - 1, 1) - 0.5)
        drawn = {
            "fmt": look.marker,
            "color": look.colour,
            "ms": 4,
            "elinewidth": 1.0,
            "mfc": look.colour if source.raw else "white",
        }
        top.errorbar(abscissa, rows["value"], rows["error"], label=look.label, **drawn)
        uncertain = rows["error"] > 0
        pull = (rows["value"] - rows["index"].map(exact)) / rows["error"].where(uncertain)
        bottom.plot(
            abscissa, pull.clip(-6, 6), look.marker, color=look.colour, ms=4, mfc=drawn["mfc"], ls="none"
        )
    bottom.xaxis.set_major_locator(MaxNLocator(integer=True))
    top.set_yscale("log")
    top.set_ylim(bottom=max(0.3 * line[line > 0].min(), SMALLEST))
    top.set_ylabel(labels[1])
    bottom.set(xlabel=labels[0], ylabel="pull", ylim=(-6.5, 6.5))
    top.legend(fontsize=8)
    return figure


@styled
def histories(series: Mapping[str, np.ndarray], colours: Mapping[str, str]) -> Figure:
    """Q of one chain after another, a panel each.

    Arguments:
        series: label -> Q.
        colours: by label.
    """
    figure, axes = panels(len(series), 1, width=6.4, height=1.0, sharex=True, sharey=True)
    for axis, (label, charge) in zip(axes[:, 0], series.items(), strict=True):
        axis.step(np.arange(1, len(charge) + 1), charge, where="mid", color=colours[label], lw=0.8)
        axis.set_title(label, loc="left", fontsize=9)
        axis.set_ylabel(r"$Q$")
        axis.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes[-1, 0].set_xlabel("trajectory or sample")
    return figure


@styled
def freezing(table: pd.DataFrame) -> Figure:
    """Autocorrelation times against beta with and without the shift, and <Q^2> over its exact value."""
    figure, axes = panels(1, 2, width=4.7, height=3.4)
    left, right = axes[0]
    for q_shift, colour, words in ((False, PALETTE[1], "HMC"), (True, PALETTE[0], "HMC and shift of Q")):
        rows = table[table["q_shift"] == q_shift].sort_values("beta")
        for name, marker, symbol in (("charge_squared", "o", r"$Q^2$"), ("loop", "s", r"$W_{2\times2}$")):
            drawn = {"marker": marker, "color": colour, "ls": "-" if marker == "o" else ":"}
            error = rows[f"tau_{name}_error"]
            left.errorbar(rows["beta"], rows[f"tau_{name}"], error, label=f"{symbol}, {words}", **drawn)
        ratio, error = (rows[key] / rows["exact"] for key in ("charge_squared", "charge_squared_error"))
        right.errorbar(rows["beta"], ratio, error, fmt="o", color=colour, label=words)
    longest = float(table["trajectories"].max())
    left.axhline(longest / 20, color=QUIET, lw=0.8)
    left.set(yscale="log", xlabel=r"$\beta$", ylabel=r"$\tau_\mathrm{int}$ in trajectories")
    left.legend(fontsize=8)
    right.axhline(1, color=INK, lw=0.8)
    right.set(xlabel=r"$\beta$", ylabel=r"$\langle Q^2\rangle$ over exact")
    right.legend(fontsize=8)
    return figure


@styled
def sectors(tables: Mapping[Source, pd.DataFrame], models: Sequence[str]) -> Figure:
    """Effective part of the samples in each sector |Q|, and as a line of all of them.

    Arguments:
        tables: source -> table of the study `sectors`.
        models: all models of the experiment.
    """
    figure, axes = panels(1, 1, width=5.2, height=3.4)
    axis = axes[0, 0]
    for number, (source, table) in enumerate(tables.items()):
        look, rows = look_of(source, models), table[table["direction"] == "reverse"]
        whole, inside = rows[rows["sector"] == "all"], rows[rows["sector"] != "all"]
        abscissa = inside["sector"].astype(int) + 0.08 * number
        axis.errorbar(
            abscissa, inside["ess"], inside["ess_error"], fmt=look.marker, color=look.colour, label=look.label
        )
        axis.axhline(float(whole["ess"].iloc[0]), color=look.colour, lw=0.8, ls="--")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set(xlabel=r"$|Q|$", ylabel="effective part of the samples", ylim=(0, 1.05))
    axis.legend(fontsize=8)
    return figure


def _on_exact(name: str, labels: tuple[str, str], title: str, caption: str) -> Shown:
    """Declare the figure of an observable against its exact values."""

    def draw(results: Results) -> Iterator[tuple[str, Any]]:
        table = results.table("observables")
        rows = table[table["observable"] == name] if len(table) else table
        exact = {
            row["index"]: row["value"]
            for row in results.system.exact_values()
            if row["observable"] == name and row["value"] > SMALLEST
        }
        # A training sample may have been drawn at other couplings.
        wanted = [*results.raw(), *results.variants()]
        several = sources_in(rows) if len(rows) else []
        shown = [s for s in several if s in wanted or s.variant == "weighted"]
        if shown and exact:
            yield name, against_exact(rows, exact, shown, results.models, labels)

    return Shown(draw, title, caption, half=True)


def _histories(results: Results) -> Iterator[tuple[str, Any]]:
    table = results.table("history")
    if not len(table):
        return
    series, colours = {}, {}
    for q_shift, label, colour in (
        (False, "HMC from a cold start", QUIET),
        (True, "HMC with shifts of Q", INK),
    ):
        series[label] = table[table["q_shift"] == q_shift]["charge"].to_numpy()
        colours[label] = colour
    sources = [source for source in results.raw() if source != REFERENCE]
    for source, links in results.first_samples(sources, len(series[label])):
        look = look_of(source, results.models)
        series[look.label], colours[look.label] = results.system.view(links).charge, look.colour
    yield "history", histories(series, colours)


def _freezing(results: Results) -> Iterator[tuple[str, Any]]:
    if len(table := results.table("freezing")):
        yield "freezing", freezing(table)


def _sectors(results: Results) -> Iterator[tuple[str, Any]]:
    if tables := results.tables("sectors"):
        yield "sectors", sectors(tables, results.models)


figures = {
    "charge_distribution": _on_exact(
        "charge_distribution",
        (r"$Q$", r"$P(Q)$"),
        "Topological charge",
        "Probability of each sector as generated and, open, reweighted or swept, on the exact law of this volume. Points are"
        " shifted sideways for clarity, and dots lead the eye; a sector that few samples reach has an error too coarse for a"
        " test.",
    ),
    "wilson_loop": _on_exact(
        "wilson_loop",
        ("area", r"$W$"),
        "Wilson loops",
        "Loops of R × R and R × (R + 1) plaquettes by their area, as generated and, open, reweighted or swept, on the"
        " exact law.",
    ),
    "sectors": Shown(
        _sectors,
        "Effective samples in each sector",
        "Effective part of the samples inside each sector of the charge, and dashed of all samples. Where sectors are good"
        " and the whole is not, only the weights of the sectors are wrong.",
        half=True,
    ),
    "history": Shown(
        _histories,
        "History of the charge",
        "Hybrid Monte Carlo from a cold start without and with proposals of Q ± 1, and as many successive samples of each"
        " model.",
    ),
    "freezing": Shown(
        _freezing,
        "Freezing of the charge",
        "Integrated autocorrelation times of Q² and of a Wilson loop against β, along chains that began in equilibrium."
        " Above the grey line the chains are too short to tell; right, ⟨Q²⟩ of the same chains.",
    ),
} | OF_STUDIES
