"""Sample fields of every source."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from emulant.contracts.source import Source
from emulant.plots.style import INK, label_of, panels, styled

__all__ = ["sample_fields"]

SMALLEST = 4
"""Columns that fill the width of the page."""


@styled
def sample_fields(fields: Mapping[Source, np.ndarray], notes: Mapping[Source, str]) -> Figure:
    """Configurations of each source, one column a source, all on one colour scale.

    Arguments:
        fields: source -> configurations (n, L, L) in one unit; the same n for all.
        notes: source -> a remark below its name, such as "not equilibrated".
    """
    columns, rows = len(fields), min(map(len, fields.values()))
    width = max(2.05, 9.2 / max(columns, SMALLEST))
    figure, axes = panels(rows, columns, width=width, height=width)
    limit = max(float(np.quantile(np.abs(values), 0.998)) for values in fields.values())
    for column, (source, values) in zip(axes.T, fields.items(), strict=True):
        for axis, field in zip(column, values, strict=False):
            image = axis.imshow(
                field, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest", origin="lower"
            )
            axis.set(xticks=[], yticks=[])
            axis.grid(visible=False)
            axis.spines[:].set(visible=True, linewidth=0.5)
        remark = f"\n({notes[source]})" if notes.get(source) else ""
        column[0].set_title(label_of(source) + remark, color=INK)
    bar = figure.colorbar(image, ax=axes, shrink=0.75, pad=0.02, aspect=24)
    bar.set_label(r"$\phi(x)$  [lattice units]")
    bar.outline.set_visible(False)
    return figure
