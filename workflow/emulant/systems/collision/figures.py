"""Figures: spectra, conservation laws, correlations of multiplicities, single events."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from emulant.collisions.acceptance import COMMON, PT_EDGES, RAPIDITY_EDGES, places
from emulant.collisions.conserved import event_totals
from emulant.collisions.counts import correlations, covariances, products, species_counts
from emulant.collisions.figures.conservation import conservation
from emulant.collisions.figures.count_correlations import count_correlations
from emulant.collisions.figures.event_display import event_display
from emulant.collisions.figures.spectra import spectra
from emulant.collisions.species import species_of
from emulant.contracts.figure import Figure, Results
from emulant.contracts.source import sources_in
from emulant.statistics.bootstrap import bootstrap

__all__ = ["figures"]

EVENTS = 4096
"""Events of each source that are read for a figure: enough for 2 % of a standard deviation."""


def _spectra(axis: str, edges: np.ndarray, results: Results) -> Iterator[tuple[str, Any]]:
    table = results.table("observables")
    if len(table):
        sources = [source for source in results.raw() + results.variants() if source in sources_in(table)]
        drawn = spectra(table, sources, results.models, results.observables, axis, edges)
        yield f"spectra_{axis}", drawn


def _conservation(results: Results) -> Iterator[tuple[str, Any]]:
    sources = results.raw() + results.variants()
    totals, charges = {}, results.system.charges
    for source, events in results.first_samples(sources, EVENTS):
        totals[source] = event_totals(events)
        # Events of an acceptance have not the charges of the nuclei.
        charges = charges if events.complete else {}
    if totals:
        yield "conservation", conservation(totals, charges, results.models)


def _count_correlations(results: Results) -> Iterator[tuple[str, Any]]:
    matrices, errors, chosen = {}, {}, places(COMMON)
    for source, events in results.first_samples(results.raw(), EVENTS):
        counts = species_counts(events)[:, chosen]
        estimate = bootstrap(products(counts), lambda means: correlations(covariances(means)), seed=0)
        matrices[source], errors[source] = estimate.value, estimate.error
    if matrices:
        symbols = [species_of(pdg).symbol for pdg in COMMON]
        yield "count_correlations", count_correlations(matrices, errors, symbols)


def _event_display(results: Results) -> Iterator[tuple[str, Any]]:
    events = dict(results.first_samples(results.raw(), 1))
    if events:
        yield "event_display", event_display(events)


WITHOUT_LAST_STEP = (
    "Open symbols: a model's events without the last step, which"
    " gives each of them its sums of momentum and energy."
)
figures = {
    "spectra_rapidity": Figure(
        partial(_spectra, "rapidity", RAPIDITY_EDGES),
        "Rapidity spectra",
        "dN/dy in the nucleon–nucleon centre of mass, spectators included, means over events, of the common species."
        f" {WITHOUT_LAST_STEP}",
    ),
    "spectra_pt": Figure(
        partial(_spectra, "pt", PT_EDGES),
        "Spectra in transverse momentum",
        "dN/dp_T over all rapidities, spectators included, means over events, of the common species."
        f" {WITHOUT_LAST_STEP}",
    ),
    "conservation": Figure(
        _conservation,
        "Conservation laws",
        "Sums over all particles of each event, spectators included, at most 4096 events of each source; above each"
        " panel mean and standard deviation, in the order of the legend. Dotted, where events are complete:"
        " the nuclei's own charges. Independent particles would spread the transverse sums by about"
        " 13 GeV in central Au+Au at 10 GeV a nucleon.",
    ),
    "count_correlations": Figure(
        _count_correlations,
        "Correlations of the numbers of particles",
        "Pearson correlation, event by event, of the numbers of the common species, all sources on one colour scale."
        " White dots mark entries that lie more than three combined errors, by bootstrap over events, from the"
        " reference.",
    ),
    "event_display": Figure(
        _event_display,
        "An event in momentum space",
        "The first event of each source in the nucleon–nucleon centre of mass: the transverse plane, whose horizontal"
        " axis lies in the reaction plane, and transverse momentum against rapidity. Numbers of particles in brackets.",
    ),
}
