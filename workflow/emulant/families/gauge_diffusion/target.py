r"""What the network learns from: noisy plaquettes, and an unbiased estimate of h with little noise.

On an abelian group both E[grad ln p_0(x_0) | x_s] and E[grad ln k_s(x_s - x_0) | x_s] are the score, k_s the wrapped kernel,
and so is any mixture of them that does not depend on x, mode by mode. With w = 1/(1 + b_v s^2 k^2)

.. math:: h^*(k) = w(k) [-\beta \sin P_0 + b_v s^2\, \mathrm{curl}\, t](k)

has no noise in the Gaussian limit, t being the score of the noise of each link.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from emulant.families.gauge_diffusion.coupling import Wilson
from emulant.families.gauge_diffusion.heads import filtered, momenta_squared
from emulant.gauge.arrays import wrapped
from emulant.gauge.plaquettes import boundary_sums, plaquette_sums
from emulant.transport.circle.kernel import kernel_score

__all__ = ["Noisy", "curl_loss", "noise_levels", "noisy", "turned"]

FINEST, COARSEST = 0.02, 2.5
"""Noise of a link: the first changes <cos theta_p> by 8e-4, after the second plaquettes are uniform to 2e^(-2s^2) = 7e-6."""
DECISIVE = (0.15, 1.2)
"""Noise in which wraps appear and sectors are decided, for couplings from 1 to 7."""
FOCUSED = 0.6
"""Part of the noise levels of a training in DECISIVE alone."""


class Noisy(NamedTuple):
    """Plaquettes (N, L_t, L_s) with noise, in [-pi, pi), and the estimate of h."""

    plaquettes: Tensor
    target: Tensor


def noise_levels(count: int, generator: torch.Generator) -> Tensor:
    """Draw noise levels (count,) float64, uniform in the logarithm on the whole range and on DECISIVE."""
    uniform = torch.rand(2, count, generator=generator, device=generator.device, dtype=torch.float64)
    ranges = torch.tensor([DECISIVE, (FINEST, COARSEST)], dtype=torch.float64).log().to(uniform.device)
    low, high = ranges[(uniform[0] > FOCUSED).long()].T
    return (low + uniform[1] * (high - low)).exp()


def turned(plaquettes: Tensor, generator: torch.Generator) -> Tensor:
    """Reflect and exchange the axes by chance, all alike.

    The signs that plaquettes change with are left out: charge conjugation leaves law and score alone.
    """
    coins = torch.randint(2, (3,), generator=generator, device=generator.device).tolist()
    axes = [axis for axis, coin in zip((-2, -1), coins, strict=False) if coin]
    plaquettes = plaquettes.flip(axes) if axes else plaquettes
    square = plaquettes.shape[-2] == plaquettes.shape[-1]
    return plaquettes.transpose(-2, -1) if square and coins[2] else plaquettes


def noisy(plaquettes: Tensor, noise: Tensor, wilson: Wilson, generator: torch.Generator) -> Noisy:
    """Add noise of size (N,) to the links of plaquettes (N, L_t, L_s), all float64."""
    shape = (len(plaquettes), 2, *plaquettes.shape[1:])
    normal = torch.randn(shape, generator=generator, device=plaquettes.device, dtype=plaquettes.dtype)
    size = noise[:, None, None, None]
    moves = wrapped(size * normal)
    carried = noise[:, None, None] ** 2 / wilson.spread[:, None, None]
    curl = plaquette_sums(kernel_score(moves, size))
    mixed = carried * curl - wilson.beta[:, None, None] * plaquettes.sin()
    weight = 1 / (1 + carried * momenta_squared(plaquettes.shape[1:], plaquettes))
    return Noisy(wrapped(plaquettes + plaquette_sums(moves)), filtered(mixed, weight))


def curl_loss(score: Tensor, sample: Noisy, noise: Tensor) -> Tensor:
    """Mean over links of s^2 times the squared error of the score that h is for links."""
    error = boundary_sums(score - sample.target) * noise[:, None, None, None]
    return error.square().mean()
