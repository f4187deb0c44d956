"""All pulls of an experiment in one picture."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emulant.plots.style import BAND, INK, look_of, panels, styled
from emulant.plots.symbols import symbol_text

__all__ = ["pulls"]

TOGETHER = 6
"""A set with more indices than this shares one line."""
TITLES = {"reference": "against the reference", "exact": "against exact values"}


@styled
def pulls(table: pd.DataFrame, limit: float, *, against: Sequence[str] = tuple(TITLES)) -> Figure:
    """Pulls of all observables and sources; the band is the limit for all tests of a source together.

    Points beyond the frame are drawn as arrows at its edge. Open symbols are corrected ensembles.

    Arguments:
        table: a comparison table of one experiment.
        limit: half-width of the band.
        against: what to compare with, one panel each where there is such a comparison.
    """
    own = table[table["source"] != "training"]
    against = [name for name in against if own.loc[own["against"] == name, "pull"].notna().any()]
    lines = _lines(own[own["against"].isin(against)])
    sources = list(dict.fromkeys(own["source"]))
    edge = max(2.2 * limit, 6.0)
    made, axes = panels(
        1, len(against), width=9.4 / max(len(against), 1), height=0.31 * len(lines) + 1.7, sharey="row"
    )
    for axis, name in zip(axes[0], against, strict=True):
        axis.axvspan(-limit, limit, color=BAND, zorder=0, label=f"limit ±{limit:.1f}")
        axis.axvline(0, color=INK, lw=0.8)
        _points(axis, own[own["against"] == name], lines, sources, edge)
        axis.set(xlim=(-edge, edge), xlabel="pull  [combined standard errors]")
        axis.set_title(TITLES.get(name, f"against {name}"))
    axis.set_yticks(range(len(lines)), [text for text, _ in lines.values()])
    axis.set_ylim(len(lines) - 0.4, -0.6)
    handles, labels = {}, axes[0, 0].get_legend_handles_labels()
    for axis in axes[0]:
        handles |= dict(zip(*reversed(axis.get_legend_handles_labels()), strict=True))
    made.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, fontsize=9)
    return made


def _lines(table: pd.DataFrame) -> dict[tuple[str, int | None], tuple[str, int]]:
    """(observable, index or None for a whole set) -> (label, line number)."""
    indices = table.groupby("observable", sort=False)["index"].unique()
    keys = []
    for name, values in indices.items():
        keys += [(name, None)] if len(values) > TOGETHER else [(name, int(index)) for index in sorted(values)]
    keys.sort(key=lambda key: key[1] is None)
    return {key: (symbol_text(*key), number) for number, key in enumerate(keys)}


def _points(axis: Axes, own: pd.DataFrame, lines: dict, sources: Sequence[str], edge: float) -> None:
    for source in (name for name in sources if name in set(own["source"])):
        look, rows = look_of(source, sources), own[(own["source"] == source) & own["pull"].notna()]
        shift = 0.6 * ((sources.index(source) + 0.5) / len(sources) - 0.5)
        places = np.array([_line(lines, *key) for key in zip(rows["observable"], rows["index"], strict=True)])
        small = np.array([(name, None) in lines for name in rows["observable"]], dtype=bool)
        inside = (rows["pull"].abs() <= edge).to_numpy()
        values = rows["pull"].to_numpy()
        face = {"mfc": "white" if source.endswith(("_metropolis", "_weighted")) else look.colour}
        marker = "v" if source.endswith("_weighted") else look.marker
        for chosen, size in ((inside & ~small, 5.5), (inside & small, 2.8)):
            axis.plot(values[chosen], places[chosen] + shift, marker, ms=size, color=look.colour, **face)
        beyond = np.where(values > 0, 0.985 * edge, -0.985 * edge)
        for sign, arrow in ((1, ">"), (-1, "<")):
            chosen = ~inside & (np.sign(values) == sign)
            axis.plot(beyond[chosen], places[chosen] + shift, arrow, ms=7, color=look.colour, **face)
        axis.plot([], [], marker, ms=5.5, color=look.colour, label=look.label, **face)


def _line(lines: dict, name: str, index: int) -> int:
    return lines[(name, None) if (name, None) in lines else (name, int(index))][1]
