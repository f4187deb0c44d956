r"""Two Gaussian fields about opposite means, alike but for the sign, as one start of paths.

.. math:: e^{-S_0} = e^{-\frac{1}{2V} \sum_p A(p) |\phi_p|^2 - \frac12 V A(0) v^2} \cosh\Big(A(0) v \sum_x \phi_x\Big)

which is the mean of both Gaussians' weights, so that ln Z_0 is that of one of them.
"""

import math

import torch
from torch import Tensor

from emulant.transport.gaussian_start import GaussianStart

__all__ = ["TwoPhaseStart"]


class TwoPhaseStart(GaussianStart):
    """Gaussian fields about +v and -v, one as often as the other.

    Arguments:
        inverse_power: A(p) of the field about its mean, as of `GaussianStart`.
        mean: v, a number.
    """

    mean: Tensor

    def __init__(self, inverse_power: Tensor, mean: Tensor) -> None:
        super().__init__(inverse_power)
        self.register_buffer("mean", mean.double(), persistent=False)

    @property
    def power(self) -> Tensor:
        """<|phi_p|^2> / V of each mode: the zero mode has both means in it."""
        power = super().power.clone()
        power[(0,) * len(self.shape)] += math.prod(self.shape) * self.mean.square()
        return power

    def parts(self) -> dict[str, Tensor]:
        """Return what a file must hold, for `stored_start.start_of`."""
        return super().parts() | {"mean": self.mean}

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw fields (count, *shape)."""
        fields = super().sample(count, generator)
        upward = torch.rand(count, generator=generator, device=fields.device) < 0.5
        sign = (2 * upward.to(fields.dtype) - 1).reshape(-1, *[1] * len(self.shape))
        return fields + sign * self.mean.to(fields.dtype)

    def action(self, fields: Tensor) -> Tensor:
        """Compute S_0 of fields (N, *shape), (N,) float64."""
        tilt = self._pull * fields.double().flatten(1).sum(1).abs()
        log_cosh = tilt + torch.log1p((-2 * tilt).exp()) - math.log(2)
        both = 0.5 * math.prod(self.shape) * self._pull * self.mean
        return super().action(fields) + both - log_cosh

    def score(self, fields: Tensor) -> Tensor:
        """Compute -dS_0/dphi, the shape of `fields`."""
        tilt = self._pull * fields.double().flatten(1).sum(1)
        pull = (self._pull * tilt.tanh()).to(fields.dtype).reshape(-1, *[1] * len(self.shape))
        return super().score(fields) + pull

    @property
    def _pull(self) -> Tensor:
        """A(0) v."""
        return self.inverse_power[(0,) * len(self.shape)] * self.mean
