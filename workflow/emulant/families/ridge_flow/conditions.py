"""Couplings at which one flow is fitted at once: its weights are polynomials through them."""

import itertools
import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from emulant.networks.ridges.velocity import chebyshev

__all__ = ["Conditions"]


class Conditions:
    """Values of parameters of a system, and the polynomials through them.

    Arguments:
        values: name -> values at which the flow is fitted, every combination of them; none where it is fitted at the
            system's own.
    """

    def __init__(self, values: Mapping[str, Sequence[float]]) -> None:
        self.values = {name: sorted(set(numbers)) for name, numbers in values.items()}

    def __len__(self) -> int:
        """Number of polynomials: of each parameter as many as it has values."""
        return math.prod(map(len, self.values.values()))

    def combinations(self) -> list[dict[str, float]]:
        """Every combination of the values."""
        return [
            dict(zip(self.values, numbers, strict=True))
            for numbers in itertools.product(*self.values.values())
        ]

    def polynomials(self, parameters: Mapping[str, float]) -> Tensor:
        """Evaluate products of Chebyshev polynomials between the least and the largest values, (polynomials,) float64.

        Outside they are those at the nearest end: a polynomial that nothing holds there goes far off.
        """
        product = torch.ones(1, dtype=torch.float64)
        for name, numbers in self.values.items():
            width = numbers[-1] - numbers[0]
            x = (2 * parameters[name] - numbers[0] - numbers[-1]) / width if width > 0 else 0.0
            product = torch.outer(product, chebyshev(x, len(numbers))).flatten()
        return product
