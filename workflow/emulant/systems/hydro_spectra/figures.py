"""Figures: initial states beside their spectra, flow against p_T, and harmonics of models against those of hydrodynamics."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from emulant.contracts.figure import Figure as Shown
from emulant.contracts.figure import Results
from emulant.contracts.source import REFERENCE, Source, of_source
from emulant.plots.style import INK, look_of, panels, styled
from emulant.systems.hydro_spectra.pt_bins import bin_centres
from emulant.systems.hydro_spectra.views import HARMONICS, SpectraView

__all__ = ["differential", "figures", "paired", "states"]

EVENTS = 3
"""Events whose state and spectrum are drawn."""
SAMPLES = 2048
"""Samples of each source that are read for points of a scatter plot."""
DRAWN = (2, 3, 4)
ACROSS, TICKS = 4, 3
"""Names in a line of a legend, and intervals of a narrow axis: more would run into each other."""
ANGLE_TICKS = ([0, np.pi, 2 * np.pi], ["0", "π", "2π"])


@styled
def states(views: Mapping[Source, SpectraView], spacing: float, models: Sequence[str]) -> Figure:
    """Draw the density of some events, and under it ln of the spectrum over its mean in azimuth, one row a source."""
    count = min(EVENTS, *(len(view.yields) for view in views.values()))
    figure, axes = panels(1 + len(views), count, width=2.6, height=2.3)
    densities = next(iter(views.values())).pairs.inputs
    half = 0.5 * densities.shape[-1] * spacing
    for axis, density in zip(axes[0], densities, strict=False):
        axis.imshow(density.T, origin="lower", extent=(-half, half, -half, half), cmap="magma")
        axis.set_xlabel("x [fm]")
        axis.grid(visible=False)
    axes[0, 0].set_ylabel("y [fm]")
    images = {source: _anisotropies(view)[:count] for source, view in views.items()}
    most = max(float(np.abs(image).max()) for image in images.values())
    for row, (source, image) in zip(axes[1:], images.items(), strict=True):
        edges = np.linspace(0, 2 * np.pi, image.shape[-1] + 1)
        for axis, part in zip(row, image, strict=True):
            drawn = axis.pcolormesh(
                edges, _edges(views[source].pt), part, vmin=-most, vmax=most, cmap="RdBu_r"
            )
            axis.set_xticks(*ANGLE_TICKS)
            axis.grid(visible=False)
        row[0].set_ylabel(f"{look_of(source, models).label}\n$p_T$ [GeV]")
    for axis in axes[-1]:
        axis.set_xlabel(r"$\phi$")
    figure.colorbar(drawn, ax=axes[1:], label=r"$\ln\, S / \bar S(p_T)$")
    return figure


@styled
def differential(table: pd.DataFrame, sources: Sequence[Source], models: Sequence[str]) -> Figure:
    """Draw v_n{2}(p_T), a panel each harmonic.

    Arguments:
        table: rows of observables.
        sources: what to show.
        models: all models of the experiment.
    """
    pt = bin_centres()
    figure, axes = panels(1, len(DRAWN), width=3.2, height=3.0)
    for axis, n in zip(axes[0], DRAWN, strict=True):
        for source in sources:
            rows = of_source(table[table["observable"] == f"flow_{n}_pt"], source).sort_values("index")
            look = look_of(source, models)
            drawn = {"fmt": f"{look.marker}-", "color": look.colour, "label": look.label}
            axis.errorbar(pt[rows["index"]], rows["value"], rows["error"], **drawn)
        axis.axhline(0, color=INK, lw=0.8)
        axis.set_xlabel("$p_T$ [GeV]")
        axis.set_ylabel(rf"$v_{n}\{{2\}}$")
    return _explained(figure, axes)


@styled
def paired(truth: SpectraView, answers: Mapping[Source, SpectraView], models: Sequence[str]) -> Figure:
    """Draw |V_n| and [p_T] of each event by each model against hydrodynamics."""
    figure, axes = panels(1, 1 + len(DRAWN), width=2.7, height=2.8)
    for axis, k in zip(axes[0], range(len(DRAWN)), strict=False):
        for source, view in answers.items():
            _points(axis, np.abs(truth.vectors[:, k]), np.abs(view.vectors[:, k]), look_of(source, models))
        axis.set_xlabel(rf"$v_{HARMONICS[k]}$, hydrodynamics")
    for source, view in answers.items():
        _points(axes[0, -1], truth.mean_pt, view.mean_pt, look_of(source, models))
    axes[0, -1].set_xlabel("$[p_T]$ [GeV], hydrodynamics")
    axes[0, 0].set_ylabel("model")
    for axis in axes[0]:
        axis.xaxis.set_major_locator(MaxNLocator(TICKS))
    return _explained(figure, axes)


def _explained(figure: Figure, axes: np.ndarray) -> Figure:
    """With one legend above all panels, where it covers no points."""
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=ACROSS)
    return figure


def _points(axis, x: np.ndarray, y: np.ndarray, look) -> None:
    count = min(len(x), len(y))
    axis.plot(x[:count], y[:count], look.marker, color=look.colour, label=look.label, ms=2.5, alpha=0.7)
    ends = [min(x.min(), y.min()), max(x.max(), y.max())]
    axis.plot(ends, ends, color=INK, lw=0.8)


def _anisotropies(view: SpectraView) -> np.ndarray:
    """Ln of the charged spectrum over its mean in azimuth, (n, p_T, phi)."""
    charged = np.maximum(view.charged, 1e-3 * view.charged.mean(axis=2, keepdims=True))
    return np.log(charged / charged.mean(axis=2, keepdims=True))


def _edges(pt: np.ndarray) -> np.ndarray:
    """Edges of cells about nodes."""
    middle = 0.5 * (pt[1:] + pt[:-1])
    return np.concatenate([[0.0], middle, [2 * pt[-1] - middle[-1]]])


def _views(results: Results, count: int) -> dict[Source, SpectraView]:
    return {
        source: results.system.view(pairs) for source, pairs in results.first_samples(results.raw(), count)
    }


def _states(results: Results) -> Iterator[tuple[str, Figure]]:
    views = _views(results, EVENTS)
    if views:
        yield "states", states(views, results.system.spacing, results.models)


def _differential(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("observables")
    rows = table[table["observable"].isin([f"flow_{n}_pt" for n in DRAWN])] if len(table) else table
    sources = [source for source in results.raw() if len(rows) and len(of_source(rows, source))]
    if sources:
        yield "differential_flow", differential(rows, sources, results.models)


def _paired(results: Results) -> Iterator[tuple[str, Figure]]:
    views = _views(results, SAMPLES)
    truth = views.pop(REFERENCE, None)
    if truth is not None and views:
        yield "paired", paired(truth, views, results.models)


figures = {
    "states": Shown(
        _states,
        "Initial states and their spectra",
        "Thermal π, K, p of our own hydrodynamics, without decays. Above the entropy density of three events that no"
        " training saw, below the logarithm of the charged spectrum over its mean in azimuth: what flow is made of.",
    ),
    "differential_flow": Shown(
        _differential,
        "Flow against p_T",
        "v_n{2}(p_T) of thermal charged particles, from the correlation with all others, errors by jackknife over events."
        " Models answer to the same initial states, so that they agree better than these errors say.",
    ),
    "paired": Shown(
        _paired,
        "Each event by each model",
        "|V_n| and [p_T] of the same initial state by hydrodynamics and by each model; the line is equality. The study"
        " `paired` has the deviations.",
    ),
}
