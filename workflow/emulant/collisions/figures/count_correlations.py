"""How the numbers of particles of different species go together from event to event."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from emulant.contracts.source import REFERENCE, Source
from emulant.plots.style import INK, label_of, panels, styled

__all__ = ["count_correlations"]

MANY_ERRORS = 3.0
"""One entry in 400 of a right model is farther away."""


@styled
def count_correlations(
    matrices: Mapping[Source, np.ndarray], errors: Mapping[Source, np.ndarray], symbols: Sequence[str]
) -> Figure:
    """Correlation matrices side by side on one colour scale, and the reference's error beside them.

    Arguments:
        matrices: source -> correlations (k, k), the reference first; NaN where a number does not fluctuate.
        errors: source -> their errors (k, k). Entries of other sources that are more than three combined errors
            from the reference carry a dot.
        symbols: LaTeX of the k species.
    """
    figure, axes = panels(1, len(matrices), width=max(3.2, 9.4 / max(len(matrices), 2)), height=3.6)
    names, places = [f"${symbol}$" for symbol in symbols], np.arange(len(symbols))
    reference = matrices[REFERENCE]
    for axis, (source, matrix) in zip(axes[0], matrices.items(), strict=True):
        shown = np.where(np.eye(len(matrix), dtype=bool), np.nan, matrix)
        image = axis.imshow(shown, cmap="RdBu_r", vmin=-1, vmax=1)
        if source != REFERENCE:
            away = np.abs(matrix - reference) > MANY_ERRORS * np.hypot(errors[source], errors[REFERENCE])
            rows, columns = np.nonzero(away & np.isfinite(shown))
            axis.plot(columns, rows, "o", ms=3.0, color=INK, mfc="white", mew=0.8)
        axis.set_xticks(places, names, fontsize=9)
        axis.set_yticks(places, names if axis is axes[0, 0] else [], fontsize=9)
        axis.set_title(label_of(source))
        axis.grid(visible=False)
    figure.colorbar(image, ax=axes, pad=0.01, aspect=24).set_label(r"correlation $\rho(N_i, N_j)$")
    return figure
