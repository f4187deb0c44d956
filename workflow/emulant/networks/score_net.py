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
    """

    def __init__(self, embedding: int = 256) -> None:
        super().__init__()
        widths = (32, 64, 128, 256)
        # Frequencies of scale 30, as published.
        self.frequencies = nn.Parameter(torch.randn(embedding // 2) * 30.0, requires_grad=False)
        self.embed = nn.Sequential(nn.Linear(embedding, embedding), nn.SiLU())
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in zip((1, *widths), widths, strict=False)
        )
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 3, padding=1, bias=False)
            for a, b in zip((256, 256, 128), (128, 64, 32), strict=True)
        )
        self.last = nn.ConvTranspose2d(64, 1, 3, padding=1)
        self.down_times = nn.ModuleList(nn.Linear(embedding, w) for w in widths)
        self.up_times = nn.ModuleList(nn.Linear(embedding, w) for w in (128, 64, 32))
        self.down_norms = nn.ModuleList(nn.GroupNorm(4 if w == 32 else 32, w) for w in widths)
        self.up_norms = nn.ModuleList(nn.GroupNorm(32, w) for w in (128, 64, 32))

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Map x (N, 1, L, L) at times t (N,) to (N, 1, L, L)."""
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
