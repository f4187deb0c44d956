"""Log-likelihood of a field under the latent flow, by the instantaneous change of variables."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from emulant.transport.measures import ModeMeasure

__all__ = ["log_likelihood"]

Residual = Callable[[Tensor, Tensor], Tensor]


@torch.no_grad()
def log_likelihood(
    residual: Residual,
    measure: ModeMeasure,
    fields: Tensor,
    grid: list[float],
    zero_deviation: Callable[[float], float],
    *,
    probes: int | None,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    r"""Compute log q(x) of fields (N, *site_shape), and its error from the stochastic trace (zero if exact).

    The latent runs from the data to the noise by the exponential midpoint rule, and
    :math:`\log q(x_0) = \log N(y_T) + \log|\partial y/\partial x_0| - \sum \mathrm{div}`, with the divergence of
    dy_p = -F_p dtheta_p from vector-Jacobian products: with every unit vector (`probes` None: exact), or with
    `probes` random signs (Hutchinson). Noise levels in `grid` fall; they are run backwards.
    """
    levels = grid[::-1]
    latent = measure.to_latent(fields, 0.0)
    log_q = _log_jacobian(measure, fields)
    variance = torch.zeros_like(log_q)
    for s, s_next in zip(levels, levels[1:], strict=False):
        middle = measure.noise_of(0.5 * (measure.solver_variable(s) + measure.solver_variable(s_next)))
        half = measure.clock(middle) - measure.clock(s)
        whole = measure.clock(s_next) - measure.clock(s)
        # Rates are 0 / 0 at zero noise: a thousandth of the softening replaces it.
        start = max(s, 1e-3 * measure.softening)
        x = measure.from_latent(latent, s)
        rate = measure.latent_rate(residual(x, x.new_full((len(x),), start)), x, start, zero_deviation(start))
        at_middle = measure.from_latent(latent - measure.inverse((rate * half).to(rate.dtype)), middle)
        trace, spread, rate = _weighted_trace(
            residual, measure, at_middle, middle, whole, zero_deviation(middle), probes, generator
        )
        latent = latent - measure.inverse((rate * whole).to(rate.dtype))
        log_q, variance = log_q - trace, variance + spread
    volume = fields[0].numel()
    squared = latent.double().square().flatten(1).sum(1)
    return log_q - 0.5 * squared - 0.5 * volume * math.log(2 * math.pi), variance.sqrt()


def _weighted_trace(
    residual: Residual,
    measure: ModeMeasure,
    x: Tensor,
    s: float,
    whole: Tensor,
    deviation: float,
    probes: int | None,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor, Tensor]:
    """Compute the trace of d(whole * rate)/d(latent), its variance, and the rate, at x and noise s."""
    weight = whole * (measure.power + s**2).sqrt()
    origin = measure.origin
    if measure.zero_mode is not None:
        weight = weight.clone()
        weight[origin] = whole[origin] * deviation / s * (s + measure.softening)
    volume = x[0].numel()
    count = volume if probes is None else probes
    if probes is None:
        vectors = torch.eye(volume, dtype=x.dtype, device=x.device).reshape(volume, *x.shape[1:])
    else:
        shape = (probes, *x.shape[1:])
        vectors = torch.randint(0, 2, shape, generator=generator, device=x.device).to(x.dtype) * 2 - 1
    leaf = x.detach().requires_grad_(True)
    with torch.enable_grad():
        output = residual(leaf, x.new_full((len(x),), s))
    products = []
    for index in range(count):
        cotangent = measure.filtered(vectors[index], weight).expand_as(x)
        (gradient,) = torch.autograd.grad(output, leaf, cotangent, retain_graph=index < count - 1)
        products.append((gradient * vectors[index]).double().flatten(1).sum(1))
    stacked = torch.stack(products)
    if probes is None:
        trace, spread = stacked.sum(0), torch.zeros(len(x), dtype=torch.float64)
    else:
        trace, spread = (
            stacked.mean(0),
            stacked.var(0) / probes if probes > 1 else torch.full_like(stacked[0], math.nan),
        )
    rate = measure.latent_rate(output.detach(), x, s, deviation)
    if measure.zero_mode is not None:
        zero = x.flatten(1).double().sum(1) / math.sqrt(volume)
        score = (measure.zero_mode.posterior_mean(zero, torch.tensor(s)) - zero) / s**2
        curvature = score + measure.zero_mode.to_latent(zero, s) * measure.zero_mode.latent_slope(zero, s)
        zero_residual = measure.transform(output.detach())[origin].real.double()
        trace = trace + float(weight[origin]) * curvature * zero_residual
    return trace, spread.to(trace.device), rate


def _log_jacobian(measure: ModeMeasure, fields: Tensor) -> Tensor:
    """Compute log |dy/dx| at zero noise: minus half the sum of log C over all modes, the zero mode by its own law."""
    last = measure.site_shape[-1]
    multiplicity = torch.full_like(measure.power, 2.0)
    multiplicity[..., 0] = 1.0
    if last % 2 == 0:
        multiplicity[..., -1] = 1.0
    logs = -0.5 * measure.power.log() * multiplicity
    if measure.zero_mode is None:
        return logs.sum().expand(len(fields)).clone()
    logs = logs.clone()
    logs[(0,) * logs.ndim] = 0.0
    zero = fields.flatten(1).double().sum(1) / math.sqrt(fields[0].numel())
    return logs.sum() + measure.zero_mode.latent_slope(zero, 0.0).log()
