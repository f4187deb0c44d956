"""Perceptrons with a symmetry of two elements, which leaves some numbers alone and turns the sign of others."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["ParityPerceptron"]


class ParityPerceptron(nn.Module):
    """Two hidden layers of even and odd numbers; outputs are 0 before any training.

    Odd numbers are linear in odd ones, times even gates; even numbers see odd ones squared.

    Arguments:
        inputs: numbers of even and odd inputs.
        width: of hidden layers, even and odd each.
        outputs: numbers of even and odd outputs.
    """

    def __init__(self, inputs: tuple[int, int], width: int, outputs: tuple[int, int]) -> None:
        super().__init__()
        self.even_lift = nn.Linear(inputs[0], 2 * width)
        self.odd_lift = nn.Linear(inputs[1], width, bias=False)
        self.even_mix = nn.Linear(2 * width, 2 * width)
        self.odd_mix = nn.Linear(width, width, bias=False)
        self.even_out = nn.Linear(width, outputs[0])
        self.odd_out = nn.Linear(width, outputs[1], bias=False)
        for parameter in (*self.even_out.parameters(), *self.odd_out.parameters()):
            nn.init.zeros_(parameter)

    def forward(self, even: Tensor, odd: Tensor) -> tuple[Tensor, Tensor]:
        """Map even inputs (..., inputs) and odd ones to even and odd outputs."""
        hidden, gate = self.even_lift(even).chunk(2, -1)
        odd = self.odd_lift(odd) * (1 + gate)
        both = torch.cat([F.silu(hidden), odd**2], -1)
        hidden, gate = self.even_mix(both).chunk(2, -1)
        return self.even_out(F.silu(hidden)), self.odd_out(self.odd_mix(odd) * (1 + gate))
