"""Figures: those of every scalar field on a lattice, and samplers side by side."""

from collections.abc import Iterator
from typing import Any

from emulant.contracts.figure import Figure, Results
from emulant.lattice.figures import figures as of_lattices
from emulant.plots.samplers import samplers

__all__ = ["figures"]


def _samplers(results: Results) -> Iterator[tuple[str, Any]]:
    table = results.table("samplers")
    if len(table):
        yield "samplers", samplers(table, results.models)


figures = {
    **of_lattices,
    "samplers": Figure(
        _samplers,
        "Samplers and their cost",
        "Samplers by floating-point operations for each sample; open symbols count the training too, shared among the"
        " samples. Of Markov moves alone the effective part is 1/(2τ) of abs(M). A learned sampler is worth its training"
        " where it lies above the line of annealing. Right: −ln Z, and the most precise one as a line.",
    ),
}
