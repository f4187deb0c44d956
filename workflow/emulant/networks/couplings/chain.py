"""Invertible layers one after another, in both directions, with the determinant of the whole."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, Protocol

import torch
from torch import Tensor, nn

__all__ = ["Chain", "Direction", "Layer", "Moved", "sum_of_sites"]

Direction = Literal["forward", "inverse"]


class Moved(NamedTuple):
    """Fields that a map made.

    Attributes:
        fields: (N, *shape).
        log_det: ln |det d fields / d argument|, (N,) float64.
    """

    fields: Tensor
    log_det: Tensor


class Layer(Protocol):
    """An invertible map of fields (N, *shape), a torch module.

    Attributes:
        operations: floating-point operations for one field, roughly.
    """

    @property
    def operations(self) -> float:
        """Floating-point operations for one field, roughly."""

    def __call__(self, fields: Tensor) -> Moved:
        """Map fields."""

    def inverse(self, fields: Tensor) -> Moved:
        """Map fields back; the determinant is that of the inverse."""


class Chain(nn.Module):
    """A composition of layers, itself invertible.

    Both directions are calls of the module, as what shares gradients between processes sees calls alone.

    Arguments:
        layers: in the order of the direction `forward`.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    @property
    def operations(self) -> float:
        """Floating-point operations for one field, roughly."""
        return sum(layer.operations for layer in self.layers)

    def forward(self, fields: Tensor, direction: Direction = "forward") -> Moved:
        """Map fields (N, *shape) through all layers."""
        log_det = fields.new_zeros(len(fields), dtype=torch.float64)
        for step in self._steps(direction):
            fields, change = step(fields)
            log_det = log_det + change
        return Moved(fields, log_det)

    def _steps(self, direction: Direction) -> list[Callable[[Tensor], Moved]]:
        """The maps of a direction in their order."""
        if direction == "forward":
            return list(self.layers)
        return [layer.inverse for layer in reversed(self.layers)]


def sum_of_sites(values: Tensor) -> Tensor:
    """Add up the sites of each field (N, *shape) in double precision, (N,)."""
    return values.flatten(1).sum(1, dtype=torch.float64)
