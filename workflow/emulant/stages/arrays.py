"""Arrays of what a model returned, on whatever device."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

__all__ = ["array_of", "arrays_of"]


def array_of(values: Any) -> Any:
    """Return the array of a tensor; samples of other forms as they are."""
    return values.cpu().numpy() if isinstance(values, Tensor) else values


def arrays_of(columns: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Return columns by name as arrays."""
    return {name: array_of(values) for name, values in columns.items()}
