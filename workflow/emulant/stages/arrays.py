"""Arrays of files as tensors for models, and tensors of models as arrays for files."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["array_of", "arrays_of", "tensor_of"]


def tensor_of(array: np.ndarray) -> Tensor:
    """Return the tensor of an array: floating numbers in the precision of networks, integers as they are."""
    tensor, precision = torch.from_numpy(array), torch.get_default_dtype()
    if tensor.is_complex():
        return tensor.to(precision.to_complex())
    return tensor.to(precision) if tensor.is_floating_point() else tensor


def array_of(values: Any) -> Any:
    """Return the array of a tensor; samples of other forms as they are."""
    return values.cpu().numpy() if isinstance(values, Tensor) else values


def arrays_of(columns: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Return columns by name as arrays."""
    return {name: array_of(values) for name, values in columns.items()}
