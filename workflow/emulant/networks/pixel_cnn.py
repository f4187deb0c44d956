"""The masked convolutions of PixelCNN (A. van den Oord et al., arXiv:1601.06759): outputs of a site see the sites before it.

Raster order on a lattice without periodicity: beyond its edges are zeros. In a drawing each layer is evaluated once at each
site, as nothing that later sites change is seen by an earlier one.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["Drawing", "PixelCNN"]

SLOPE = 0.5
"""Of PReLU below zero before any training, as in the published networks of spins."""


class MaskedConvolution(nn.Conv2d):
    """A convolution that sees the sites before its centre, and the centre itself where it is not the first layer.

    Arguments:
        inputs, outputs: channels.
        reach: half of the kernel, without its centre.
        centre: whether the centre is seen.
    """

    mask: Tensor

    def __init__(self, inputs: int, outputs: int, reach: int, *, centre: bool) -> None:
        super().__init__(inputs, outputs, 2 * reach + 1, padding=reach)
        mask = torch.zeros(2 * reach + 1, 2 * reach + 1)
        mask[:reach], mask[reach, : reach + centre] = 1, 1
        self.register_buffer("mask", mask, persistent=False)
        self.reach = reach

    def forward(self, fields: Tensor) -> Tensor:
        """Convolve (N, channels, L_y, L_x)."""
        return F.conv2d(fields, self.weight * self.mask, self.bias, padding=self.reach)

    def upper(self) -> Tensor:
        """The kernel without the rows below its centre, (outputs, inputs, reach + 1, 2 reach + 1)."""
        return (self.weight * self.mask)[:, :, : self.reach + 1]


class PixelCNN(nn.Module):
    """Masked convolutions with PReLU between them.

    Arguments:
        inputs, outputs: channels.
        depth: layers.
        width: channels between them.
        reach: half of the kernels.
    """

    def __init__(self, inputs: int, outputs: int, depth: int, width: int, reach: int) -> None:
        super().__init__()
        sizes = [inputs, *[width] * (depth - 1), outputs]
        self.layers = nn.ModuleList(
            MaskedConvolution(a, b, reach, centre=number > 0)
            for number, (a, b) in enumerate(zip(sizes, sizes[1:], strict=False))
        )
        self.bends = nn.ModuleList(nn.PReLU(width, init=SLOPE) for _ in range(depth - 1))

    def forward(self, fields: Tensor) -> Tensor:
        """Evaluate all sites at once, (N, inputs, L_y, L_x) -> (N, outputs, L_y, L_x)."""
        values = self.layers[0](fields)
        for bend, layer in zip(self.bends, self.layers[1:], strict=True):
            values = layer(bend(values))
        return values


class Drawing:
    """Values of all layers at the sites that are drawn.

    Arguments:
        network: whose outputs are wanted.
        count: configurations.
        shape: of the lattice.
    """

    def __init__(self, network: PixelCNN, count: int, shape: tuple[int, ...]) -> None:
        self.network, self.reach = network, network.layers[0].reach
        self.kernels = [layer.upper().flatten(1).T for layer in network.layers]
        size = (shape[0] + self.reach, shape[1] + 2 * self.reach)
        like = self.kernels[0]
        self.values = [like.new_zeros(count, layer.in_channels, *size) for layer in network.layers]

    def outputs(self, y: int, x: int) -> Tensor:
        """Evaluate the layers at a site all of whose predecessors are drawn, (N, outputs)."""
        value = self._layer(0, y, x)
        for number, bend in enumerate(self.network.bends, 1):
            self.values[number][:, :, y + self.reach, x + self.reach] = bend(value)
            value = self._layer(number, y, x)
        return value

    def put(self, y: int, x: int, inputs: Tensor) -> None:
        """Take what was drawn at a site, (N, inputs)."""
        self.values[0][:, :, y + self.reach, x + self.reach] = inputs

    def _layer(self, number: int, y: int, x: int) -> Tensor:
        """Evaluate a layer at a site, (N, outputs)."""
        patch = self.values[number][:, :, y : y + self.reach + 1, x : x + 2 * self.reach + 1]
        return patch.flatten(1) @ self.kernels[number] + self.network.layers[number].bias
