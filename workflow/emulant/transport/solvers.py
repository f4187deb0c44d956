r"""Solvers from noise to data: stochastic in path time, and few-step flows of Adams type.

The flows write the probability flow as dy = -F dθ, with F = 0 for a Gaussian measure: y is the field over its standard
deviation under that measure, and θ = arctan(s/√C) is its time at the noise-to-signal ratio s. F is extrapolated as a
polynomial in θ through the last evaluations, so that a step costs one evaluation at any order.
"""

import math
from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import Tensor

from emulant.transport.adams import adams_flow, lagrange_integrals
from emulant.transport.measures import ModeMeasure
from emulant.transport.paths import Path

__all__ = [
    "Score",
    "euler_maruyama",
    "flow_times",
    "latent_flow",
    "latent_grid",
    "predictor_corrector",
    "probability_flow",
]

LOGARITHMIC = 0.5
"""Share of the steps of a latent flow that is uniform in the solver variable; the others are uniform in the mean clock
of the modes, in which F is smooth. Between 0.2 and 0.6 errors at 8 to 12 steps hardly differ, at 1 they are thrice those."""
GRID = 512
"""Nodes between which noise levels are interpolated: far more than steps."""

Score = Callable[[Tensor, float], Tensor]
Watch = Callable[[Tensor, float], None]


def euler_maruyama(
    score: Score, path: Path, x: Tensor, times: Iterable[float], generator: torch.Generator
) -> Tensor:
    r"""Integrate the reverse SDE dx = [rate x - g^2 score] dt + g dW by the Euler-Maruyama scheme, weak order 1.

    The last step is free of noise (2309.17082).
    """
    times = [float(t) for t in times]
    for step, (t, earlier) in enumerate(zip(times, times[1:], strict=False)):
        x = _reverse_step(score, path, x, t, earlier, generator if step < len(times) - 2 else None)
    return x


def predictor_corrector(
    score: Score,
    path: Path,
    x: Tensor,
    times: Iterable[float],
    generator: torch.Generator,
    *,
    signal_to_noise: float = 0.16,
) -> Tensor:
    r"""Integrate the reverse SDE with one Langevin step at each time (Song et al., 2011.13456, algorithm 2).

    Weak order 1 in dt if `signal_to_noise`, r, falls as √dt. At a fixed r many steps converge to the stationary law of the
    Langevin steps instead: the variance of a Gaussian field comes out 1 / (1 - r²) too large, 2.6 % at 0.16.
    """
    times = [float(t) for t in times]
    for t, earlier in zip(times, times[1:], strict=False):
        x = _reverse_step(score, path, x, t, earlier, generator)
        force, noise = score(x, earlier), _normal(x, generator)
        size = 2 * (signal_to_noise * _norm(noise) / _norm(force)) ** 2
        x = x + size * force + (2 * size) ** 0.5 * noise
    return x


def probability_flow(
    score: Score,
    path: Path,
    x: Tensor,
    times: Iterable[float],
    *,
    variance: float = 1.0,
    order: int = 3,
    watch: Watch | None = None,
) -> Tensor:
    r"""Integrate the ODE dx/dt = (a'/a) x - ½ g² score of any path by exponential Adams-Bashforth.

    With x/a = √(C + s²) y and the denoiser D, F = [D - C (x/a) / (C + s²)] √(C + s²) / (√C s). One evaluation a step;
    exact for any number of steps where the score is that of a Gaussian of variance C.

    Arguments:
        score: ∂ log p_t, (x, t) -> the shape of x.
        path: the probability path.
        x: fields at the first time, any shape.
        times: falling path times, see `flow_times`; the last may be 0.
        variance: C, about the mean square of the data in the units of x. It changes the accuracy and not the limit.
        order: of the error in the step.
        watch: called with x/a = x_0 + s z and s before each step.

    Returns:
        Fields at the last time.
    """
    times = [float(t) for t in times]
    ratios = [float(path.ratio(t)) for t in times]
    clocks = [math.atan(s / math.sqrt(variance)) for s in ratios]
    spreads = [math.sqrt(variance + s**2) for s in ratios]
    latent = x / (float(path.signal(times[0])) * spreads[0])
    rates: list[Tensor] = []
    for step, (t, s, spread) in enumerate(zip(times[:-1], ratios, spreads, strict=False)):
        scaled = spread * latent
        if watch is not None:
            watch(scaled, s)
        signal = float(path.signal(t))
        denoised = path.denoiser_from_score(score(signal * scaled, t), signal * scaled, t)
        rates = [(denoised * spread - variance * latent) / (math.sqrt(variance) * s), *rates[: order - 1]]
        past = clocks[step::-1][: len(rates)]
        shares = lagrange_integrals(past, clocks[step], clocks[step + 1])
        latent = latent - sum(share * rate for share, rate in zip(shares, rates, strict=True))
    return float(path.signal(times[-1])) * spreads[-1] * latent


def flow_times(path: Path, noise_max: float, steps: int, *, softening: float = 0.1) -> list[float]:
    """Choose times for `probability_flow`: uniform in log(1 + s / softening) from s = `noise_max` to exactly zero.

    Arguments:
        path: the probability path.
        noise_max: the first noise-to-signal ratio.
        steps: number of evaluations.
        softening: the ratio below which steps become linear; smaller than the finest scale of the data.
    """
    variables = np.linspace(math.log1p(noise_max / softening), 0.0, steps + 1)
    return [float(path.time_of_ratio(softening * math.expm1(u))) for u in variables[:-1]] + [0.0]


def latent_grid(measure: ModeMeasure, noise_max: float, steps: int) -> list[float]:
    """Choose falling noise levels of the latent flow, the last exactly zero: closer where the modes' clocks run."""
    variables = np.linspace(0.0, measure.solver_variable(noise_max), GRID)
    clocks = measure.mean_clocks(measure.softening * np.expm1(variables))
    progress = LOGARITHMIC * variables / variables[-1] + (1 - LOGARITHMIC) * clocks / clocks[-1]
    chosen = np.interp(np.linspace(1.0, 0.0, steps + 1)[:-1], progress, variables)
    return [measure.noise_of(float(u)) for u in chosen] + [0.0]


def latent_flow(
    residual: Callable[[Tensor, float], Tensor],
    measure: ModeMeasure,
    latent: Tensor,
    grid: list[float],
    zero_deviation: Callable[[float], float],
    *,
    order: int = 3,
    watch: Watch | None = None,
) -> Tensor:
    r"""Integrate dy_p = -F_p dtheta_p by `adams_flow`; return the field at the end of the grid.

    One network evaluation a step; exact for any number of steps where F = 0.

    Arguments:
        residual: F(x, s), shapes (N, *site_shape).
        latent: standard normal start, (N, *site_shape).
        grid: falling noise levels, see `latent_grid`.
        zero_deviation: c_out of the zero mode at a noise level.
        order: of the error in the step.
        watch: called with the field and the noise level of each step.
    """
    clocks = [measure.clock(s) for s in grid]

    def field_at(modes: Tensor, step: int) -> Tensor:
        return measure.inverse(measure.coloured(modes, grid[step]))

    def slope(modes: Tensor, step: int) -> Tensor:
        x, s = field_at(modes, step), grid[step]
        return -measure.latent_rate(residual(x, s), x, s, zero_deviation(s))

    shown = watch and (lambda modes, step: watch(field_at(modes, step), grid[step]))
    modes = adams_flow(slope, measure.transform(latent), clocks, order=order, watch=shown)
    return field_at(modes, len(grid) - 1)


def _reverse_step(
    score: Score, path: Path, x: Tensor, t: float, earlier: float, generator: torch.Generator | None
) -> Tensor:
    """One Euler-Maruyama step of the reverse SDE; without a generator it is free of noise."""
    dt = t - earlier
    g = float(path.diffusion(t))
    x = x - (path.drift(x, t) - g**2 * score(x, t)) * dt
    return x if generator is None else x + g * dt**0.5 * _normal(x, generator)


def _normal(like: Tensor, generator: torch.Generator) -> Tensor:
    """Draw standard normal variables of the shape of `like`."""
    return torch.randn(like.shape, generator=generator, device=like.device, dtype=like.dtype)


def _norm(x: Tensor) -> Tensor:
    """Average the Euclidean norm over the batch."""
    return x.flatten(1).norm(dim=1).mean()
