"""Figures: slices of the charge separation, what is left of it, and what else makes opposite charges part."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.figure import Figure as Shown
from emulant.contracts.figure import Results
from emulant.contracts.source import Source, of_source
from emulant.kinetic.densities import AZIMUTH_EDGES, PT_EDGES
from emulant.kinetic.transport import SLICES
from emulant.plots.style import INK, PALETTE, label_of, look_of, panels, styled
from emulant.storage.pairs import Pairs
from emulant.systems.charge_transport.unfolding_figures import unfolding_figures
from emulant.systems.charge_transport.views import all_slices

__all__ = ["background", "figures", "responses", "slice_maps"]

SAMPLES = 2048
"""Samples of each source that are averaged for a map."""
AXES = (
    ("delta_gamma", r"$10^4\,\Delta\gamma$", 1e4),
    ("dipole", r"$(a_1^+ - a_1^-)/2$", 1.0),
    ("elliptic_flow", r"$v_2$", 1.0),
)


@styled
def slice_maps(responses: Mapping[str, np.ndarray]) -> Figure:
    """Maps over azimuth and p_T, a row a source, one colour scale.

    Arguments:
        responses: name -> (slices, p_T, phi).
    """
    figure, axes = panels(len(responses), len(SLICES), width=1.35, height=1.45, sharex=True, sharey=True)
    most = max(np.abs(response).max() for response in responses.values())
    for row, (label, response) in zip(axes, responses.items(), strict=True):
        for axis, part in zip(row, response, strict=True):
            image = axis.pcolormesh(AZIMUTH_EDGES, PT_EDGES, part, vmin=-most, vmax=most, cmap="RdBu_r")
            axis.grid(visible=False)
        row[0].set_ylabel(f"{label}\n$p_T$ [GeV]", fontsize=8)
    for axis, name in zip(axes[0], SLICES, strict=True):
        axis.set_title(name, fontsize=8)
    for axis in axes[-1]:
        axis.set_xlabel(r"$\phi$")
    figure.colorbar(image, ax=axes, label=r"$\partial(\rho^+ - \rho^-)/\partial f$ [1/GeV]")
    return figure


@styled
def responses(table: pd.DataFrame, sources: Sequence[Source], models: Sequence[str]) -> Figure:
    """Dipole over separation at each slice.

    Arguments:
        table: rows of `dipole_response`.
        sources: what to show.
        models: all models of the experiment.
    """
    figure, axes = panels(1, 1, width=6.0, height=3.0)
    for source in sources:
        rows, look = of_source(table, source).sort_values("index"), look_of(source, models)
        drawn = {"fmt": f"{look.marker}-", "color": look.colour, "label": look.label}
        axes[0, 0].errorbar(rows["index"], rows["value"], rows["error"], **drawn)
    axes[0, 0].set_xticks(range(len(SLICES)), SLICES, rotation=30, ha="right", fontsize=8)
    axes[0, 0].set_ylabel(r"$\partial a_1 / \partial f$")
    axes[0, 0].set_ylim(bottom=0)
    axes[0, 0].legend()
    return figure


@styled
def background(table: pd.DataFrame) -> Figure:
    """Delta gamma, a_1 and v_2 of each case, those with a separation in another colour.

    Arguments:
        table: of the study `background`.
    """
    figure, axes = panels(1, len(AXES), width=3.0, height=3.2)
    words = [
        f"flow {row.flow:g}, local {row.local_charges:g}, f = {row.separation:g}"
        for row in table.itertuples()
    ]
    for axis, (name, symbol, unit) in zip(axes[0], AXES, strict=True):
        for number, row in table.reset_index(drop=True).iterrows():
            colour = PALETTE[1 if row["separation"] else 0]
            value, error = unit * row[name], unit * row[f"{name}_error"]
            axis.errorbar(value, -number, xerr=error, fmt="o", color=colour)
        axis.axvline(0, color=INK, lw=0.8)
        axis.set_xlabel(symbol)
        axis.set_yticks(-np.arange(len(words)), words if axis is axes[0, 0] else [""] * len(words))
        axis.locator_params(axis="x", nbins=4)
    return figure


def _slices(results: Results) -> Iterator[tuple[str, Figure]]:
    samples = results.first_samples(results.raw(), SAMPLES)
    maps = {label_of(source): _response(pairs) for source, pairs in samples if _separated(pairs)}
    if maps:
        yield "slices", slice_maps(maps)


def _separated(pairs: Pairs) -> bool:
    return bool(pairs.conditions["separation"].any())


def _response(pairs: Pairs) -> np.ndarray:
    """Regression of rho^+ - rho^- on f, (slices, p_T, phi)."""
    separation, slices = pairs.conditions["separation"], all_slices(pairs)
    return np.tensordot(separation, slices[:, :, 0] - slices[:, :, 1], axes=1) / (separation**2).sum()


def _responses(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("observables")
    rows = table[table["observable"] == "dipole_response"] if len(table) else table
    sources = [source for source in results.raw() if len(rows) and len(of_source(rows, source))]
    if sources:
        yield "dipole_response", responses(rows, sources, results.models)


def _background(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("background")
    if len(table):
        yield "background", background(table)


figures = {
    "slices": Shown(
        _slices,
        "Charge separation at each slice",
        "Own kinetic surrogate, not AMPT. Regression of ρ⁺ − ρ⁻ on the charge separation f of a sample, over all samples,"
        " one colour scale: collisions of partons blur what was put in at 0.4 fm. Models are shown the last slice, and draw"
        " those before it and f.",
    ),
    "dipole_response": Shown(
        _responses,
        "What is left of the separation",
        "Own kinetic surrogate, not AMPT. Regression of (a₁⁺ − a₁⁻)/2 on f at each slice.",
        half=True,
    ),
    "background": Shown(
        _background,
        "Without a separation opposite charges part too",
        "Own kinetic surrogate, not AMPT. Final charged particles, errors by bootstrap over events. Local charge"
        " conservation and decays in matter that flows make Δγ without any separation, while the dipole stays zero.",
    ),
    **unfolding_figures,
}
