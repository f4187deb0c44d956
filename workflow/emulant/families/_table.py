"""Tables of nodes at which a loss has its target, drawn by weight."""

from dataclasses import dataclass, fields
from typing import Self

import torch
from torch import Tensor

__all__ = ["NodeTable", "cumulative_shares"]


@dataclass(frozen=True)
class NodeTable:
    """Columns (n, ...) of nodes, and their weights; a model whose training is over has none.

    Attributes:
        cumulative: sum of the weights up to a node, over their total, (n,).
    """

    cumulative: Tensor

    @classmethod
    def empty(cls) -> Self:
        """No nodes."""
        return cls(*(torch.zeros(0) for _ in fields(cls)))

    def __len__(self) -> int:
        return len(self.cumulative)

    def drawn(self, count: int, generator: torch.Generator) -> Self:
        """Draw nodes systematically by their weight."""
        device = self.cumulative.device
        offset = torch.rand((), generator=generator, device=device, dtype=torch.float64)
        strata = (torch.arange(count, device=device) + offset) / count
        return self.where(torch.searchsorted(self.cumulative, strata).clamp_max(len(self) - 1))

    def where(self, chosen: Tensor) -> Self:
        """Nodes of an index or a mask."""
        return type(self)(*(column[chosen] for column in self._columns()))

    def to(self, device: torch.device | str) -> Self:
        """The same table on `device`."""
        return type(self)(*(column.to(device) for column in self._columns()))

    def _columns(self) -> list[Tensor]:
        return [vars(self)[field.name] for field in fields(self)]


def cumulative_shares(weight: Tensor) -> Tensor:
    """Sum weights (n,) up to each node, over their total."""
    return (weight / weight.sum()).cumsum(0)
