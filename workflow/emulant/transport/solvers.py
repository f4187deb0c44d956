"""Solvers from noise to data: stochastic in path time, and the few-step flow in the latent of a mode measure."""

from collections.abc import Callable, Iterable

import numpy as np
import torch
from torch import Tensor

from emulant.transport.measures import ModeMeasure
from emulant.transport.paths import Path

__all__ = ["euler_maruyama", "latent_flow", "latent_grid", "predictor_corrector"]

Score = Callable[[Tensor, float], Tensor]


def euler_maruyama(
    score: Score, path: Path, x: Tensor, times: Iterable[float], generator: torch.Generator
) -> Tensor:
    r"""Reverse SDE dx = [rate x - g^2 score] dt + g dW, first order; the last step is free of noise (2309.17082)."""
    times = [float(t) for t in times]
    for step, (t, earlier) in enumerate(zip(times, times[1:], strict=False)):
        dt = t - earlier
        g = float(path.diffusion(t))
        x = x - (path.drift(x, t) - g**2 * score(x, t)) * dt
        if step < len(times) - 2:
            x = x + g * dt**0.5 * _normal(x, generator)
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
    """Euler-Maruyama with one Langevin step at each time (Song et al., 2011.13456, algorithm 2)."""
    times = [float(t) for t in times]
    for t, earlier in zip(times, times[1:], strict=False):
        x = euler_maruyama(score, path, x, (t, earlier, earlier), generator)
        force, noise = score(x, earlier), _normal(x, generator)
        size = 2 * (signal_to_noise * _norm(noise) / _norm(force)) ** 2
        x = x + size * force + (2 * size) ** 0.5 * noise
    return x


def latent_grid(measure: ModeMeasure, noise_max: float, steps: int) -> list[float]:
    """Noise levels of the latent flow: uniform in the measure's solver variable, ending at exactly zero."""
    variables = np.linspace(measure.solver_variable(noise_max), 0.0, steps + 1)
    return [measure.noise_of(float(u)) for u in variables[:-1]] + [0.0]


def latent_flow(
    residual: Callable[[Tensor, float], Tensor],
    measure: ModeMeasure,
    latent: Tensor,
    grid: list[float],
    zero_deviation: Callable[[float], float],
    *,
    watch: Callable[[Tensor, float], None] | None = None,
) -> Tensor:
    r"""Second-order exponential Adams-Bashforth for dy_p = -F_p dtheta_p; returns the field at the end of the grid.

    F is extrapolated linearly in the solver variable u, and integrated exactly against each mode's own clock.
    One network evaluation a step; exact for any number of steps where F = 0.

    Arguments:
        residual: F(x, s), shapes (N, *site_shape).
        latent: standard normal start, (N, *site_shape).
        grid: falling noise levels, see `latent_grid`.
        zero_deviation: c_out of the zero mode at a noise level.
        watch: called with the field and the noise level before each step.
    """
    previous = None
    for index, (s, s_next) in enumerate(zip(grid, grid[1:], strict=False)):
        x = measure.from_latent(latent, s)
        if watch is not None:
            watch(x, s)
        rate = measure.latent_rate(residual(x, s), x, s, zero_deviation(s))
        increment = rate * (measure.clock(s) - measure.clock(s_next))
        if previous is not None:
            slope = (rate - previous) / (
                measure.solver_variable(s) - measure.solver_variable(grid[index - 1])
            )
            increment = increment - slope * _first_moment(measure, s, s_next)
        latent = latent + measure.inverse(increment.to(rate.dtype))
        previous = rate
    return measure.from_latent(latent, grid[-1])


def _first_moment(measure: ModeMeasure, s: float, s_next: float) -> Tensor:
    r""":math:`\int (u - u_s)\,d\theta_p` from s to s_next, by parts and four Gauss-Legendre nodes."""
    start, stop = measure.solver_variable(s), measure.solver_variable(s_next)
    nodes, weights = np.polynomial.legendre.leggauss(4)
    middle, half = 0.5 * (start + stop), 0.5 * (stop - start)
    integral = sum(
        w * half * measure.clock(measure.noise_of(middle + half * u))
        for u, w in zip(nodes, weights, strict=True)
    )
    return (stop - start) * measure.clock(s_next) - integral


def _normal(like: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(like.shape, generator=generator, device=like.device, dtype=like.dtype)


def _norm(x: Tensor) -> Tensor:
    return x.flatten(1).norm(dim=1).mean()
