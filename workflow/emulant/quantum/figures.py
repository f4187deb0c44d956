"""Figures of closed paths: wave function, levels, energies against the spacing and against the temperature."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.source import Source, of_source
from emulant.plots.style import BAND, INK, QUIET, look_of, panels, styled
from emulant.quantum.continuum import continuum_energies
from emulant.quantum.exact_values import bin_edges
from emulant.quantum.transfer_matrix import TransferMatrix

__all__ = ["against_spacing", "against_temperature", "levels", "wave_function"]

SPREAD = 0.6
"""Part of the distance of two levels over which the points of one are spread sideways."""


@styled
def wave_function(
    table: pd.DataFrame, matrix: TransferMatrix, sources: Sequence[Source], models: Sequence[str]
) -> Figure:
    """Density of the position on the exact one and on |psi_0|^2, with the potential; pulls below.

    Arguments:
        table: rows of `density`, columns model, variant, index, value, error, and exact.
        matrix: of the system.
        sources: what to show.
        models: all models of the experiment.
    """
    figure, axes = panels(2, 1, width=5.6, height=2.8, ratios=[1.4, 0.7], sharex="col")
    top, bottom = axes[:, 0]
    edges = bin_edges(matrix, table["index"].nunique())
    centres = (edges[1:] + edges[:-1]) / 2
    inside = (matrix.grid > edges[0]) & (matrix.grid < edges[-1])
    x = matrix.grid[inside]
    top.plot(x, matrix.probability[inside] / matrix.step, color=INK, lw=2.6, alpha=0.35, label="exact")
    top.plot(x, matrix.ground_state[inside], "--", color=INK, lw=1.0, label=r"$|\psi_0|^2$")
    height = 1.25 * float(matrix.probability.max()) / matrix.step
    potential = matrix.potential(x) - matrix.potential.floor
    top.plot(
        x, potential * height / (4 * matrix.energies[1] - 4 * matrix.potential.floor), color=QUIET, lw=0.8
    )
    bottom.axhspan(-1, 1, color=BAND, zorder=0)
    bottom.axhline(0, color=INK, lw=0.8)
    for source in sources:
        look, rows = look_of(source, models), of_source(table, source).sort_values("index")
        drawn = {"color": look.colour, "marker": look.marker, "ms": 4, "ls": "none"}
        top.plot(centres, rows["value"], label=look.label, **drawn)
        pull = (rows["value"] - rows["exact"]) / rows["error"].where(rows["error"] > 0)
        bottom.plot(centres, pull.clip(-6, 6), **drawn)
    top.set(ylim=(0, height), ylabel=r"$\rho(x)$")
    bottom.set(xlabel="$x$", ylabel="pull", ylim=(-6.5, 6.5))
    top.legend(fontsize=8)
    return figure


@styled
def levels(
    points: Mapping[Source, Sequence[tuple[int, float, float]]],
    matrix: TransferMatrix,
    models: Sequence[str],
) -> Figure:
    """E_0, E_1 - E_0 and E_2 - E_0 in per cent of what is exact at this spacing, a panel each, with a = 0 as a line.

    Arguments:
        points: source -> level, value and error of each.
        matrix: of the system.
        models: all models of the experiment.
    """
    exact, continuum = _differences(matrix.energies), _differences(_limit(matrix))
    figure, axes = panels(1, 3, width=2.6, height=3.0)
    for level, axis in enumerate(axes[0]):
        axis.axhline(0, color=INK, lw=2.6, alpha=0.35)
        axis.axhline(100 * (continuum[level] / exact[level] - 1), color=QUIET, ls="--", lw=1.0)
        for number, (source, rows) in enumerate(points.items()):
            look = look_of(source, models)
            chosen = [(value, error) for index, value, error in rows if index == level]
            for value, error in chosen:
                off, bar = 100 * (value / exact[level] - 1), 100 * error / abs(exact[level])
                shift = SPREAD * (number / max(len(points) - 1, 1) - 0.5)
                face = "white" if source.variant else look.colour
                drawn = {"fmt": look.marker, "color": look.colour, "mfc": face, "ms": 5, "elinewidth": 1.0}
                axis.errorbar(shift, off, bar, label=look.label, **drawn)
        name = "$E_0$" if level == 0 else f"$E_{level} - E_0$"
        axis.set_title(f"{name} = {exact[level]:.5f}")
        axis.set(xticks=[], xlim=(-0.6, 0.6))
    axes[0, 0].set_ylabel("off the exact value at this $a$ [%]")
    handles = {
        label: h for axis in axes[0] for h, label in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, fontsize=8)
    return figure


@styled
def against_spacing(
    table: pd.DataFrame, limits: Mapping[str, Mapping[str, float]], continuum: float, models: Sequence[str]
) -> Figure:
    """E_0 against a^2 of each flow on the exact energies, and the extrapolations at a = 0.

    Arguments:
        table: of the study `continuum`.
        limits: sampler -> energy and error, extrapolated.
        continuum: E_0 at a = 0.
        models: all models of the experiment.
    """
    figure, axes = panels(1, 1, width=5.2, height=3.4)
    axis = axes[0, 0]
    exact = table.drop_duplicates("spacing").sort_values("spacing")
    axis.plot(exact["spacing"] ** 2, exact["exact"], color=INK, lw=2.6, alpha=0.35, label="exact")
    axis.axhline(continuum, color=QUIET, ls="--", lw=1.0, label="exact, $a = 0$")
    width = float((exact["spacing"] ** 2).max())
    for number, (name, rows) in enumerate(table.groupby("sampler", sort=False)):
        look, shift = look_of(Source(str(name)), models), 0.008 * number * width
        drawn = {"fmt": look.marker, "color": look.colour, "ms": 5, "elinewidth": 1.0}
        axis.errorbar(
            rows["spacing"] ** 2 + shift, rows["energy"], rows["energy_error"], label=look.label, **drawn
        )
        limit = limits[str(name)]
        axis.errorbar(shift, limit["energy"], limit["error"], mfc="white", **drawn)
    axis.set(xlabel="$a^2$", ylabel="$E_0(a)$")
    axis.legend(fontsize=8)
    return figure


@styled
def against_temperature(
    table: pd.DataFrame, curve: tuple[np.ndarray, np.ndarray], models: Sequence[str]
) -> Figure:
    """Energy and effective part against T; full symbols where the flow was trained, crosses without weights.

    Arguments:
        table: of the study `temperatures`.
        curve: temperatures and exact energies.
        models: all models of the experiment.
    """
    figure, axes = panels(1, 2, width=4.6, height=3.3)
    left, right = axes[0]
    left.plot(*curve, color=INK, lw=2.6, alpha=0.35, label="exact")
    for name, rows in table.groupby("sampler", sort=False):
        look = look_of(Source(str(name)), models)
        left.plot(rows["temperature"], rows["raw"], "x", color=look.colour, ms=5, ls="none")
        for part, face in ((rows[rows["trained"]], look.colour), (rows[~rows["trained"]], "white")):
            drawn = {"fmt": look.marker, "color": look.colour, "mfc": face, "ms": 5, "elinewidth": 1.0}
            label = look.label if face != "white" else None
            left.errorbar(part["temperature"], part["energy"], part["energy_error"], label=label, **drawn)
            right.errorbar(part["temperature"], part["ess"], part["ess_error"], **drawn)
    left.set(xlabel="$T$", ylabel="$E$")
    right.set(xlabel="$T$", ylabel="effective part", ylim=(0, 1.05))
    left.legend(fontsize=8)
    return figure


def _differences(energies: np.ndarray) -> np.ndarray:
    """E_0, E_1 - E_0, E_2 - E_0."""
    return np.array([energies[0], *(energies[1:3] - energies[0])])


def _limit(matrix: TransferMatrix) -> np.ndarray:
    """The three lowest energies at a = 0."""
    return continuum_energies(matrix.potential, matrix.mass, matrix.points * matrix.spacing, 3)
