"""The condition eta/s in units of the entropy that it makes: a table of a system, interpolated."""

from collections.abc import Callable

import numpy as np
import torch
from scipy.interpolate import CubicSpline
from torch import Tensor

__all__ = ["EntropyGrowth"]

COMPUTED, NODES = 33, 257
"""Values that the system is asked for, and of the table, equally spaced in sqrt(eta/s) up to LARGEST: a parabola at zero is
smooth. Linear interpolation between NODES is good to 10^-5."""
LARGEST = 1.0


class EntropyGrowth:
    """A smooth, growing function of eta/s, zero at zero.

    Arguments:
        table: values at equal steps of sqrt(eta/s) from 0 to LARGEST, (NODES,).
    """

    def __init__(self, table: Tensor) -> None:
        self.table = table

    @classmethod
    def fitted(cls, growth: Callable[[np.ndarray], np.ndarray]) -> "EntropyGrowth":
        """Tabulate a function of eta/s, (k,) -> (k,)."""
        roots = np.linspace(0, LARGEST**0.5, COMPUTED)
        fine = np.linspace(0, LARGEST**0.5, NODES)
        return cls(torch.from_numpy(CubicSpline(roots, growth(roots**2))(fine)))

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> "EntropyGrowth":
        """Take what `tensors` returned out of the tensors of a file."""
        return cls(tensors.pop("growth"))

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `from_tensors` needs."""
        return {"growth": self.table}

    def to(self, device: torch.device | str) -> "EntropyGrowth":
        """The same on another device."""
        return EntropyGrowth(self.table.to(device))

    def __call__(self, values: Tensor) -> Tensor:
        """Return the entropy that eta/s makes, (N,) float64."""
        position = (values.double().clamp(0, LARGEST) / LARGEST).sqrt() * (NODES - 1)
        low = position.floor().clamp(max=NODES - 2)
        first, last = self.table[low.long()], self.table[low.long() + 1]
        return first + (position - low) * (last - first)
