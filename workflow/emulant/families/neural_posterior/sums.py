"""What adds up over the events of a bag, and what is shown of several kinds of events."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["Sums", "beside_others"]


def beside_others(numbers: Tensor) -> Tensor:
    """Numbers (N, kinds, m), by how much they differ from the mean of the other kinds, and which kind it is."""
    count, kinds, _ = numbers.shape
    others = (numbers.sum(1, keepdim=True) - numbers) / (kinds - 1)
    which = torch.eye(kinds).to(numbers).expand(count, -1, -1)
    return torch.cat([numbers, numbers - others, which], -1)


class Sums(nn.Module):
    """Linear functions of sums over events: of their columns, and of products of two.

    What independent events say of the parameters adds up in ln p(bag | theta); a linear regression sees no more of a bag.
    Networks of means alone have to learn both the numbers and how much many events count.

    Arguments:
        columns: of an event.
        kinds: of events.
        outputs: numbers of each kind.
    """

    def __init__(self, columns: int, kinds: int, outputs: int) -> None:
        super().__init__()
        self.pairs = torch.triu_indices(columns, columns)
        numbers = columns + self.pairs.shape[1]
        self.register_buffer("unit", torch.stack([torch.zeros(numbers), torch.ones(numbers)]))
        self.body = nn.Linear(numbers if kinds == 1 else 2 * numbers + kinds, outputs)

    def measure(self, each: Sequence[Tensor], present: Tensor) -> None:
        """Take mean and deviation of the means over whole bags, alike of all kinds; each (N, events, columns)."""
        deviation, mean = torch.std_mean(torch.cat([self.means(kind, present) for kind in each]), 0)
        self.unit.copy_(torch.stack([mean, deviation.clamp(min=torch.finfo(mean.dtype).tiny)]))

    def means(self, events: Tensor, weight: Tensor) -> Tensor:
        """Weighted means (N, numbers) over events (N, events, columns), of a whole bag where weights (N, events) are 1."""
        first, second = self.pairs
        everything = torch.cat([events, events[..., first] * events[..., second]], -1)
        return (weight[..., None] * everything).mean(1)

    def forward(self, each: Sequence[Tensor], present: Tensor) -> Tensor:
        """Linear functions (N, kinds * outputs) of the sums of each kind less what is expected, in units of a whole bag."""
        mean, deviation = self.unit
        expected = present.mean(1, keepdim=True) * mean
        sums = torch.stack([(self.means(kind, present) - expected) / deviation for kind in each], 1)
        return self.body(sums if len(each) == 1 else beside_others(sums)).flatten(1)
