r"""What the measured modes already explain is taken out of a network's residual.

With x = x_0 + s z and a base denoiser that is the best linear one in each mode, and exact in the zero mode alone, the
true residual F obeys :math:`\langle F_p y_p^*\rangle = 0` and :math:`E[F_0 | m] = 0`, with y the whitened modes and m
the zero mode of x. A network obeys this up to its training error, which would move the spectrum and the law of the
order parameter first of all. Here the violation is measured on noised training fields and subtracted, so that
both stay as measured whatever the network learned.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from emulant.transport.measures import ModeMeasure

__all__ = ["Calibration", "half_normal_basis"]

DEGREE = 5
FARTHEST = 3.0


class Calibration:
    """Coefficients of the projection, linear between their noise levels and zero at zero noise.

    Arguments:
        variables: solver variables of the levels, rising from 0, (K,).
        linear: of each mode's own whitened value, (K, *half shape).
        zero: of `half_normal_basis` in the zero mode's latent, (K, DEGREE); all zero where it is Gaussian.
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
        """From a network's residual F(x, s) on noised fields (N, *site_shape); each level sees its share of them.

        Arguments:
            residual: shapes (n, *site_shape), (n,).
            measure: the base.
            fields: fields that a reference made.
            levels: positive noise levels, rising.
            generator: of the noise.
        """
        linear, zero = [torch.zeros_like(measure.power)], [measure.power.new_zeros(DEGREE)]
        for s, share in zip(levels, fields.tensor_split(len(levels)), strict=True):
            parts = [_products(residual, measure, part, s, generator) for part in share.split(batch)]
            along, power, functions, gram = (sum(products) for products in zip(*parts, strict=True))
            linear.append(measure.symmetrised(along) / measure.symmetrised(power))
            zero.append(torch.linalg.solve(gram, functions))
        variables = [0.0, *(measure.solver_variable(s) for s in levels)]
        places = torch.tensor(variables, dtype=torch.float64, device=measure.power.device)
        return cls(places, torch.stack(linear), torch.stack(zero))

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> "Calibration":
        """Inverse of `tensors`."""
        return cls(tensors["variables"], tensors["linear"], tensors["zero"])

    def tensors(self) -> dict[str, Tensor]:
        """Everything, for safetensors."""
        return {"variables": self.variables, "linear": self.linear, "zero": self.zero}

    def to(self, device: torch.device | str) -> "Calibration":
        """The same on `device`."""
        return Calibration(*(tensor.to(device) for tensor in self.tensors().values()))

    def explained(self, measure: ModeMeasure, fields: Tensor, whitened: Tensor, noise: Tensor) -> Tensor:
        """What to subtract from F(x, s): x = `fields` (N, *site_shape), its whitened modes, s = `noise` (N,)."""
        linear, zero = self._at(measure.solver_variables(noise))
        modes = measure.transform(whitened) * linear.to(whitened.dtype)
        if measure.zero_mode is not None:
            latent = measure.zero_mode.to_latent(measure.zero_mode_of(fields), noise)
            modes = modes + 0
            modes[measure.origin] = (half_normal_basis(latent) * zero).sum(-1).to(whitened.dtype)
        return measure.inverse(modes)

    def _at(self, variables: Tensor) -> tuple[Tensor, Tensor]:
        """Coefficients at solver variables (N,), the last level's beyond it."""
        index = torch.searchsorted(self.variables, variables.contiguous()).clamp(1, len(self.variables) - 1)
        left, right = self.variables[index - 1], self.variables[index]
        share = ((variables - left) / (right - left)).clamp(0, 1)
        ones = [1] * (self.linear.ndim - 1)
        steep = share.reshape(-1, *ones)
        linear = torch.lerp(self.linear[index - 1], self.linear[index], steep)
        return linear, torch.lerp(self.zero[index - 1], self.zero[index], share[:, None])


def half_normal_basis(latent: Tensor) -> Tensor:
    """Odd functions sign(y) P_k(min(|y|, FARTHEST)), k < DEGREE, orthonormal for normal y; (N,) -> (N, DEGREE).

    With k = 0 a step at zero is among them: two phases that never meet may need different constants. Beyond FARTHEST, where
    one field in 400 is, they stay as they are there: what n fields fit has errors of sqrt(sum_k f_k^2 / n) times what the
    functions do not explain, a sum that grows with the eighth power. Fields of a flow would run off in them.
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
    """Sums over fields for least squares: Re F_p y_p^*, |y_p|^2; F_0 f_k, f_k f_l with the functions f of m."""
    z = torch.randn(fields.shape, generator=generator, device=fields.device, dtype=fields.dtype)
    noise = torch.full((len(fields),), s, dtype=torch.float64, device=fields.device)
    x = fields + s * z
    found, own = measure.transform(residual(x, noise)), measure.transform(measure.whitened(x, noise))
    along = (found * own.conj()).real.double().sum(0)
    power = (own * own.conj()).real.double().sum(0)
    if measure.zero_mode is None:
        return along, power, along.new_zeros(DEGREE), torch.eye(DEGREE, dtype=torch.float64, device=x.device)
    along[measure.origin] = 0.0
    functions = half_normal_basis(measure.zero_mode.to_latent(measure.zero_mode_of(x), noise))
    zero = found[measure.origin].real.double()
    return along, power, functions.T @ zero, functions.T @ functions
