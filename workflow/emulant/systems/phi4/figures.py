"""Figures: those of every scalar field on a lattice, and samplers side by side."""

from collections.abc import Iterator
from typing import Any

from emulant.contracts.figure import Figure, Results
from emulant.contracts.source import REFERENCE, Source, by_source
from emulant.lattice.figures import figures as of_lattices
from emulant.plots.samplers import samplers
from emulant.plots.weight_of_order import weight_of_order

__all__ = ["figures"]


def _samplers(results: Results) -> Iterator[tuple[str, Any]]:
    table = results.table("samplers")
    if len(table):
        yield "samplers", samplers(table, results.models)


def _order(results: Results) -> Iterator[tuple[str, Any]]:
    table = results.table("distributions")
    rows = dict(by_source(table[table["quantity"] == "M"])) if len(table) else {}
    raw = [source for source in results.raw() if Source(source.model, "weighted") in rows and source in rows]
    if raw and REFERENCE in rows:
        pairs = {source: (rows[source], rows[Source(source.model, "weighted")]) for source in raw}
        yield "weight_of_order", weight_of_order(pairs, rows[REFERENCE], results.models)


figures = {
    **of_lattices,
    "samplers": Figure(
        _samplers,
        "Samplers and their cost",
        "Samplers by floating-point operations for each sample; open symbols count the training too, shared among the"
        " samples. Of Markov moves alone the effective part is 1/(2τ) of abs(M). A learned sampler is worth its training"
        " where it lies above the line of annealing. Right: −ln Z, and the most precise one as a line.",
    ),
    "weight_of_order": Figure(
        _order,
        "Order parameter from both sides",
        "Left, P(M) of the samples as generated, by their weights, and of the reference. Right, the mean weight of a sample"
        " with this M, as its own weights say and as the reference says; one where samples are right, and both alike where"
        " log q is; errors of the open ones are upper bounds, as both densities are of the same samples. A phase that a"
        " model never visits has a line of the reference and no points.",
    ),
}
