"""Generator and critic on a two-dimensional torus."""

import torch
from torch import Tensor, nn

__all__ = ["Adversaries"]

NOISE = 8
"""Normal numbers at each site: as many as there are integers, twice."""
KERNEL = 3


class Adversaries(nn.Module):
    """Generator and critic, both told the charge for each site.

    Arguments:
        channels: of the integers at a site.
        width: of the convolutions.
        blocks: convolutions of width `width` in each network.
    """

    def __init__(self, channels: int, width: int, blocks: int) -> None:
        super().__init__()
        self.generator = _convolutions(NOISE + 1, width, blocks, channels)
        self.critic = _convolutions(channels + 1, width, blocks, width)
        self.verdict = nn.Linear(width, 1)

    def forward(self, what: str, values: Tensor, density: Tensor) -> Tensor:
        """Make integers before rounding of noise (`generate`), or judge them (`judge`, `judge_fixed`), (N,).

        Arguments:
            what: to do; `judge_fixed` leaves the critic as it is.
            values: noise (N, NOISE, *shape), or integers (N, channels, *shape).
            density: charge for each site, (N,).
        """
        told = density[:, None, None, None].expand(-1, 1, *values.shape[2:])
        values = torch.cat([values, told], 1)
        if what == "generate":
            return self.generator(values)
        if what == "judge":
            return self._judged(values)
        fixed = {name: tensor.detach() for name, tensor in self.named_parameters()}
        return torch.func.functional_call(_Judge(self), {f"of.{n}": t for n, t in fixed.items()}, (values,))

    def _judged(self, values: Tensor) -> Tensor:
        return self.verdict(self.critic(values).mean((2, 3))).squeeze(1)


class _Judge(nn.Module):
    """The critic alone, as a module whose parameters can be replaced."""

    def __init__(self, of: Adversaries) -> None:
        super().__init__()
        self.of = of

    def forward(self, values: Tensor) -> Tensor:
        return self.of._judged(values)


def _convolutions(inputs: int, width: int, blocks: int, outputs: int) -> nn.Sequential:
    layers = []
    for _ in range(blocks):
        layers += [_convolution(inputs, width), nn.LeakyReLU(0.2)]
        inputs = width
    return nn.Sequential(*layers, _convolution(inputs, outputs))


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, KERNEL, padding="same", padding_mode="circular")
