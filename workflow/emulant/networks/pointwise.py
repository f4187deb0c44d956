"""Odd multilayer perceptrons for zero-dimensional systems."""

import torch
from torch import Tensor, nn

from emulant.networks.lattice import NoiseEmbedding

__all__ = ["OddPerceptron"]


class OddPerceptron(nn.Module):
    """Perceptron of a single site, odd by construction: residual tanh layers without bias.

    The gain of each channel is a function of the noise.

    Arguments:
        inputs: input channels.
        channels: width of the hidden layers.
        blocks: number of residual layers.
        embedding: width of the noise embedding.
        outputs: output channels.
    """

    def __init__(
        self, inputs: int = 2, channels: int = 32, blocks: int = 2, embedding: int = 32, outputs: int = 1
    ) -> None:
        super().__init__()
        self.embedding = NoiseEmbedding(embedding)
        self.lift = nn.Linear(inputs, channels, bias=False)
        self.layers = nn.ModuleList(nn.Linear(channels, channels, bias=False) for _ in range(blocks))
        self.mixes = nn.ModuleList(nn.Linear(channels, channels, bias=False) for _ in range(blocks))
        self.gains = nn.ModuleList(nn.Linear(embedding, channels) for _ in range(blocks + 2))
        self.project = nn.Linear(channels, outputs, bias=False)
        nn.init.zeros_(self.project.weight)

    def forward(self, inputs: Tensor, log_noise: Tensor) -> Tensor:
        """Map inputs (N, inputs, 1) at log noise (N,) or (1,) to (N, outputs)."""
        embedding = self.embedding(log_noise)
        first, *inner, last = (1 + gain(embedding) for gain in self.gains)
        h = first * self.lift(inputs[..., 0])
        for layer, mix, gain in zip(self.layers, self.mixes, inner, strict=True):
            h = h + mix(torch.tanh(gain * layer(h)))
        return self.project(last * h)
