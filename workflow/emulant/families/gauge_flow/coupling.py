r"""A coupling: each pair of plaquettes exchanges an angle by a bijection of the circle that depends on loops which stay.

With the sum S of a pair, its plaquettes are S / 2 + delta and S / 2 - delta. delta goes through a Moebius map, a circular
spline and a turn, whose numbers a network reads from S, from the eight plaquettes beside the pair, turned by S / 2, and
from the sums of the next pairs that move. Under charge conjugation all angles change sign, cosines are even and sines odd,
and so are the numbers: the map is odd. Where S passes pi, S / 2 jumps; the numbers have a factor cos(S / 2), so that the
map is the identity there and continuous everywhere, without which gradients through samples would be wrong.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from emulant.families.gauge_flow.pairs import FROZEN, MOVED, pairs_of
from emulant.gauge.arrays import wrapped
from emulant.networks.parity import ParityPerceptron
from emulant.transport.circle.moebius import inside, moebius
from emulant.transport.circle.splines import Knots, forward, inverse, knots_of, mirrored_bins, mirrored_knots

__all__ = ["Coupling"]

LOOPS = 1 + FROZEN + MOVED


class Coupling(nn.Module):
    """One layer.

    Arguments:
        layer: its number, which decides what it moves.
        shape: of the plaquettes, (L_t, L_s).
        knots: of the splines.
        width: of the hidden layers of its network.
        conditions: numbers that tell the couplings of the action.
    """

    first: Tensor
    second: Tensor
    beside: Tensor
    next: Tensor

    def __init__(self, layer: int, shape: Sequence[int], knots: int, width: int, conditions: int) -> None:
        super().__init__()
        for name, index in pairs_of(layer, tuple(shape))._asdict().items():
            self.register_buffer(name, index, persistent=False)
        self.knots = knots
        inputs = (LOOPS + conditions, LOOPS)
        self.network = ParityPerceptron(inputs, width, (1 + 3 * knots, 2 + 3 * knots))

    def forward(self, plaquettes: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Map plaquettes (N, V) float64 in [-pi, pi); returns them and ln of the Jacobian, (N,)."""
        half, delta = self._split(plaquettes)
        (u, v), knots, turn = self._numbers(plaquettes, half, condition)
        drawn, log_slope = moebius(u, v, delta)
        bent, log_bend = forward(knots, drawn)
        return self._joined(plaquettes, half, bent + turn), (log_slope + log_bend).sum(1)

    def inverse(self, plaquettes: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Map plaquettes back; returns them and ln of the Jacobian of the forward map, (N,)."""
        half, bent = self._split(plaquettes)
        (u, v), knots, turn = self._numbers(plaquettes, half, condition)
        drawn, log_bend = inverse(knots, wrapped(bent - turn))
        delta, log_slope = moebius(-u, -v, drawn)
        return self._joined(plaquettes, half, delta), (log_bend - log_slope).sum(1)

    def _split(self, plaquettes: Tensor) -> tuple[Tensor, Tensor]:
        """Half of the sum of each pair, and delta in [-pi, pi), (N, pairs)."""
        first, second = plaquettes[:, self.first], plaquettes[:, self.second]
        half = wrapped(first + second) / 2
        return half, wrapped(first - half)

    def _joined(self, plaquettes: Tensor, half: Tensor, delta: Tensor) -> Tensor:
        """Replace the pairs."""
        replaced = plaquettes.index_copy(1, self.first, wrapped(half + delta))
        return replaced.index_copy(1, self.second, wrapped(half - delta))

    def _numbers(
        self, plaquettes: Tensor, half: Tensor, condition: Tensor
    ) -> tuple[tuple[Tensor, Tensor], Knots, Tensor]:
        """Compute w of the Moebius map, the spline and the turn of each pair."""
        beside = plaquettes[:, self.beside] + half[..., None]
        loops = torch.cat([half[..., None], beside, 2 * half[:, self.next]], -1)
        loops = loops.to(torch.get_default_dtype())
        told = condition.to(loops).expand(*loops.shape[:-1], -1)
        cos = loops.cos()
        numbers = self.network(torch.cat([cos, told], -1), loops.sin())
        even, odd = (cos[..., :1] * part for part in numbers)
        w = inside(even[..., 0].double(), odd[..., 0].double())
        pairs = zip(even[..., 1:].split(self.knots, -1), odd[..., 2:].split(self.knots, -1), strict=True)
        mirrors = (mirrored_bins, mirrored_bins, mirrored_knots)
        parts = [(e + m(e)) + (o - m(o)) for (e, o), m in zip(pairs, mirrors, strict=True)]
        return w, knots_of(*parts), odd[..., 1].double()
