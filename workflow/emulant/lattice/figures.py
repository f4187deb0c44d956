"""Figures of systems on a lattice: observables of the shelf that are functions of distance or momentum."""

from collections.abc import Iterator
from typing import Any

from emulant.contracts.figure import Figure, Results
from emulant.contracts.source import sources_in
from emulant.plots.indexed import indexed

__all__ = ["curve_figure", "figures"]


def curve_figure(name: str, abscissa: str, title: str, caption: str) -> Figure:
    """The figure of an observable against its index, half of the page wide.

    Arguments:
        name: of the observable.
        abscissa: label of the index.
        title: of the figure.
        caption: of the figure.
    """

    def draw(results: Results) -> Iterator[tuple[str, Any]]:
        table = results.table("observables")
        if len(table) and (table["observable"] == name).any():
            sources = [source for source in results.raw() if source in sources_in(table)]
            yield name, indexed(table, sources, results.models, results.observables[name], abscissa)

    return Figure(draw, title, caption, half=True)


figures = {
    "correlator": curve_figure(
        "correlator",
        r"$r/a$",
        "Two-point function",
        "Connected correlator along the axes, and its ratio to the reference; the band is the error of the reference."
        " Points are shifted sideways for clarity.",
    ),
    "power_spectrum": curve_figure(
        "power_spectrum",
        r"shell $k L / 2\pi$",
        "Power spectrum",
        "Mean power of the Fourier modes by shell of momentum, and its ratio to the reference; the band is the error"
        " of the reference.",
    ),
}
