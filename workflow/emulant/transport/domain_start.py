r"""Gaussian fields about every pattern of domains along the first axis of a lattice, as one start of paths.

In the broken phase of a long strip a field may change its sign at two walls, where Gaussians about +v and -v alone have
nothing. With a sign s_x for each slice x of n sites, and A that couples nearest neighbours,

.. math:: e^{-S_0} = \sum_s \pi(s) e^{-\frac12 (\phi - v s) A (\phi - v s)}
    = e^{-\frac12 \phi A \phi - \frac12 V A(0) v^2} \sum_s \pi(s) \prod_x e^{v s_x (A\phi)_x - \epsilon\, [s_x \ne s_{x+1}]}

where (A phi)_x is summed over the slice, pi(s) ~ e^(-mu) to the number of walls, and epsilon = 2 v^2 n times the stiffness
between slices. The sum is that of an Ising chain in a field, by its transfer matrix; ln Z_0 is that of one Gaussian.
"""

import math

import torch
from torch import Tensor

from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.two_phases import TwoPhaseStart

__all__ = ["DomainStart"]

WALLED = 0.05
"""Part of the fields that have walls. Few paths that begin with them keep their weight, as these walls are sharp; but the
law of the start must have some, or no path may make a wall before the last level."""


class DomainStart(TwoPhaseStart):
    """Gaussian fields about +v and -v, and about patterns of both along the first axis.

    Arguments:
        inverse_power: A(p) of the field about its mean, as of `GaussianStart`, of nearest neighbours along the first axis.
        mean: v, a number.
    """

    def __init__(self, inverse_power: Tensor, mean: Tensor) -> None:
        super().__init__(inverse_power, mean)
        self.length = self.shape[0]
        self.area = math.prod(self.shape[1:])
        along = inverse_power.reshape(self.length, -1)[:, 0]
        stiffness = -float(torch.fft.ifft(along).real[1])
        # A pair of walls has e^(-2 mu) for each of its places, L (L - 1) / 2.
        self.rarity = -0.5 * math.log(2 * WALLED / (self.length * (self.length - 1)))
        self.cost = self.rarity + 2 * stiffness * self.area * float(self.mean) ** 2
        none = torch.zeros(1, self.length, dtype=torch.float64)
        self.log_patterns = float(_log_total(_ahead(none, self.rarity), self.rarity))

    def parts(self) -> dict[str, Tensor]:
        """Return what a file must hold, for `stored_start.start_of`."""
        return super().parts() | {"domains": torch.ones(())}

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw fields (count, *shape)."""
        fields = GaussianStart.sample(self, count, generator)
        return fields + self.mean.to(fields.dtype) * self._spread(self._patterns(count, generator), fields)

    def action(self, fields: Tensor) -> Tensor:
        """Compute S_0 of fields (N, *shape), (N,) float64."""
        both = 0.5 * math.prod(self.shape) * self._pull * self.mean
        patterns = _log_total(_ahead(self._slopes(fields), self.cost), self.cost) - self.log_patterns
        return GaussianStart.action(self, fields) + both - patterns

    def score(self, fields: Tensor) -> Tensor:
        """Compute -dS_0/dphi, the shape of `fields`: A acts on the field less the mean of its patterns."""
        signs = _mean_signs(self._slopes(fields), self.cost)
        return GaussianStart.score(self, fields - self.mean.to(fields.dtype) * self._spread(signs, fields))

    def _slopes(self, fields: Tensor) -> Tensor:
        """Compute v (A phi)_x of each slice, (N, L) float64."""
        stiff = self._filtered(fields.double(), self.inverse_power)
        return self.mean * stiff.reshape(len(fields), self.length, -1).sum(2)

    def _spread(self, slices: Tensor, like: Tensor) -> Tensor:
        """Repeat numbers of slices (N, L) over their sites."""
        return slices.to(like.dtype).reshape(*slices.shape, *[1] * (len(self.shape) - 1))

    def _patterns(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw signs of slices with an even number of walls, (count, L) float64."""
        device = self.inverse_power.device
        part = 1 / (1 + math.exp(self.rarity))
        walls = torch.ones(count, self.length, dtype=torch.bool, device=device)
        walls[:, 1:] = False
        while (odd := walls.sum(1) % 2 == 1).any():
            drawn = torch.rand(int(odd.sum()), self.length, generator=generator, device=device)
            walls[odd] = drawn < part
        upward = torch.rand(count, 1, generator=generator, device=device) < 0.5
        return 1 - 2 * ((walls.cumsum(1) + upward) % 2).double()


def _ahead(slopes: Tensor, cost: float) -> Tensor:
    """Log sums over the signs before each slice, for each sign of the first one and of this, (L, N, 2, 2)."""
    fields = torch.stack([slopes, -slopes], 2).unbind(1)
    closed = fields[0].new_full((2, 2), -math.inf).fill_diagonal_(0.0)
    sums = [fields[0][:, None, :] + closed]
    for field in fields[1:]:
        sums.append(_next(sums[-1], cost) + field[:, None, :])
    return torch.stack(sums)


def _behind(slopes: Tensor, cost: float) -> Tensor:
    """Log sums over the signs after each slice, for each sign of the first one and of this, (L, N, 2, 2)."""
    fields = torch.stack([slopes, -slopes], 2).unbind(1)
    sums = [_closing(fields[0], cost).expand(len(slopes), 2, 2)]
    for field in reversed(fields[1:]):
        sums.append(_next(sums[-1] + field[:, None, :], cost))
    return torch.stack(sums[::-1])


def _next(sums: Tensor, cost: float) -> Tensor:
    """Sum over a sign, with a wall or without, to each sign of its neighbour."""
    return torch.logaddexp(sums, sums.flip(-1) - cost)


def _closing(like: Tensor, cost: float) -> Tensor:
    """Cost of the bond between the last slice and the first, (2, 2)."""
    return like.new_full((2, 2), -cost).fill_diagonal_(0.0)


def _log_total(ahead: Tensor, cost: float) -> Tensor:
    """Log sum over all patterns on the ring, (N,)."""
    return (ahead[-1] + _closing(ahead, cost)).flatten(1).logsumexp(1)


def _mean_signs(slopes: Tensor, cost: float) -> Tensor:
    """Mean sign of each slice, (N, L)."""
    joint = (_ahead(slopes, cost) + _behind(slopes, cost)).logsumexp(2)
    up, down = joint.unbind(-1)
    return (0.5 * (up - down)).tanh().T
