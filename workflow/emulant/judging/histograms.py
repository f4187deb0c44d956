"""Distributions of the quantities that a view of the samples shows, with jackknife errors."""

from typing import Any

import numba
import numpy as np
import pandas as pd

from emulant.contracts.quantity import HasQuantities
from emulant.statistics.jackknife import BlockSums, jackknife, jackknife_error

__all__ = ["Histograms", "common_edges"]

MARGIN = 0.1
"""Part of its range in the reference that a histogram extends beyond it, so that models show their tails."""
COLUMNS = ["quantity", "left", "right", "density", "error"]


def common_edges(view: Any) -> dict[str, np.ndarray]:
    """Edges for all sources of an experiment, from samples of the reference; none where the view shows no quantities.

    A quantity of both signs gets a range symmetric about zero.
    """
    edges = {}
    for name, quantity in view.quantities.items() if isinstance(view, HasQuantities) else ():
        low, high = float(quantity.values.min()), float(quantity.values.max())
        if low < 0 < high:
            high = max(-low, high)
            low = -high
        margin = MARGIN * (high - low) or 1.0
        edges[name] = np.linspace(low - margin, high + margin, quantity.bins + 1)
    return edges


class Histograms:
    """Histograms of one source, filled chunk by chunk.

    Arguments:
        edges: quantity -> equally spaced edges; values outside count in the normalisation alone.
    """

    def __init__(self, edges: dict[str, np.ndarray]) -> None:
        self.edges = edges
        self.sums: dict[str, BlockSums] = {}

    def __call__(self, view: Any, block: np.ndarray, weight: np.ndarray) -> None:
        """Add a chunk: its view, block numbers (n,), weights (n,)."""
        quantities = view.quantities if self.edges else {}
        for name, quantity in quantities.items():
            edges = self.edges[name]
            sums = self.sums.setdefault(name, BlockSums(len(edges) - 1))
            sums.reserve(block.max() + 1)
            per_value = weight / quantity.values.shape[1]
            _fill(quantity.values, block, per_value, edges[0], edges[1] - edges[0], sums.sums)
            np.add.at(sums.weights, block, weight)

    def rows(self) -> pd.DataFrame:
        """Columns quantity, left, right, density, error."""
        parts = [pd.DataFrame(columns=COLUMNS)] if not self.sums else []
        for quantity, sums in self.sums.items():
            edges = self.edges[quantity]
            value, samples = jackknife(sums, lambda means, w=edges[1] - edges[0]: means / w)
            parts.append(
                pd.DataFrame(
                    {
                        "quantity": quantity,
                        "left": edges[:-1],
                        "right": edges[1:],
                        "density": value,
                        "error": jackknife_error(samples),
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)


@numba.njit(nogil=True, cache=True)
def _fill(values, block, weight, low, width, counts):
    bins = counts.shape[1]
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            bin_number = int(np.floor((values[i, j] - low) / width))
            if 0 <= bin_number < bins:
                counts[block[i], bin_number] += weight[i]
