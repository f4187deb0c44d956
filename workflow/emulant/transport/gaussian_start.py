r"""The Gaussian field that paths of actions begin with, S_t = (1 - t) S_0 + t S.

.. math:: S_0 = \frac{1}{2V} \sum_p A(p) |\phi_p|^2, \qquad \ln Z_0 = -\frac{1}{2} \sum_p \ln \frac{A(p)}{2\pi}
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["GaussianStart", "half_modes", "white_start"]


class GaussianStart(nn.Module):
    """A Gaussian field on a torus with independent Fourier modes.

    Arguments:
        inverse_power: A(p), positive, in the layout of `fftn`, the shape of the lattice, float64.

    Attributes:
        inverse_power: the argument.
        log_normalisation: ln Z_0.
    """

    inverse_power: Tensor

    def __init__(self, inverse_power: Tensor) -> None:
        super().__init__()
        self.register_buffer("inverse_power", inverse_power, persistent=False)
        self.shape = tuple(inverse_power.shape)
        self.dims = tuple(range(-len(self.shape), 0))
        self.log_normalisation = -0.5 * float((inverse_power / (2 * math.pi)).log().sum())

    @property
    def power(self) -> Tensor:
        """<|phi_p|^2> / V of each mode, the shape of the lattice."""
        return 1 / self.inverse_power

    def parts(self) -> dict[str, Tensor]:
        """Return what a file must hold, for `stored_start.start_of`."""
        return {"inverse_power": self.inverse_power}

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw fields (count, *shape)."""
        white = torch.randn(count, *self.shape, generator=generator, device=self.inverse_power.device)
        return self._filtered(white, self.inverse_power.rsqrt())

    def action(self, fields: Tensor) -> Tensor:
        """Compute S_0 of fields (N, *shape), (N,) float64."""
        fields = fields.double()
        return 0.5 * (fields * self._filtered(fields, self.inverse_power)).flatten(1).sum(1)

    def log_density(self, fields: Tensor) -> Tensor:
        """Compute ln q_0 of fields (N, *shape), (N,) float64."""
        return -self.action(fields) - self.log_normalisation

    def score(self, fields: Tensor) -> Tensor:
        """Compute -dS_0/dphi, the shape of `fields`."""
        return -self._filtered(fields, self.inverse_power)

    def coloured(self, fields: Tensor, power: float) -> Tensor:
        """Multiply each Fourier mode of fields by A(p)^power."""
        return self._filtered(fields, self.inverse_power**power)

    def on_path(self, action: Callable[[Tensor], Tensor], t: float) -> Callable[[Tensor], Tensor]:
        """Return S_t = (1 - t) S_0 + t S as a function of fields."""
        if t == 1:
            return action
        return lambda fields: (1 - t) * self.action(fields) + t * action(fields)

    def _filtered(self, fields: Tensor, gain: Tensor) -> Tensor:
        """Multiply each Fourier mode by a gain in the layout of `fftn`."""
        modes = torch.fft.rfftn(fields, dim=self.dims) * half_modes(gain).to(fields.dtype)
        return torch.fft.irfftn(modes, s=self.shape, dim=self.dims)


def half_modes(modes: Tensor) -> Tensor:
    """Keep of real even functions of momenta, layout of `fftn`, what `rfftn` has."""
    return modes[..., : modes.shape[-1] // 2 + 1].contiguous()


def white_start(shape: tuple[int, ...]) -> GaussianStart:
    """White noise of unit variance at each site."""
    return GaussianStart(torch.ones(shape, dtype=torch.float64))
