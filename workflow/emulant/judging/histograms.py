"""Distributions of the field, of the magnetisation and of the action, with jackknife errors."""

from typing import Any

import numba
import numpy as np
import pandas as pd

from emulant.statistics.jackknife import BlockSums, jackknife, jackknife_error

__all__ = ["Histograms", "common_edges"]

BINS = {"M": 60, "S": 60, "N": 30, "[p_T]": 30}
MOST_BINS = 100
MARGIN = 0.1


def common_edges(fields: Any) -> dict[str, np.ndarray]:
    """Edges for all sources of an experiment, from configurations of the reference.

    A quantity of both signs gets a range symmetric about zero.
    """
    edges = {}
    for quantity, values in fields.quantities.items():
        low, high = float(values.min()), float(values.max())
        if low < 0 < high:
            high = max(-low, high)
            low = -high
        margin = MARGIN * (high - low) or 1.0
        edges[quantity] = np.linspace(low - margin, high + margin, BINS.get(quantity, MOST_BINS) + 1)
    return edges


class Histograms:
    """Histograms of one source, filled chunk by chunk.

    Arguments:
        edges: quantity -> equally spaced edges; values outside count in the normalisation alone.
    """

    def __init__(self, edges: dict[str, np.ndarray]) -> None:
        self.edges = edges
        self.sums: dict[str, BlockSums] = {}

    def __call__(self, fields: Any, block: np.ndarray, weight: np.ndarray) -> None:
        """Add a chunk: fields, block numbers (n,), weights (n,)."""
        for quantity, values in fields.quantities.items():
            edges = self.edges[quantity]
            sums = self.sums.setdefault(quantity, BlockSums(len(edges) - 1))
            sums.reserve(block.max() + 1)
            per_value = weight / values.shape[1]
            _fill(values, block, per_value, edges[0], edges[1] - edges[0], sums.sums)
            np.add.at(sums.weights, block, weight)

    def rows(self) -> pd.DataFrame:
        """Columns quantity, left, right, density, error."""
        parts = []
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
