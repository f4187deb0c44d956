"""A Fourier neural operator on a square of cells [Z. Li et al., arXiv:2010.08895]: weights for long waves."""

import torch
from torch import Tensor, nn

__all__ = ["FourierOperator"]

HIDDEN = 2
"""Channels of the last hidden layer over those of the operator's."""


class SpectralMixing(nn.Module):
    """A linear map of the channels of each of the longest waves; shorter ones vanish.

    Arguments:
        channels: before and after.
        modes: wave numbers below this along each axis, of either sign.
    """

    def __init__(self, channels: int, modes: int) -> None:
        super().__init__()
        self.modes = modes
        # Complex numbers as pairs: optimisers and files know real ones.
        shape = (channels, channels, 2 * modes - 1, modes, 2)
        self.weight = nn.Parameter(torch.randn(shape) / (2 * channels) ** 0.5)

    def forward(self, fields: Tensor) -> Tensor:
        """Map fields (N, channels, n, n), n >= 2 modes, to the same shape."""
        waves = torch.fft.rfft2(fields)
        rows = torch.arange(1 - self.modes, self.modes, device=fields.device) % fields.shape[-2]
        mixed = torch.zeros_like(waves)
        longest, weight = waves[:, :, rows, : self.modes], torch.view_as_complex(self.weight)
        mixed[:, :, rows, : self.modes] = torch.einsum("ncxy,cdxy->ndxy", longest, weight)
        return torch.fft.irfft2(mixed, s=fields.shape[-2:])


class FourierOperator(nn.Module):
    """Layers of spectral mixing beside a linear map of each point, zero at first.

    Arguments:
        inputs, outputs: channels.
        channels: of the layers.
        modes: of the spectral mixing.
        layers: number of them.
    """

    def __init__(self, inputs: int, outputs: int, channels: int, modes: int, layers: int) -> None:
        super().__init__()
        self.lift = nn.Conv2d(inputs, channels, 1)
        self.mixings = nn.ModuleList(SpectralMixing(channels, modes) for _ in range(layers))
        self.points = nn.ModuleList(nn.Conv2d(channels, channels, 1) for _ in range(layers))
        self.hidden = nn.Conv2d(channels, HIDDEN * channels, 1)
        self.last = nn.Conv2d(HIDDEN * channels, outputs, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, fields: Tensor) -> Tensor:
        """Map fields (N, inputs, n, n) to (N, outputs, n, n)."""
        x = self.lift(fields)
        for mixing, point in zip(self.mixings, self.points, strict=True):
            x = x + nn.functional.gelu(mixing(x) + point(x))
        return self.last(nn.functional.gelu(self.hidden(x)))
