"""Batches of examples: random rows, moved by the symmetries of the system, and what is held out of them."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from emulant.contracts.family import Examples
from emulant.contracts.system import Symmetry

__all__ = ["Batches"]

MOST_HELD_OUT = 2048
"""Rows that are held out at most: their loss has an error of 2 %, and costs a few steps."""

Rows = Tensor | tuple[Tensor, ...]


class Batches:
    """Draws batches on a device.

    Arguments:
        examples: their rows.
        fraction: part of the rows that is held out, at least one of them.
        symmetries: maps (batch, generator) -> batch, applied to each batch one after another.
        device: where batches are drawn.
    """

    def __init__(
        self,
        examples: Examples,
        fraction: float,
        symmetries: Sequence[Symmetry],
        device: torch.device,
    ) -> None:
        self.symmetries, self.device, self.validates = symmetries, device, examples.held_out
        self.rows: Rows | None = None
        self.held_out: Rows | None = None
        if examples.rows is not None:
            count = max(1, min(int(_length(examples.rows) * fraction), MOST_HELD_OUT))
            self.held_out = _each(examples.rows, lambda rows: rows[:count].to(device))
            self.rows = _each(examples.rows, lambda rows: rows[count:].to(device))

    def drawn(self, count: int, generator: torch.Generator) -> Any:
        """A random batch of `count` rows, at least one; without rows an empty tensor (count, 0)."""
        count = max(1, count)
        if self.rows is None:
            return torch.empty(count, 0, device=self.device)
        length = _length(self.rows)
        chosen = torch.randint(length, (count,), generator=generator, device=self.device)
        batch = _each(self.rows, lambda rows: rows[chosen])
        for symmetry in self.symmetries:
            batch = symmetry(batch, generator)
        return batch

    def validation(self, size: int) -> list[Any]:
        """Held-out rows, `size` at a time; none where their loss is no validation."""
        if not self.validates:
            return []
        if self.held_out is None:
            return [torch.empty(size, 0, device=self.device)]
        starts = range(0, _length(self.held_out), size)
        return [_each(self.held_out, lambda rows, i=start: rows[i : i + size]) for start in starts]


def _each(rows: Rows, change: Callable[[Tensor], Tensor]) -> Rows:
    """Change a tensor, or every one of a tuple."""
    return tuple(change(part) for part in rows) if isinstance(rows, tuple) else change(rows)


def _length(rows: Rows) -> int:
    return len(rows[0] if isinstance(rows, tuple) else rows)
