"""The cost ledger as a picture."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from emulant.contracts.source import REFERENCE, of_source, sources_in
from emulant.plots.style import QUIET, Look, look_of, panels, styled

__all__ = ["cost_ledger"]

ACROSS = 5
"""Names in a line of the legend: what the width of the page holds."""


@styled
def cost_ledger(table: pd.DataFrame, models: Mapping[str, Sequence[str]]) -> Figure:
    """Seconds per independent configuration: filled without training, open with it spread over this run.

    Arguments:
        table: columns experiment, model, variant, seconds_per_independent, seconds_per_independent_with_training.
        models: experiment -> its models in order, which fix the colours as in its other figures.
    """
    experiments = list(dict.fromkeys(table["experiment"]))
    sources = sorted(sources_in(table), key=lambda source: source != REFERENCE)
    figure, axes = panels(1, 1, width=9.4, height=0.62 * len(experiments) + 1.5)
    axis = axes[0, 0]
    axis.set_xscale("log")
    shown: set[Look] = set()
    for number, source in enumerate(sources):
        rows = of_source(table, source)
        shift = 0.7 * ((number + 0.5) / len(sources) - 0.5)
        places = rows["experiment"].map(experiments.index) + shift
        bare, full = rows["seconds_per_independent"], rows["seconds_per_independent_with_training"]
        for name, height, least, most in zip(rows["experiment"], places, bare, full, strict=True):
            look = look_of(source, models[name])
            # One entry of the legend for each look: a model may stand elsewhere in another experiment.
            label = look.label if look not in shown else None
            shown.add(look)
            axis.hlines(height, least, most, color=look.colour, lw=1)
            axis.plot([most], [height], look.marker, color=look.colour, mfc="white", ms=6)
            axis.plot([least], [height], look.marker, color=look.colour, ms=6, label=label)
    for boundary in range(1, len(experiments)):
        axis.axhline(boundary - 0.5, color=QUIET, lw=0.4)
    axis.set_yticks(range(len(experiments)), experiments)
    axis.set_ylim(len(experiments) - 0.5, -0.5)
    axis.set_xlabel("seconds per independent configuration  (open: training included)")
    axis.grid(visible=False, axis="y")
    figure.legend(loc="outside upper center", ncols=min(len(shown), ACROSS))
    return figure
