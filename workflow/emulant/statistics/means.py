"""Means of configurations."""

import numpy as np

__all__ = ["mean_of_each"]


def mean_of_each(configurations: np.ndarray) -> np.ndarray:
    """Mean over all entries of each configuration (N, ...), shape (N,)."""
    return configurations.reshape(len(configurations), -1).mean(axis=1)
