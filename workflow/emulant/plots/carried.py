"""What a model that was trained at some couplings on one lattice reaches at others, and on others."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.source import Source
from emulant.plots.style import look_of, panels, styled

__all__ = ["couplings", "lattices"]


@styled
def couplings(tables: Mapping[Source, pd.DataFrame], models: Sequence[str]) -> Figure:
    """Effective part of the samples and -ln Z against a parameter; filled where training had its value.

    Arguments:
        tables: source -> columns parameter, value, trained, ess, minus_log_z and their errors.
        models: all models of the experiment.
    """
    figure, axes = panels(1, 2, width=4.7, height=3.2)
    for source, table in tables.items():
        look = look_of(source, models)
        for axis, name in zip(axes[0], ("ess", "minus_log_z"), strict=True):
            axis.plot(table["value"], table[name], "-", color=look.colour, lw=0.8, alpha=0.5)
            for trained, rows in table.groupby("trained"):
                style = {"ls": "none", "marker": look.marker, "color": look.colour}
                style |= {"mfc": look.colour if trained else "none", "label": look.label if trained else None}
                axis.errorbar(rows["value"], rows[name], rows[f"{name}_error"], **style)
            axis.set_xlabel(table["parameter"].iloc[0])
    axes[0, 0].set(ylabel="effective part of the samples", ylim=(0, 1.05))
    axes[0, 1].set_ylabel(r"$-\ln Z$")
    axes[0, 0].legend()
    return figure


@styled
def lattices(tables: Mapping[Source, pd.DataFrame], models: Sequence[str]) -> Figure:
    """Effective part of the samples against the number of sites, before and after further rounds of a fit.

    Arguments:
        tables: source -> columns sites, rounds, ess and its error.
        models: all models of the experiment.
    """
    figure, axes = panels(1, 1, width=5.6, height=3.6)
    axis = axes[0, 0]
    for source, table in tables.items():
        look = look_of(source, models)
        for rounds, rows in table.sort_values("sites").groupby("rounds"):
            style = {"ls": "none", "marker": look.marker, "color": look.colour}
            style |= {"mfc": look.colour if rounds else "none", "label": f"{look.label}, {rounds} rounds"}
            axis.errorbar(rows["sites"], rows["ess"], rows["ess_error"], **style)
            sites, last = np.linspace(0, rows["sites"].max(), 100), rows.iloc[-1]
            axis.plot(sites, last["ess"] ** (sites / last["sites"]), ":", color=look.colour, lw=1)
    axis.set(xlabel=r"sites $V$", ylabel="effective part of the samples", ylim=(0, 1.05))
    axis.legend()
    return figure
