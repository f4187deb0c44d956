"""Figures of fields: configurations of each source, where one number a site makes a picture."""

from collections.abc import Iterator
from typing import Any

from emulant.contracts.figure import Figure, Results
from emulant.plots.fields import sample_fields
from emulant.plots.work import work

__all__ = ["figures"]

CONFIGURATIONS = 2
"""Of each source: one alone looks typical, more leave no room for the sources."""


def _fields(results: Results) -> Iterator[tuple[str, Any]]:
    shape = results.system.site_shape
    # Several numbers a site make no picture; the lattice is what the configuration calls the shape.
    if len(shape) < 2 or shape != tuple(results.settings.get("shape", ())):
        return
    plane = (slice(None), *[0] * (len(shape) - 2))
    samples = results.first_samples(results.raw(), CONFIGURATIONS)
    fields = {source: values[plane] for source, values in samples if len(values) == CONFIGURATIONS}
    if fields:
        yield "fields", sample_fields(fields, results.notes)


def _work(results: Results) -> Iterator[tuple[str, Any]]:
    tables, records = results.tables("work"), results.records("work")
    if tables:
        yield "work", work(tables, records, results.models)


figures = {
    "fields": Figure(
        _fields,
        "Sample fields",
        "Two configurations of each source, one column a source, all on one colour scale.",
    ),
    "work": Figure(
        _work,
        "Work and entropy production",
        "Left: the work W of paths from the Gaussian, and of paths that begin at the reference and run back; both laws"
        " cross at −ln Z. Middle: the logarithm of their ratio lies on W + ln Z (Crooks). Right: the entropy that both"
        " directions produce together, by the strength t of the interaction.",
    ),
}
