"""Figures: what bags of more events tell."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.figure import Figure as Shown
from emulant.contracts.figure import Results
from emulant.contracts.source import Source
from emulant.plots import symbols
from emulant.plots.style import INK, look_of, panels, styled

__all__ = ["bag_sizes", "figures"]


@styled
def bag_sizes(table: pd.DataFrame, models: Sequence[str]) -> Figure:
    """Mean deviation of posteriors against the number of events, with a line of 1/sqrt(N).

    Arguments:
        table: of the study `bag_sizes`.
        models: all models of the experiment.
    """
    parameters = list(dict.fromkeys(table["parameter"]))
    figure, axes = panels(1, len(parameters), width=4.0, height=3.2)
    for axis, parameter in zip(axes[0], parameters, strict=True):
        rows = table[(table["parameter"] == parameter) & (table["events"] > 0)]
        for model, part in rows.groupby("model", sort=False):
            look = look_of(Source(str(model), ""), models)
            axis.plot(
                part["events"], part["deviation"], f"{look.marker}-", color=look.colour, label=look.label
            )
            axis.plot(part["events"], part["deviation_magnitude"], f"{look.marker}:", color=look.colour)
        first = rows["events"].max(), rows["deviation_magnitude"].min()
        sizes = sorted(set(rows["events"]))
        axis.plot(sizes, [first[1] * (first[0] / n) ** 0.5 for n in sizes], color=INK, lw=0.8)
        axis.set_xscale("log", base=2)
        axis.set_yscale("log")
        axis.set_xlabel("events of a bag")
        axis.set_ylabel(f"posterior deviation of {symbols.parameter(parameter)}")
    axes[0, 0].legend(fontsize=9)
    return figure


def _bag_sizes(results: Results) -> Iterator[tuple[str, Any]]:
    """All models, and what nucleons would say where an experiment asks for it."""
    tables = [table for name in ("bag_sizes", "nucleons") if len(table := results.table(name))]
    if tables:
        yield "bag_sizes", bag_sizes(pd.concat(tables), [*results.models, "nucleons"])


figures = {
    "bag_sizes": Shown(
        _bag_sizes,
        "What more events tell",
        "Mean standard deviation of the posteriors of a parameter (full lines) and of its magnitude (dotted) against the"
        " number of events that the model is shown; the black line falls like 1/√N. `nucleons`, where asked for, is the"
        " exact posterior from the positions of all nucleons, which nothing made from them beats.",
    ),
}
