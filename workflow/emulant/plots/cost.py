"""The cost ledger as a picture."""

import pandas as pd
from matplotlib.figure import Figure

from emulant.plots.style import QUIET, look_of, panels, styled

__all__ = ["cost_ledger"]


@styled
def cost_ledger(table: pd.DataFrame) -> Figure:
    """Seconds per independent configuration: filled without training, open with it spread over this run.

    Arguments:
        table: columns experiment, source, seconds_per_independent, seconds_per_independent_with_training.
    """
    experiments = list(dict.fromkeys(table["experiment"]))
    sources = sorted(dict.fromkeys(table["source"]), key=lambda name: name != "reference")
    made, axes = panels(1, 1, width=9.4, height=0.62 * len(experiments) + 1.5)
    axis = axes[0, 0]
    axis.set_xscale("log")
    for source in sources:
        look, own = look_of(source, sources), table[table["source"] == source]
        shift = 0.7 * ((sources.index(source) + 0.5) / len(sources) - 0.5)
        places = own["experiment"].map(experiments.index) + shift
        bare, full = own["seconds_per_independent"], own["seconds_per_independent_with_training"]
        axis.hlines(places, bare, full, color=look.colour, lw=1)
        axis.plot(full, places, look.marker, color=look.colour, mfc="white", ms=6)
        axis.plot(bare, places, look.marker, color=look.colour, ms=6, label=look.label)
    for boundary in range(1, len(experiments)):
        axis.axhline(boundary - 0.5, color=QUIET, lw=0.4)
    axis.set_yticks(range(len(experiments)), experiments)
    axis.set_ylim(len(experiments) - 0.5, -0.5)
    axis.set_xlabel("seconds per independent configuration  (open: training included)")
    axis.grid(visible=False, axis="y")
    made.legend(loc="outside upper center", ncols=len(sources))
    return made
