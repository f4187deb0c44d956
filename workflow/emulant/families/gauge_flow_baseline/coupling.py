"""A published coupling: one stripe of plaquettes in four is moved, the stripe before it pays, the two after it stay.

Layers take turns in direction and, every second one, in the position of the stripes, so that eight move every link once. A
convolutional network reads cosines and sines of the stripes that stay, and tells the scales of a mean of non-compact
projections and a turn (arXiv:2101.08176).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from emulant.errors import InputError
from emulant.gauge.arrays import wrapped
from emulant.transport.circle.tangents import forward, inverse

__all__ = ["StripeCoupling"]


class StripeCoupling(nn.Module):
    """One layer.

    Arguments:
        layer: its number, which decides what it moves.
        shape: of the plaquettes, (L_t, L_s).
        components: projections whose mean is taken.
        hidden: channels of the hidden layers.

    Raises:
        InputError: for sides that are no multiples of 4.
    """

    active: Tensor
    passive: Tensor
    frozen: Tensor

    def __init__(self, layer: int, shape: Sequence[int], components: int, hidden: Sequence[int]) -> None:
        super().__init__()
        if any(length % 4 for length in shape):
            raise InputError("system", "shape", "sides that are multiples of 4, for stripes", list(shape))
        self.shape, position = tuple(shape), layer // 2 % 4
        # A link in time lies between plaquettes that are neighbours in space, and the other way round.
        rows = torch.arange(shape[0] * shape[1]).reshape(self.shape).movedim(1 - layer % 2, 0)
        active = torch.arange(position, len(rows), 4)
        for name, stripes in (("active", active), ("passive", active - 1)):
            self.register_buffer(name, rows[stripes].flatten(), persistent=False)
        frozen = torch.zeros(shape[0] * shape[1])
        frozen[torch.cat([rows[(active + 1) % len(rows)], rows[(active + 2) % len(rows)]]).flatten()] = 1
        self.register_buffer("frozen", frozen, persistent=False)
        self.network = _convolutions([2, *hidden, components + 1])

    def forward(self, plaquettes: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Map plaquettes (N, V) float64 in [-pi, pi); returns them and ln of the Jacobian, (N,)."""
        scales, turn = self._numbers(plaquettes)
        mapped, log_slope = forward(scales, plaquettes[:, self.active])
        return self._exchanged(plaquettes, mapped + turn), log_slope.sum(1)

    def inverse(self, plaquettes: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Map plaquettes back; returns them and ln of the Jacobian of the forward map, (N,)."""
        scales, turn = self._numbers(plaquettes)
        mapped, log_slope = inverse(scales, wrapped(plaquettes[:, self.active] - turn))
        return self._exchanged(plaquettes, mapped), log_slope.sum(1)

    def _numbers(self, plaquettes: Tensor) -> tuple[Tensor, Tensor]:
        """Scales (N, active, components) and turns (N, active)."""
        shown = (plaquettes * self.frozen).to(torch.get_default_dtype()).unflatten(1, self.shape)
        numbers = self.network(torch.stack([shown.cos(), shown.sin()], 1)).flatten(2)[..., self.active]
        return numbers[:, :-1].transpose(1, 2).double(), numbers[:, -1].double()

    def _exchanged(self, plaquettes: Tensor, active: Tensor) -> Tensor:
        """Replace the active plaquettes; the passive ones pay for the change."""
        pair = plaquettes[:, self.active] + plaquettes[:, self.passive]
        replaced = plaquettes.index_copy(1, self.active, wrapped(active))
        return replaced.index_copy(1, self.passive, wrapped(pair - active))


def _convolutions(channels: Sequence[int]) -> nn.Sequential:
    """Circular 3 x 3 convolutions with leaky rectifiers between them."""
    layers: list[nn.Module] = []
    for incoming, outgoing in zip(channels[:-1], channels[1:], strict=True):
        convolution = nn.Conv2d(incoming, outgoing, 3, padding=1, padding_mode="circular")
        layers += [convolution, nn.LeakyReLU()]
    return nn.Sequential(*layers[:-1])
