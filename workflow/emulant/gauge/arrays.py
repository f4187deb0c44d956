"""Arrays and tensors alike: functions that NumPy and torch call by the same name with the same order of arguments."""

import math
from types import ModuleType
from typing import Any

import numpy as np

__all__ = ["double", "library_of", "wrapped"]


def library_of(values: Any) -> ModuleType:
    """Return the library that has made an array or a tensor."""
    if isinstance(values, np.ndarray):
        return np
    # Whoever measures links needs no torch.
    import torch

    return torch


def double(values: Any) -> Any:
    """Convert to double precision."""
    return values.astype(np.float64, copy=False) if isinstance(values, np.ndarray) else values.double()


def wrapped(angles: Any) -> Any:
    """Bring angles into [-pi, pi)."""
    floor = library_of(angles).floor
    inside = angles - 2 * math.pi * floor((angles + math.pi) / (2 * math.pi))
    # Rounding may reach the upper end from below.
    return library_of(angles).where(inside >= math.pi, inside - 2 * math.pi, inside)
