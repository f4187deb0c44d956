"""Figures of the ensembles themselves: sample fields, distributions, correlators."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emulant.plots.style import colour_of, figure

__all__ = ["correlator", "distributions", "sample_fields"]

SYMBOLS = {"phi": r"$\phi$", "M": r"$M$", "S": r"$S$"}


def sample_fields(fields: dict[str, np.ndarray], *, note: str = "") -> Figure:
    """Two configurations of each source on one colour scale; `fields` maps source to (2, L, L)."""
    made, axes = figure(len(fields), 2, width=2.5, height=2.4)
    limit = max(float(np.abs(values).max()) for values in fields.values())
    for column, (source, values) in enumerate(fields.items()):
        for row in range(2):
            axis = axes[row * len(fields) + column]
            image = axis.imshow(values[row], cmap="RdBu_r", vmin=-limit, vmax=limit, rasterized=True)
            axis.set_xticks([])
            axis.set_yticks([])
            axis.grid(visible=False)
        suffix = f"\n({note})" if note and source == "reference" else ""
        axes[column].set_title(f"{source}{suffix}", fontsize=10)
    made.colorbar(image, ax=axes, label=r"$\phi_x$", shrink=0.7)
    return made


def distributions(table: pd.DataFrame, sources: list[str]) -> Figure:
    """Densities of phi, M and S with errors, and below each the deviation from the reference in its errors."""
    quantities = [name for name in SYMBOLS if name in set(table["quantity"])]
    made, axes = figure(len(quantities), 2, width=4.0, height=2.8)
    for column, quantity in enumerate(quantities):
        top, bottom = axes[column], axes[len(quantities) + column]
        own = table[table["quantity"] == quantity]
        reference = own[own["source"] == "reference"].reset_index(drop=True)
        for source in sources:
            part = own[own["source"] == source].reset_index(drop=True)
            middle = 0.5 * (part["left"] + part["right"])
            colour = colour_of(source, sources)
            top.errorbar(
                middle, part["density"], part["error"], fmt=".", ms=3, lw=1, color=colour, label=source
            )
            if source != "reference":
                error = np.hypot(part["error"], reference["error"]).where(lambda e: e > 0)
                pull = (part["density"] - reference["density"]) / error
                bottom.plot(middle, pull, ".", ms=4, color=colour)
        bottom.axhspan(-2, 2, color="0.9", zorder=0)
        bottom.set_ylim(-8, 8)
        top.set_ylabel(f"p({SYMBOLS[quantity]})")
        bottom.set_ylabel("pull")
        bottom.set_xlabel(SYMBOLS[quantity])
    axes[0].legend(fontsize=8)
    return made


def correlator(table: pd.DataFrame, sources: list[str], name: str) -> Figure:
    """An indexed observable, G(r) or the power spectrum, and its ratio to the reference."""
    made, (top, bottom) = figure(1, 2, width=5.5, height=2.7)
    own = table[table["observable"] == name]
    reference = own[own["source"] == "reference"].set_index("index")
    for source in sources:
        part = own[own["source"] == source].set_index("index").sort_index()
        colour = colour_of(source, sources)
        shift = 0.06 * sources.index(source)
        top.errorbar(
            part.index + shift, part["value"], part["error"], fmt="o", ms=3, color=colour, label=source
        )
        ratio = part["value"] / reference["value"]
        bottom.errorbar(
            part.index + shift, ratio, part["error"] / reference["value"].abs(), fmt="o", ms=3, color=colour
        )
    if (own["value"] > 0).all():
        top.set_yscale("log")
    symbol, place = (
        (r"$G(r)$", r"$r/a$") if name == "correlator" else (r"$\langle|\phi_p|^2\rangle$", "momentum shell")
    )
    top.set_ylabel(symbol)
    bottom.set_ylabel("ratio to reference")
    bottom.set_xlabel(place)
    bottom.axhline(1, color="0.5", lw=0.8)
    top.legend(fontsize=8)
    return made
