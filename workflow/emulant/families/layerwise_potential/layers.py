"""Coefficients of the operators at the layers of the noise, and between them."""

import math

import torch
from torch import Tensor, nn

__all__ = ["Layers"]

REACH = 30.0
"""Noise at the last layer in units of the largest variance of a mode: of an interaction there is G^4 = 10^-6 left."""


SOFTENING = 0.2
"""Noise below which layers are equidistant in tau, in units of the smallest variance of a mode: at lambda = 1/2 the site's
curvature is five times stiffer than that mode, and steps of its size diverge with 12 layers."""


class Layers(nn.Module):
    """Coefficients theta(u) over u = ln(1 + tau / tau_0), cubic between layers by their values and slopes.

    Arguments:
        power: C(p), whose smallest value times SOFTENING is tau_0.
        layers: their number.
        operators: the number of coefficients.

    Attributes:
        softening: tau_0, below which layers are equidistant in tau.
        deepest: u of the last layer.
    """

    def __init__(self, power: Tensor, layers: int, operators: int) -> None:
        super().__init__()
        self.softening = SOFTENING * float(power.min())
        self.deepest = math.log1p(REACH * float(power.max()) / self.softening)
        self.values = nn.Parameter(torch.zeros(layers + 1, operators, dtype=torch.float64))
        self.slopes = nn.Parameter(torch.zeros(layers + 1, operators, dtype=torch.float64))

    @property
    def depths(self) -> list[float]:
        """U of each layer, from 0."""
        count = len(self.values) - 1
        return [self.deepest * number / count for number in range(count + 1)]

    def time(self, depth: float) -> float:
        """Tau at a depth u."""
        return self.softening * math.expm1(depth)

    def forward(self, depth: float) -> Tensor:
        """Coefficients at a depth u, (operators,)."""
        number, part, step = self._cell(depth)
        square, rest = part**2, 1 - part
        near = (1 + 2 * part) * rest**2 * self.values[number] + step * part * rest**2 * self.slopes[number]
        far = (1 + 2 * rest) * square * self.values[number + 1] - step * rest * square * self.slopes[
            number + 1
        ]
        return near + far

    def rate(self, depth: float) -> Tensor:
        """Their derivative in tau, (operators,)."""
        number, part, step = self._cell(depth)
        change = 6 * part * (1 - part) * (self.values[number + 1] - self.values[number]) / step
        near = (1 - 4 * part + 3 * part**2) * self.slopes[number]
        far = (3 * part**2 - 2 * part) * self.slopes[number + 1]
        return (change + near + far) / (self.time(depth) + self.softening)

    def _cell(self, depth: float) -> tuple[int, float, float]:
        """Number of the layer before a depth, the part of the way to the next, and the distance of layers."""
        step = self.deepest / (len(self.values) - 1)
        number = min(len(self.values) - 2, max(0, int(depth / step)))
        return number, depth / step - number, step
