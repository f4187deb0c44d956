"""Figures: the density against the chemical potential, on lattices of growing extent in time."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.figure import Figure as Shown
from emulant.contracts.figure import Results
from emulant.contracts.source import of_source
from emulant.plots.style import BAND, INK, PALETTE, panels, styled
from emulant.systems.bose_gas.views import QUANTITIES
from emulant.worldlines.action import Observables

__all__ = ["figures", "learned", "silver_blaze"]

LABELS = (r"$\rho$", r"$\langle|\phi|^2\rangle$", r"$\langle|\phi|^4\rangle$")
"""Of QUANTITIES."""
DODGE = 0.006
"""Shift of the points of different extents in mu, less than the width of a symbol."""


@styled
def silver_blaze(table: pd.DataFrame) -> Figure:
    """Density by worldlines (bars) and complex Langevin (points, open where not trusted), and their pulls below.

    Arguments:
        table: columns method, mu, extent, trusted, density, density_error.
    """
    figure, axes = panels(2, 1, width=6.4, height=2.5, sharex=True)
    above, below = axes[:, 0]
    below.axhspan(-2, 2, color=BAND, zorder=0)
    below.axhline(0, color=INK, lw=0.8)
    extents = sorted(set(table["extent"]))
    for number, (extent, colour) in enumerate(zip(extents, PALETTE, strict=False)):
        rows = table[table["extent"] == extent].sort_values("mu")
        exact, langevin = (rows[rows["method"] == m].set_index("mu") for m in ("worldline", "langevin"))
        above.errorbar(
            exact.index,
            exact["density"],
            exact["density_error"],
            fmt="_",
            color=colour,
            ms=11,
            mew=1.4,
        )
        above.plot(exact.index, exact["density"], ":", color=colour, lw=0.9)
        mu = langevin.index.to_numpy() + DODGE * (number - (len(extents) - 1) / 2)
        error = np.hypot(langevin["density_error"], exact.loc[langevin.index, "density_error"])
        pull = (langevin["density"] - exact.loc[langevin.index, "density"]) / error
        for trusted, face in ((True, colour), (False, "white")):
            chosen = (langevin["trusted"] == trusted).to_numpy()
            look = {"fmt": "o", "ms": 4, "color": colour, "mfc": face, "lw": 0.9}
            above.errorbar(mu[chosen], langevin["density"][chosen], langevin["density_error"][chosen], **look)
            below.plot(mu[chosen], pull[chosen], "o", ms=4, color=colour, mfc=face)
        above.plot([], [], "o", ms=4, color=colour, label=rf"$N_\tau = {extent}$")
    above.plot([], [], "_", ms=11, mew=1.4, color=INK, label="worldlines")
    above.plot([], [], "o", ms=4, color=INK, label="complex Langevin")
    above.set_ylabel(r"$\rho$")
    above.legend()
    below.set(xlabel=r"$\mu$", ylabel="pull")
    return figure


@styled
def learned(observables: pd.DataFrame, exact: pd.DataFrame, trained_at: Sequence[float]) -> Figure:
    """Density of a model (points, open where no training was) on worldlines (bars), and pulls of all quantities below.

    Arguments:
        observables: of the model, columns observable, index (from 1, the number of the chemical potential), value, error.
        exact: worldlines on the same lattice by rising mu, columns of `silver_blaze`.
        trained_at: chemical potentials that training saw.
    """
    figure, axes = panels(2, 1, width=6.4, height=2.5, sharex=True)
    above, below = axes[:, 0]
    below.axhspan(-2, 2, color=BAND, zorder=0)
    below.axhline(0, color=INK, lw=0.8)
    mu = exact["mu"].to_numpy()
    faces = ["seen" if value in trained_at else "unseen" for value in mu]
    above.errorbar(
        mu, exact["density"], exact["density_error"], fmt="_", color=INK, ms=11, mew=1.4, label="worldlines"
    )
    for number, (name, column) in enumerate(zip(QUANTITIES, Observables._fields, strict=True)):
        rows = observables[observables["observable"] == name].sort_values("index")
        error = np.hypot(rows["error"].to_numpy(), exact[f"{column}_error"].to_numpy())
        pull = (rows["value"].to_numpy() - exact[column].to_numpy()) / error
        for k, face in enumerate(faces):
            colour, x = PALETTE[number], mu[k] + DODGE * (number - 1)
            look = {
                "fmt": "o",
                "ms": 4,
                "color": colour,
                "mfc": colour if face == "seen" else "white",
                "lw": 0.9,
            }
            if number == 0:
                above.errorbar(mu[k], rows["value"].iloc[k], rows["error"].iloc[k], **look)
            below.errorbar(x, pull[k], **look)
        below.plot([], [], "o", ms=4, color=PALETTE[number], label=LABELS[number])
    above.plot([], [], "o", ms=4, color=PALETTE[0], label="model")
    above.plot([], [], "o", ms=4, color=PALETTE[0], mfc="white", label="model, between its trainings")
    above.set_ylabel(r"$\rho$")
    above.legend()
    below.set(xlabel=r"$\mu$", ylabel="pull")
    below.legend(ncol=3)
    return figure


def _draw_learned(results: Results) -> Iterator[tuple[str, Figure]]:
    scan, observables = results.table("silver_blaze"), results.table("observables")
    if not len(scan) or not len(observables):
        return
    extent = results.settings["shape"][-1]
    exact = scan[(scan["method"] == "worldline") & (scan["extent"] == extent)].sort_values("mu")
    for source, record in results.records("model").items():
        rows = of_source(observables, source)
        if len(rows) and sorted(results.settings["mu"]) == list(results.settings["mu"]):
            yield f"learned_{source.model}", learned(rows, exact, record["settings"]["trained_at"])


def _draw(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("silver_blaze")
    if len(table):
        yield "silver_blaze", silver_blaze(table)


figures = {
    "silver_blaze": Shown(
        _draw,
        "Silver Blaze",
        "The charge density of the Bose gas for growing extent in time, that is falling temperature: below the"
        " threshold it vanishes, although the chemical potential is in every weight. Bars are worldlines, which have"
        " no sign problem, joined by dotted lines for the eye alone; points are complex Langevin, open where it is not to"
        " be trusted. Below, their difference over the combined error, with a band of ±2.",
    ),
    "learned": Shown(
        _draw_learned,
        "Learned density",
        "The charge density of a model of the complexified field against the chemical potential, open where no training was,"
        " on worldlines (bars). Below, differences of density, |φ|² and |φ|⁴ from worldlines over the combined error, with"
        " a band of ±2.",
    ),
}
