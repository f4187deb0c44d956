"""Centrality by multiplicity: the share of collisions that leave more entropy."""

from collections.abc import Sequence

import numpy as np

from emulant.errors import InputError

__all__ = ["centrality", "class_edges"]


def centrality(multiplicity: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Compute the part, 0 to 1, of minimum-bias events with a larger multiplicity than each event.

    Arguments:
        multiplicity: of events, (N,).
        reference: of minimum-bias events, (M,).
    """
    ordered = np.sort(reference)
    return 1 - np.searchsorted(ordered, multiplicity, side="right") / len(ordered)


def class_edges(reference: np.ndarray, percentiles: Sequence[float]) -> np.ndarray:
    """Compute the multiplicities that bound centrality classes, falling, from minimum-bias events.

    Arguments:
        reference: multiplicities of minimum-bias events, (M,).
        percentiles: edges of the classes in per cent, rising, such as 0, 5, 10.

    Raises:
        InputError: where percentiles do not rise from 0 to 100 at most, or a class would have no event.
    """
    edges = np.asarray(percentiles, float)
    if len(edges) < 2 or np.any(np.diff(edges) <= 0) or edges[0] < 0 or edges[-1] > 100:
        raise InputError("centrality", "percentiles", "edges that rise within 0 and 100", list(percentiles))
    if len(reference) * np.diff(edges).min() / 100 < 1:
        raise InputError("centrality", "reference", "an event at least in each class", len(reference))
    return np.quantile(reference, 1 - edges / 100)
