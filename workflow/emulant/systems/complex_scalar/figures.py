"""Figures of the complex scalar field in dual variables."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from emulant.contracts.figure import Figure, Results
from emulant.contracts.source import sources_in
from emulant.plots.style import look_of
from emulant.worldlines.figures import against_mu, breaks, fluxes, onset

__all__ = ["figures"]

LOOKED_AT = 16
"""Configurations of each source, of which the median is drawn."""


def _onset(results: Results) -> Iterator[tuple[str, Any]]:
    if len(table := results.table("onset")):
        yield "onset", onset(table)


def _against_mu(results: Results) -> Iterator[tuple[str, Any]]:
    if tables := results.tables("chemical_potentials"):
        yield "chemical_potentials", against_mu(tables, results.models)


def _fluxes(results: Results) -> Iterator[tuple[str, Any]]:
    if len(results.system.site_shape) != 3:
        return
    samples = results.first_samples(results.raw(), LOOKED_AT)
    shown = {
        look_of(source, results.models).label: _median(values) for source, values in samples if len(values)
    }
    if shown:
        yield "fluxes", fluxes(shown)


def _median(configurations: np.ndarray) -> np.ndarray:
    """The configuration with the median of the sum of |k|, so that no panel is empty by chance."""
    order = np.abs(configurations[:, :2].astype(int)).sum((1, 2, 3)).argsort(kind="stable")
    return configurations[order[len(order) // 2]]


def _breaks(results: Results) -> Iterator[tuple[str, Any]]:
    table = results.table("observables")
    rows = table[table["observable"] == "divergence"] if len(table) else table
    sources = [source for source in results.raw() if source in sources_in(rows)] if len(rows) else []
    if sources:
        yield "divergence", breaks(rows, sources, results.models)


figures = {
    "fluxes": Figure(
        _fluxes,
        "Worldlines",
        "K of the configuration with the median of Σ|k| among the first sixteen of each source: lines along links,"
        " as thick as |k|, of one colour where charge flows forward and of another where it flows back."
        " Circles are sites where it is not conserved.",
    ),
    "divergence": Figure(
        _breaks,
        "Conservation",
        "Part of the sites by |div k|; it is 0 at every site of the theory. A model of heights cannot break it.",
        half=True,
    ),
    "chemical_potentials": Figure(
        _against_mu,
        "Density at other chemical potentials",
        "Density against μ by worms, by models as generated and, open, weighted; below the pull of the weighted density and"
        " the effective part of the samples.",
    ),
    "onset": Figure(
        _onset,
        "Onset of the density",
        "Density by worms for growing extent in time, that is falling temperature: at ten sites in time the onset is a"
        " smooth crossover, in colder systems nothing happens below the threshold (Silver Blaze).",
        half=True,
    ),
}
