"""The score network of arXiv:2502.05504: that of arXiv:2309.17082 with periodic padding and several channels."""

from torch import Tensor, nn
from torch.nn import functional as F

from emulant.networks.score_net import ScoreNet

__all__ = ["PeriodicScoreNet"]


class PeriodicScoreNet(ScoreNet):
    """A U-net without pooling that commutes with translations; the caller divides by the noise."""

    def convolution(self, incoming: int, outgoing: int) -> nn.Module:
        """A layer on the way to more channels."""
        return nn.Conv2d(incoming, outgoing, 3, padding=1, padding_mode="circular", bias=False)

    def transposed(self, incoming: int, outgoing: int, *, bias: bool) -> nn.Module:
        """A layer on the way back."""
        return PeriodicTransposed(incoming, outgoing, 3, padding=2, bias=bias)


class PeriodicTransposed(nn.ConvTranspose2d):
    """A transposed 3 x 3 convolution on a torus: of a field with a border of its images, which padding 2 cuts off."""

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Map (N, incoming, L, L) to (N, outgoing, L, L)."""
        return super().forward(F.pad(x, (1, 1, 1, 1), mode="circular"))
