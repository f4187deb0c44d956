"""Score network of arXiv:2309.17082: a U-net without pooling, with zero padding and Fourier features of time."""

import math

import torch
from torch import Tensor, nn

__all__ = ["ScoreNet"]


class ScoreNet(nn.Module):
    """Channels 1-32-64-128-256 and back with skips, GroupNorm, swish; the caller divides by the noise.

    It is neither translation-equivariant (zero padding) nor odd, as published.

    Arguments:
        embedding: width of the time embedding.
        channels: of a field.
    """

    def __init__(self, embedding: int = 256, channels: int = 1) -> None:
        super().__init__()
        widths = (32, 64, 128, 256)
        # Frequencies of scale 30, as published.
        self.frequencies = nn.Parameter(torch.randn(embedding // 2) * 30.0, requires_grad=False)
        self.embed = nn.Sequential(nn.Linear(embedding, embedding), nn.SiLU())
        self.down = nn.ModuleList(
            self.convolution(a, b) for a, b in zip((channels, *widths), widths, strict=False)
        )
        self.up = nn.ModuleList(
            self.transposed(a, b, bias=False) for a, b in zip((256, 256, 128), (128, 64, 32), strict=True)
        )
        self.last = self.transposed(64, channels, bias=True)
        self.down_times = nn.ModuleList(nn.Linear(embedding, w) for w in widths)
        self.up_times = nn.ModuleList(nn.Linear(embedding, w) for w in (128, 64, 32))
        self.down_norms = nn.ModuleList(nn.GroupNorm(4 if w == 32 else 32, w) for w in widths)
        self.up_norms = nn.ModuleList(nn.GroupNorm(32, w) for w in (128, 64, 32))

    def convolution(self, incoming: int, outgoing: int) -> nn.Module:
        """A layer on the way to more channels."""
        return nn.Conv2d(incoming, outgoing, 3, padding=1, bias=False)

    def transposed(self, incoming: int, outgoing: int, *, bias: bool) -> nn.Module:
        """A layer on the way back."""
        return nn.ConvTranspose2d(incoming, outgoing, 3, padding=1, bias=bias)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Map x (N, channels, L, L) at times t (N,) to its shape."""
        angle = 2 * math.pi * t[:, None] * self.frequencies
        embedding = self.embed(torch.cat([angle.sin(), angle.cos()], dim=1))
        skips = []
        for convolution, time, norm in zip(self.down, self.down_times, self.down_norms, strict=True):
            x = nn.functional.silu(norm(convolution(x) + time(embedding)[..., None, None]))
            skips.append(x)
        for convolution, time, norm in zip(self.up, self.up_times, self.up_norms, strict=True):
            x = x if x is skips[-1] else torch.cat([x, skips[-1]], dim=1)
            skips.pop()
            x = nn.functional.silu(norm(convolution(x) + time(embedding)[..., None, None]))
        return self.last(torch.cat([x, skips[0]], dim=1))
