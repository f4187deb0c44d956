"""A U-Net on maps of two charges over p_T and azimuth, periodic in azimuth.

Exact by construction: exchanged charges give exchanged answers, as the same weights act on (own, other) of either
charge; maps that are turned by half a turn give turned answers, as of azimuth the network is told cos 2 phi alone.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["ChargeUNet"]


class PeriodicConvolution(nn.Module):
    """A 3 x 3 convolution, periodic in the last direction, with zeros beyond the ends of the other."""

    def __init__(self, incoming: int, outgoing: int, stride: int = 1) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(incoming, outgoing, 3, stride, padding=(1, 0))

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, incoming, p_T, azimuth) to (N, outgoing, p_T / stride, azimuth / stride)."""
        return self.convolution(F.pad(x, (1, 1, 0, 0), mode="circular"))


class Block(nn.Module):
    """Residual block with gains that depend on the embedding."""

    def __init__(self, channels: int, embedding: int) -> None:
        super().__init__()
        self.first, self.second = (PeriodicConvolution(channels, channels) for _ in range(2))
        self.gains = nn.Linear(embedding, 2 * channels)
        nn.init.zeros_(self.gains.weight)
        nn.init.zeros_(self.gains.bias)

    def forward(self, h: Tensor, embedding: Tensor) -> Tensor:
        """Map (N, channels, p_T, azimuth) to the same shape."""
        gain, shift = self.gains(embedding)[:, :, None, None].chunk(2, dim=1)
        inner = self.first(F.silu(h)) * (1 + gain) + shift
        return h + self.second(F.silu(inner))


class ChargeUNet(nn.Module):
    """The network.

    Arguments:
        incoming, outgoing: maps of two charges.
        channels: width at full resolution; twice as many below, four times below that.
        embedding: width of the embedding.
    """

    def __init__(self, incoming: int, outgoing: int, channels: int, embedding: int) -> None:
        super().__init__()
        widths = [channels, 2 * channels, 4 * channels]
        self.lift = PeriodicConvolution(2 * incoming + 2, channels)
        self.down = nn.ModuleList(
            PeriodicConvolution(a, b, 2) for a, b in zip(widths[:-1], widths[1:], strict=True)
        )
        self.before, self.after = (nn.ModuleList(Block(w, embedding) for w in widths) for _ in range(2))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in zip(widths[:-1], widths[1:], strict=True))
        self.project = PeriodicConvolution(channels, outgoing)
        # Without training the answer is zero: what is there already stays as it is.
        nn.init.zeros_(self.project.convolution.weight)
        nn.init.zeros_(self.project.convolution.bias)

    def forward(self, maps: Tensor, embedding: Tensor) -> Tensor:
        """Map (N, incoming, 2, p_T, azimuth), with an embedding (N, width), to (N, outgoing, 2, p_T, azimuth)."""
        charges = maps.transpose(1, 2)
        h = torch.cat([charges, charges.flip(1)], dim=2).flatten(0, 1)
        twice = embedding.repeat_interleave(2, dim=0)
        h = self.lift(torch.cat([h, _positions(h)], dim=1))
        levels = []
        for block, down in zip(self.before, [*self.down, None], strict=True):
            h = block(h, twice)
            levels.append(h)
            h = h if down is None else down(h)
        for block, up in zip(reversed(self.after[1:]), reversed(self.up), strict=True):
            levels.pop()
            h = levels[-1] + F.interpolate(up(block(h, twice)), scale_factor=2.0)
        h = self.after[0](h, twice)
        return self.project(F.silu(h)).unflatten(0, (-1, 2)).transpose(1, 2)


def _positions(h: Tensor) -> Tensor:
    """Two channels: p_T from -1 to 1, and cos 2 phi at the middles of bins."""
    count, _, pts, azimuths = h.shape
    pt = torch.linspace(-1, 1, pts, device=h.device)[:, None].expand(pts, azimuths)
    middle = (torch.arange(azimuths // 2, device=h.device) + 0.5) / azimuths
    # Half of them twice: exactly the same after half a turn.
    azimuth = torch.cos(4 * torch.pi * middle).repeat(2).expand(pts, azimuths)
    return torch.stack([pt, azimuth]).expand(count, 2, pts, azimuths).to(h)
