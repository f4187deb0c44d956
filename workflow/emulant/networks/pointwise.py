"""Odd multilayer perceptrons for zero-dimensional systems."""

from torch import Tensor, nn

from emulant.networks.lattice import NoiseEmbedding

__all__ = ["OddPerceptron"]


class OddPerceptron(nn.Module):
    """f(-x) = -f(x) on a single site: linear layers without bias, odd gates whose scales follow the noise.

    Arguments:
        inputs: input channels.
        channels: width of the hidden layers.
        blocks: number of residual gates.
        embedding: width of the noise embedding.
    """

    def __init__(self, inputs: int = 2, channels: int = 32, blocks: int = 3, embedding: int = 32) -> None:
        super().__init__()
        self.embedding = NoiseEmbedding(embedding)
        self.lift = nn.Linear(inputs, channels, bias=False)
        self.layers = nn.ModuleList(nn.Linear(channels, 2 * channels, bias=False) for _ in range(blocks))
        self.gains = nn.ModuleList(nn.Linear(embedding, 2 * channels) for _ in range(blocks))
        self.project = nn.Linear(channels, 1, bias=False)
        nn.init.zeros_(self.project.weight)

    def forward(self, inputs: Tensor, log_noise: Tensor) -> Tensor:
        """(N, inputs, 1), (N,) -> (N, 1)."""
        embedding = self.embedding(log_noise)
        h = self.lift(inputs[..., 0])
        for layer, gains in zip(self.layers, self.gains, strict=True):
            u, v = ((1 + gains(embedding)) * layer(h)).chunk(2, dim=1)
            h = h + u * (v * v / (1 + v * v))
        return self.project(h)
