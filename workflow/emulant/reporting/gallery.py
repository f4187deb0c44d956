"""The figures of an experiment: each is drawn where the files it needs are there."""

from collections.abc import Callable, Iterator

import numpy as np
from matplotlib.figure import Figure

from emulant.collisions.acceptance import COMMON, PT_EDGES, RAPIDITY_EDGES, places
from emulant.collisions.conserved import charges_of_nuclei, event_totals
from emulant.collisions.counts import correlations, covariances, products, species_counts
from emulant.collisions.species import species_of
from emulant.observables import observables
from emulant.plots.conservation import conservation
from emulant.plots.cumulants import cumulants_along_path
from emulant.plots.distributions import distributions
from emulant.plots.effective_action import effective_action
from emulant.plots.event_display import event_display
from emulant.plots.fields import sample_fields
from emulant.plots.indexed import indexed
from emulant.plots.langevin import langevin_diagnostics
from emulant.plots.likelihood import likelihood
from emulant.plots.plane import densities, energies
from emulant.plots.pulls import pulls
from emulant.plots.silver_blaze import silver_blaze
from emulant.plots.species import count_correlations
from emulant.plots.spectra import spectra
from emulant.plots.style import look_of, noted
from emulant.plots.training import training_curves
from emulant.reporting.results import Results
from emulant.statistics.bootstrap import bootstrap
from emulant.systems import system_from

__all__ = ["gallery"]

CONFIGURATIONS, EVENTS = 2, 4096
CURVES = ("correlator", "power_spectrum")


def gallery(results: Results) -> Iterator[tuple[str, str, Figure]]:
    """Kind, file name without suffix, and figure, in the order to show them."""
    for kind, draw in FIGURES.items():
        for name, figure in draw(results):
            yield kind, name, noted(figure, results.notes)


def _fields(results: Results) -> Iterator[tuple[str, Figure]]:
    # Four numbers a site, at several chemical potentials, make no picture.
    if results.attributes.get("reference", {}).get("system") == "bose_gas":
        return
    fields = results.configurations(CONFIGURATIONS)
    if fields:
        yield "fields", sample_fields(fields, results.notes)


def _pulls(results: Results) -> Iterator[tuple[str, Figure]]:
    comparison, verdicts = results.table("comparison"), results.table("verdict")
    if len(comparison) and comparison["pull"].notna().any():
        judged = verdicts.loc[verdicts["source"].isin(results.models), "limit"]
        limit = float((judged if len(judged) else verdicts["limit"]).max())
        known = [name for name in observables() if name in set(comparison["observable"])]
        others = [name for name in dict.fromkeys(comparison["observable"]) if name not in known]
        order = {name: number for number, name in enumerate([*known, *others])}
        # Sums of momentum before the projection are beyond any frame.
        own = comparison[~comparison["source"].str.endswith("_unprojected")]
        own = own.sort_values("observable", key=lambda names: names.map(order), kind="stable")
        yield "pulls", pulls(_by_source(own, results), limit)


def _by_source(table: object, results: Results) -> object:
    """Rows with every model's corrected ensembles after its raw one."""
    sources = sorted(dict.fromkeys(table["source"]), key=lambda source: _place(source, results.models))
    return table.sort_values("source", key=lambda names: names.map(sources.index), kind="stable")


def _place(source: str, models: list[str]) -> tuple[int, str]:
    owners = [number for number, model in enumerate(models) if source.startswith(model)]
    return (owners[-1] if owners else -1, source)


def _distributions(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("distributions")
    if len(table):
        yield "distributions", distributions(table, _shown(table, results))


def _curves(name: str) -> Callable[[Results], Iterator[tuple[str, Figure]]]:
    def draw(results: Results) -> Iterator[tuple[str, Figure]]:
        table = results.table("observables")
        if len(table) and (table["observable"] == name).any():
            yield name, indexed(table, _shown(table, results), name)

    return draw


def _shown(table: object, results: Results) -> list[str]:
    return [source for source in ("reference", *results.models) if source in set(table["source"])]


def _cumulants(results: Results) -> Iterator[tuple[str, Figure]]:
    forward, ways = results.table("forward"), results.tables("trajectory")
    if len(forward) and set(forward["path"]) & set(ways):
        yield "cumulants", cumulants_along_path(forward, ways)


def _training(results: Results) -> Iterator[tuple[str, Figure]]:
    curves = results.tables("training")
    if curves:
        yield "training", training_curves(curves)


def _likelihood(results: Results) -> Iterator[tuple[str, Figure]]:
    tables, records = results.tables("likelihood"), results.records("correction")
    slopes = {
        model: (record.get("slope", np.nan), record.get("slope_error", np.nan))
        for model, record in records.items()
    }
    if tables:
        yield "likelihood", likelihood(tables, slopes)


def _effective_action(results: Results) -> Iterator[tuple[str, Figure]]:
    for model, table in results.tables("effective_action").items():
        yield f"effective_action_{model}", effective_action(table, look_of(model, results.models))


def _densities(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("density")
    if len(table):
        attributes = results.attributes["reference"]
        system = system_from({"kind": attributes["system"], **attributes["parameters"]})
        action = getattr(system, "complex_action", None)
        yield "densities", densities(table, results.models, action.drift if action else None)


def _energies(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("density")
    models = [model for model in results.models if f"exp_{model}" in table]
    if models:
        yield "energies", energies(table, models)


def _langevin(results: Results) -> Iterator[tuple[str, Figure]]:
    record = results.record("reference")
    if "drift_tail" in record:
        yield "langevin", langevin_diagnostics(record)


def _silver_blaze(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("silver_blaze")
    if len(table):
        yield "silver_blaze", silver_blaze(table)


def _spectra(results: Results) -> Iterator[tuple[str, Figure]]:
    table = results.table("observables")
    if results.events and len(table):
        sources = [*_shown(table, results), *results.unprojected()]
        for axis, edges in (("rapidity", RAPIDITY_EDGES), ("pt", PT_EDGES)):
            yield f"spectra_{axis}", spectra(table, sources, axis, edges)


def _conservation(results: Results) -> Iterator[tuple[str, Figure]]:
    totals = {
        source: event_totals(events) for source, events in results.first_events(EVENTS, unprojected=True)
    }
    if totals:
        parameters = results.attributes["reference"]["parameters"]
        yield "conservation", conservation(totals, charges_of_nuclei(parameters))


def _count_correlations(results: Results) -> Iterator[tuple[str, Figure]]:
    matrices, errors, chosen = {}, {}, places(COMMON)
    for source, events in results.first_events(EVENTS):
        counts = species_counts(events)[:, chosen]
        found = bootstrap(products(counts), lambda means: correlations(covariances(means)), seed=0)
        matrices[source], errors[source] = found.value, found.error
    if matrices:
        symbols = [species_of(pdg).symbol for pdg in COMMON]
        yield "count_correlations", count_correlations(matrices, errors, symbols)


def _event_display(results: Results) -> Iterator[tuple[str, Figure]]:
    events = dict(results.first_events(1))
    if events:
        yield "event_display", event_display(events)


FIGURES: dict[str, Callable[[Results], Iterator[tuple[str, Figure]]]] = {
    "fields": _fields,
    "pulls": _pulls,
    "effective_action": _effective_action,
    "densities": _densities,
    "energies": _energies,
    "langevin": _langevin,
    "spectra": _spectra,
    "conservation": _conservation,
    "count_correlations": _count_correlations,
    "event_display": _event_display,
    "silver_blaze": _silver_blaze,
    "distributions": _distributions,
    **{name: _curves(name) for name in CURVES},
    "cumulants": _cumulants,
    "likelihood": _likelihood,
    "training": _training,
}
