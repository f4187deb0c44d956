r"""Removal from a network's residual of the part that measured modes already determine.

With x = x_0 + s z and a base denoiser that is the best linear one in each mode, and exact in the zero mode alone, the
true residual F obeys :math:`\langle F_p y_p^*\rangle = 0` and :math:`E[F_0 | m] = 0`, with y the whitened modes and m
the zero mode of x. A network obeys this up to its training error, which would bias the spectrum and the law of the
order parameter first of all. Here the violation is measured on noised training fields and subtracted, so that
both are reproduced as measured.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from emulant.transport.measures import ModeMeasure

__all__ = ["Calibration", "half_normal_basis"]

# Functions of the zero mode: a step and odd bends up to the fourth power of |y|; each further one adds statistical error.
DEGREE = 5
# |y| beyond which they are constant; see `half_normal_basis`.
FARTHEST = 3.0


class Calibration:
    """Coefficients of the projection, interpolated linearly between noise levels and zero at zero noise.

    Arguments:
        variables: solver variables of the levels, rising from 0, (K,).
        linear: coefficients of each mode's whitened value, (K, *half shape).
        zero: coefficients of `half_normal_basis` in the zero mode's latent, (K, DEGREE); zero where it is Gaussian.
    """

    def __init__(self, variables: Tensor, linear: Tensor, zero: Tensor) -> None:
        self.variables, self.linear, self.zero = variables, linear, zero

    @classmethod
    def measure(
        cls,
        residual: Callable[[Tensor, Tensor], Tensor],
        measure: ModeMeasure,
        fields: Tensor,
        levels: list[float],
        generator: torch.Generator,
        *,
        batch: int = 256,
    ) -> "Calibration":
        """Measure the coefficients of a network's residual F(x, s) on noised fields, split among the levels.

        Arguments:
            residual: F, shapes (n, *site_shape), (n,).
            measure: the base.
            fields: training fields, (N, *site_shape).
            levels: positive noise levels, rising.
            generator: of the noise.
            batch: fields in one evaluation of the network.
        """
        linear, zero = [torch.zeros_like(measure.power)], [measure.power.new_zeros(DEGREE)]
        for s, share in zip(levels, fields.tensor_split(len(levels)), strict=True):
            parts = [_products(residual, measure, part, s, generator) for part in share.split(batch)]
            along, power, functions, gram = (sum(products) for products in zip(*parts, strict=True))
            linear.append(measure.symmetrised(along) / measure.symmetrised(power))
            zero.append(torch.linalg.solve(gram, functions))
        variables = [0.0, *(measure.solver_variable(s) for s in levels)]
        solver_variables = torch.tensor(variables, dtype=torch.float64, device=measure.power.device)
        return cls(solver_variables, torch.stack(linear), torch.stack(zero))

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> "Calibration":
        """Build from `tensors`."""
        return cls(tensors["variables"], tensors["linear"], tensors["zero"])

    def tensors(self) -> dict[str, Tensor]:
        """Return all tensors, for safetensors."""
        return {"variables": self.variables, "linear": self.linear, "zero": self.zero}

    def to(self, device: torch.device | str) -> "Calibration":
        """Copy to `device`."""
        return Calibration(*(tensor.to(device) for tensor in self.tensors().values()))

    def explained(self, measure: ModeMeasure, fields: Tensor, whitened: Tensor, noise: Tensor) -> Tensor:
        """Compute the modes of the part of F(x, s) to subtract, (N, *half shape).

        Arguments:
            measure: the base.
            fields: x, (N, *site_shape).
            whitened: modes of x scaled to unit power, (N, *half shape).
            noise: s, (N,) or (1,).
        """
        linear, zero = self._at(measure.solver_variables(noise))
        modes = whitened * linear.to(fields.dtype)
        if measure.zero_mode is not None:
            latent = measure.zero_mode.to_latent(measure.zero_mode_of(fields), noise)
            modes[measure.origin] = (half_normal_basis(latent) * zero).sum(-1).to(modes.dtype)
        return modes

    def _at(self, variables: Tensor) -> tuple[Tensor, Tensor]:
        """Interpolate the coefficients at solver variables (N,), constant beyond the last level."""
        index = torch.searchsorted(self.variables, variables.contiguous()).clamp(1, len(self.variables) - 1)
        left, right = self.variables[index - 1], self.variables[index]
        share = ((variables - left) / (right - left)).clamp(0, 1)
        ones = [1] * (self.linear.ndim - 1)
        steep = share.reshape(-1, *ones)
        linear = torch.lerp(self.linear[index - 1], self.linear[index], steep)
        return linear, torch.lerp(self.zero[index - 1], self.zero[index], share[:, None])


def half_normal_basis(latent: Tensor) -> Tensor:
    """Compute odd functions sign(y) P_k(min(|y|, FARTHEST)), k < DEGREE, orthonormal for standard normal y.

    Shape (N,) -> (N, DEGREE). With k = 0 a step at zero is among them: two phases that never meet may need different
    constants. Beyond FARTHEST, where one field in 400 is, the functions are constant: a fit to n fields has errors of
    sqrt(sum_k f_k^2 / n) times the unexplained deviation, a sum that grows with the eighth power of y.
    """
    order = torch.arange(2 * DEGREE - 1, dtype=torch.float64, device=latent.device)
    half, edge = (order + 1) / 2, torch.full_like(order, FARTHEST)
    inner = 2 ** (order / 2) * torch.exp(torch.lgamma(half)) / math.sqrt(math.pi)
    moments = inner * torch.special.gammainc(half, edge**2 / 2) + edge**order * torch.erfc(
        edge / math.sqrt(2)
    )
    gram = torch.stack([moments[k : k + DEGREE] for k in range(DEGREE)])
    to_orthonormal = torch.linalg.inv(torch.linalg.cholesky(gram))
    size = latent.double().abs().clamp_max(FARTHEST)[:, None]
    powers = torch.cat([torch.ones_like(size), *(size**k for k in range(1, DEGREE))], dim=1)
    return latent.double().sign()[:, None] * powers @ to_orthonormal.T


def _products(
    residual: Callable[[Tensor, Tensor], Tensor],
    measure: ModeMeasure,
    fields: Tensor,
    s: float,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Sum products over fields for least squares: Re F_p y_p^*, |y_p|^2; F_0 f_k, f_k f_l, f the basis in m."""
    z = torch.randn(fields.shape, generator=generator, device=fields.device, dtype=fields.dtype)
    noise = torch.full((len(fields),), s, dtype=torch.float64, device=fields.device)
    x = fields + s * z
    residual_modes, whitened_modes = (
        measure.transform(residual(x, noise)),
        measure.transform(measure.whitened(x, noise)),
    )
    along = (residual_modes * whitened_modes.conj()).real.double().sum(0)
    power = (whitened_modes * whitened_modes.conj()).real.double().sum(0)
    if measure.zero_mode is None:
        return along, power, along.new_zeros(DEGREE), torch.eye(DEGREE, dtype=torch.float64, device=x.device)
    along[measure.origin] = 0.0
    functions = half_normal_basis(measure.zero_mode.to_latent(measure.zero_mode_of(x), noise))
    zero = residual_modes[measure.origin].real.double()
    return along, power, functions.T @ zero, functions.T @ functions
