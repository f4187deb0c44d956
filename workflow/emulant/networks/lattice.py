"""Convolutional networks on periodic lattices, odd under a global change of sign by construction."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["NoiseEmbedding", "OddLatticeNetwork"]

SITES = 2**14
"""Sites of the fields that are evaluated together: their hidden layers stay in the cache of a core."""

CONVOLUTION = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


class NoiseEmbedding(nn.Module):
    """Smooth features of log noise, shape (N,) -> (N, features).

    Arguments:
        features: number of features.
        low, high: range of log noise covered by 16 Gaussian bumps, noise from 0.0025 to 400 in units of the field.
    """

    def __init__(self, features: int = 32, low: float = -6.0, high: float = 6.0) -> None:
        super().__init__()
        self.register_buffer("centres", torch.linspace(low, high, 16), persistent=False)
        self.layers = nn.Sequential(
            nn.Linear(16, features), nn.SiLU(), nn.Linear(features, features), nn.SiLU()
        )

    def forward(self, log_noise: Tensor) -> Tensor:
        """Evaluate Gaussian bumps in log noise, then two layers."""
        width = self.centres[1] - self.centres[0]
        return self.layers(torch.exp(-0.5 * ((log_noise[:, None] - self.centres) / width) ** 2))


class PeriodicConvolution(nn.Module):
    """A 3^d convolution without bias on a torus; it commutes with translations and keeps oddness."""

    def __init__(self, dimension: int, incoming: int, outgoing: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(
            torch.randn(outgoing, incoming, *[3] * dimension) / (incoming * 3**dimension) ** 0.5
        )
        self.padding = [1, 1] * dimension
        self.convolve = CONVOLUTION[dimension]

    def forward(self, x: Tensor) -> Tensor:
        """Convolve (N, incoming, *shape) -> (N, outgoing, *shape)."""
        return self.convolve(F.pad(x, self.padding, mode="circular"), self.weight)

    def amplified(self, x: Tensor, gain: Tensor) -> Tensor:
        """Convolve and multiply by gains (N, outgoing) of each, or (1, outgoing) of all, which cost nothing."""
        ones = [1] * (x.ndim - 2)
        if len(gain) == len(x):
            return self(x) * gain.reshape(*gain.shape, *ones)
        weight = self.weight * gain.reshape(-1, 1, *ones)
        return self.convolve(F.pad(x, self.padding, mode="circular"), weight)


class OddBlock(nn.Module):
    """Residual block: convolution, odd gate u v^2/(1 + v^2), noise-dependent gains, mean field of the lattice."""

    def __init__(self, dimension: int, channels: int, embedding: int) -> None:
        super().__init__()
        self.convolution = PeriodicConvolution(dimension, channels, 2 * channels)
        self.mean_field = nn.Linear(channels, 2 * channels, bias=False)
        self.gains = nn.Linear(embedding, 2 * channels)
        # Small, so that an untrained block is close to the identity.
        self.mix = nn.Parameter(0.3 * torch.randn(channels, channels) / channels**0.5)
        nn.init.normal_(self.mean_field.weight, std=0.1 / channels**0.5)
        nn.init.zeros_(self.gains.weight)
        nn.init.zeros_(self.gains.bias)

    def forward(self, h: Tensor, embedding: Tensor) -> Tensor:
        """Map (N, channels, *shape) to the same shape."""
        ones = [1] * (h.ndim - 2)
        mean = self.mean_field(h.flatten(2).mean(2))
        gain = 1 + self.gains(embedding)
        offset = (gain * mean).reshape(*mean.shape, *ones)
        u, v = self.convolution.amplified(h, gain).add_(offset).chunk(2, dim=1)
        # u - u / (1 + v^2), in fewer passes over memory than the product.
        gated = torch.addcdiv(u, u, 1 + v * v, value=-1)
        mix = self.mix.expand(len(h), -1, -1)
        return torch.baddbmm(h.flatten(2), mix, gated.flatten(2)).reshape(h.shape)


class OddLatticeNetwork(nn.Module):
    """Periodic, translation-equivariant network with f(-x) = -f(x).

    Arguments:
        dimension: of the lattice, 1 to 3.
        inputs: input channels.
        channels: width of the hidden layers.
        blocks: number of residual blocks; each widens the local view by one site, and sees the lattice's mean.
        embedding: width of the noise embedding.
    """

    def __init__(
        self, dimension: int, inputs: int = 2, channels: int = 16, blocks: int = 3, embedding: int = 32
    ):
        super().__init__()
        if dimension not in CONVOLUTION:
            raise ValueError(f"a lattice network needs 1 to 3 dimensions, got {dimension}")
        self.embedding = NoiseEmbedding(embedding)
        self.lift = PeriodicConvolution(dimension, inputs, channels)
        self.blocks = nn.ModuleList(OddBlock(dimension, channels, embedding) for _ in range(blocks))
        self.project = nn.Parameter(torch.zeros(channels))
        self.gain = nn.Linear(embedding, channels)

    def forward(
        self, inputs: Tensor, log_noise: Tensor, waves: Tensor | None = None
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Map inputs (N, inputs, *shape) at log noise (N,), or (1,) for all, to (N, *shape).

        With waves (W, *shape) also return the overlap of the last hidden layer with each, (N, channels, W).
        """
        outputs, overlaps = [], []
        for h, embedding in self._hidden(inputs, log_noise):
            outputs.append(self._projected(h, embedding))
            if waves is not None:
                overlaps.append(h.flatten(2) @ waves.flatten(1).T)
        return torch.cat(outputs) if waves is None else (torch.cat(outputs), torch.cat(overlaps))

    def _hidden(self, inputs: Tensor, log_noise: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """The last hidden layer (n, channels, *shape) and the embedding of the noise, some fields at a time."""
        embedding = self.embedding(log_noise)
        size = max(1, SITES // inputs[0, 0].numel())
        noises = [embedding] * -(-len(inputs) // size) if len(embedding) == 1 else embedding.split(size)
        for part, of_part in zip(inputs.split(size), noises, strict=True):
            h = self.lift(part)
            for block in self.blocks:
                h = block(h, of_part)
            yield h, of_part

    def _projected(self, h: Tensor, embedding: Tensor) -> Tensor:
        """The output of hidden fields."""
        weights = (self.project * (1 + self.gain(embedding))).expand(len(h), -1)
        return torch.bmm(weights[:, None], h.flatten(2)).reshape(len(h), *h.shape[2:])
