"""Figures of worldlines: the density against mu, fluxes of a configuration, and where their conservation is broken."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.source import Source, of_source
from emulant.plots.style import BAND, INK, PALETTE, QUIET, look_of, panels, styled
from emulant.worldlines.dual import divergence

__all__ = ["against_mu", "breaks", "fluxes", "onset"]

THICK = 1.6
"""Width of the line of one unit of flux."""


@styled
def onset(table: pd.DataFrame) -> Figure:
    """Draw the density against mu, a line for each extent in time.

    Arguments:
        table: columns extent, mu, density, density_error.
    """
    figure, axes = panels(1, 1, width=5.6, height=3.6)
    axis = axes[0, 0]
    for (extent, rows), colour in zip(table.groupby("extent"), PALETTE, strict=False):
        rows = rows.sort_values("mu")
        label = rf"$N_t = {extent}$"
        axis.errorbar(
            rows["mu"], rows["density"], rows["density_error"], marker="o", ms=3, color=colour, label=label
        )
    axis.set(xlabel=r"$\mu$", ylabel=r"$n$")
    axis.legend()
    return figure


@styled
def against_mu(tables: Mapping[Source, pd.DataFrame], models: Sequence[str]) -> Figure:
    """Density of models as generated and weighted on that by worms, the pull of the weighted one, and the effective part.

    Arguments:
        tables: source -> table of the study `chemical_potentials`.
        models: all models of the experiment.
    """
    figure, axes = panels(3, 1, width=5.6, height=2.1, sharex=True)
    top, middle, bottom = axes[:, 0]
    middle.axhspan(-1, 1, color=BAND, zorder=0)
    worms = next(iter(tables.values()))
    top.errorbar(
        worms["mu"], worms["worm_density"], worms["worm_density_error"], color=QUIET, lw=1.2, label="worms"
    )
    for source, table in tables.items():
        look = look_of(source, models)
        drawn = {"fmt": look.marker, "ms": 4, "color": look.colour}
        top.errorbar(table["mu"], table["raw_density"], table["raw_density_error"], label=look.label, **drawn)
        top.errorbar(table["mu"], table["density"], table["density_error"], mfc="white", **drawn)
        error = np.hypot(table["density_error"], table["worm_density_error"])
        middle.plot(
            table["mu"],
            (table["density"] - table["worm_density"]) / error,
            look.marker,
            ms=4,
            color=look.colour,
            mfc="white",
        )
        bottom.errorbar(table["mu"], table["ess"], table["ess_error"], **drawn)
    top.set_ylabel(r"$n$")
    top.legend(fontsize=8)
    middle.axhline(0, color=INK, lw=0.8)
    middle.set_ylabel("pull, weighted")
    bottom.set(xlabel=r"$\mu$", ylabel="effective part", ylim=(0, 1.05))
    return figure


@styled
def fluxes(configurations: Mapping[str, np.ndarray]) -> Figure:
    """Draw k of one configuration (4, L_s, L_t) of each source as lines; circles are sites where it is not conserved.

    Arguments:
        configurations: label -> configuration.
    """
    figure, axes = panels(1, len(configurations), width=3.6, height=3.8)
    for axis, (label, configuration) in zip(axes[0], configurations.items(), strict=True):
        flux = configuration[:2].astype(int)
        for direction, step in enumerate(((1, 0), (0, 1))):
            for x, t in np.argwhere(flux[direction]):
                charge = flux[direction, x, t]
                colour = PALETTE[0] if charge > 0 else PALETTE[1]
                ends = (x, x + step[0]), (t, t + step[1])
                axis.plot(*ends, color=colour, lw=THICK * abs(charge), solid_capstyle="round")
        broken = np.argwhere(divergence(flux[None])[0])
        axis.plot(*broken.T, "o", ms=6, mfc="none", color=INK, ls="none")
        axis.set(xlabel="space", xticks=[], yticks=[], aspect="equal")
        axis.set_title(label, color=QUIET)
        axis.grid(visible=False)
    axes[0, 0].set_ylabel("time")
    return figure


@styled
def breaks(table: pd.DataFrame, sources: Sequence[Source], models: Sequence[str]) -> Figure:
    """Draw the part of the sites by |div k|, a group of bars for each value.

    Arguments:
        table: rows of the observable `divergence`.
        sources: what to show.
        models: all models of the experiment.
    """
    figure, axes = panels(1, 1, width=5.2, height=3.2)
    axis, width = axes[0, 0], 0.8 / len(sources)
    for number, source in enumerate(sources):
        look, rows = look_of(source, models), of_source(table, source)
        shift = width * (number - (len(sources) - 1) / 2)
        axis.bar(rows["index"] + shift, rows["value"], width, color=look.colour, label=look.label)
    largest = int(table["index"].max())
    axis.set(xlabel=r"$|\partial k|$", ylabel="part of the sites", yscale="log", ylim=(1e-5, 2))
    axis.set_xticks(range(largest + 1), [*map(str, range(largest)), f"≥ {largest}"])
    axis.legend(fontsize=8)
    return figure
