r"""The score of noisy plaquettes of the Wilson action in closed form, up to what closed loops of plaquettes add.

Links with noise s have a score that is the transposed curl of a number h_p of each plaquette. `dual_head` (`heights`) holds
from a noise on that rises with beta (`gate`). Below it turns are rare: `unwrapped_head` estimates by mean field how many
turns each plaquette has been carried, and takes

.. math:: h = d/dP \ln[1 + 2 \sum_n I_n/I_0(\beta)\, e^{-n^2 v / 2} \cos nP]

the score of von Mises' law after noise of variance v, about the mean that a Gaussian of the others gives: exact without
noise, in the Gaussian limit h(k) = -P(k) / (1/b_v + s^2 k^2), where I_1/I_0(beta) = e^(-1/2b_v), and for one turn by itself.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from emulant.families.gauge_diffusion.coupling import Wilson
from emulant.families.gauge_diffusion.heights import dual_head
from emulant.gauge.arrays import wrapped

__all__ = [
    "Head",
    "Turns",
    "broadened_score",
    "filtered",
    "gate",
    "head_of",
    "momenta_squared",
    "unwrapped_head",
]

LOWEST, RISE, HIGHEST, WIDTH = 0.1, 0.06, 0.5, 0.01
"""Noise at which the heads change places, in proportion to beta between two ends, and how gradually. By the loss on noisy
plaquettes of exact 8 x 8 configurations heights are better from 0.15 or less on at beta = 1 and 2.25, from 0.25, 0.4 and 0.5
at 4, 7 and 11; without noise they lack those above the highest."""
EXCESS, POWER, ONSET, SHIFT, BREADTH, REFERENCE = 0.16, 2.6, 0.6, 0.2, 0.035, 7.0
"""What heights are told in excess of beta, in parts of it, above a noise that rises with beta: `dressed`. A fit of what the
score of noisy exact 8 x 8 configurations lacks along dh/d beta at 2.25, 3, 5, 7 and 11 and noises from 0.3 to 1: 0.01, 0.02,
0.07, 0.16 and 0.5 of beta."""
LEAST = 1e-6
"""Part of a head in the mixture below which it is not evaluated."""
STEEPEST = 2.0
"""Largest h of heights in units of 1/s: no less than occurs from there on. Below, it has little part, and may run away."""
ROUNDS = 4
"""Of the mean field; each takes the mean of the old turns and the new."""
FARTHEST = 2
"""Turns of a plaquette, either way, that the mean field counts."""


class Turns(NamedTuple):
    """What the mean field says of plaquettes, (N, L_t, L_s) each.

    Attributes:
        head: h.
        distance: from the Gaussian mean that the others give, in [-pi, pi).
        mean: this mean.
        turns: expected number of turns.
    """

    head: Tensor
    distance: Tensor
    mean: Tensor
    turns: Tensor


class Head(NamedTuple):
    """The mixture of both heads.

    Attributes:
        h: (N, L_t, L_s).
        turns: of the mean field, 0 where it has no part.
        part: of the mean field, (N,).
    """

    h: Tensor
    turns: Turns
    part: Tensor


def momenta_squared(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Tabulate k^2 = sum_mu 4 sin^2(k_mu/2) in the layout of `torch.fft.rfft2`, (L_t, L_s // 2 + 1)."""
    time, space = torch.fft.fftfreq(shape[0]), torch.fft.rfftfreq(shape[1])
    squares = [4 * torch.sin(math.pi * k.to(like)) ** 2 for k in (time, space)]
    return squares[0][:, None] + squares[1]


def filtered(values: Tensor, factor: Tensor) -> Tensor:
    """Multiply each mode of (N, L_t, L_s) by a factor (N, L_t, L_s // 2 + 1)."""
    return torch.fft.irfft2(torch.fft.rfft2(values) * factor, s=values.shape[-2:])


def broadened_score(angles: Tensor, wilson: Wilson, variance: Tensor) -> Tensor:
    """Compute d/dphi ln of von Mises' law after Gaussian noise of this variance (N, 1, 1), at angles (N, L_t, L_s)."""
    order = torch.arange(1, wilson.ratios.shape[1] + 1).to(angles)
    weight = wilson.ratios * torch.exp(-0.5 * order**2 * variance.reshape(-1, 1))
    phase = torch.polar(torch.ones_like(angles), angles)
    # Horner's rule from the highest order on, for the sum and for its derivative at once.
    even, odd = torch.zeros_like(phase), torch.zeros_like(phase)
    for n in range(len(order), 0, -1):
        term = weight[:, n - 1, None, None]
        even, odd = (even + term) * phase, (odd + n * term) * phase
    return -2 * odd.imag / (1 + 2 * even.real)


def unwrapped_head(plaquettes: Tensor, noise: Tensor, wilson: Wilson) -> Turns:
    """Estimate turns, and return the head about the mean of the other plaquettes.

    Arguments:
        plaquettes: (N, L_t, L_s) float64.
        noise: of a link, (N,) float64.
        wilson: the couplings.
    """
    spread, square = wilson.spread[:, None, None], noise[:, None, None] ** 2
    stiffness = 1 / (spread + square * momenta_squared(plaquettes.shape[1:], plaquettes))
    local = _mean_over_zone(stiffness, plaquettes.shape[-1])
    images = 2 * math.pi * torch.arange(-FARTHEST, FARTHEST + 1).to(plaquettes)
    shift = torch.zeros_like(plaquettes)
    for _ in range(ROUNDS):
        mean = _mean_of_others(plaquettes + shift, stiffness, local)
        far = (plaquettes - mean)[..., None] + images
        share = (-0.5 * local[..., None] * far**2).softmax(-1)
        shift = 0.5 * (shift + share @ images)
    mean = _mean_of_others(plaquettes + shift, stiffness, local)
    distance = wrapped(plaquettes - mean)
    head = broadened_score(distance, wilson, 1 / local - spread)
    return Turns(head, distance, mean, shift / (2 * math.pi))


def gate(noise: Tensor, wilson: Wilson) -> Tensor:
    """Return the part that `unwrapped_head` has in the mixture, (N,)."""
    crossing = (RISE * wilson.beta).clamp(LOWEST, HIGHEST)
    return torch.sigmoid((crossing - noise) / WIDTH)


def dressed(noise: Tensor, wilson: Wilson) -> Wilson:
    """Return the couplings that heights are told: the loops of bonds that messages lack make a larger beta of it."""
    scale = wilson.beta / REFERENCE
    excess = EXCESS * scale**POWER * torch.sigmoid((noise - ONSET * scale**SHIFT) / BREADTH)
    return Wilson.of(wilson.beta * (1 + excess))


def head_of(plaquettes: Tensor, noise: Tensor, wilson: Wilson) -> Head:
    """Mix both heads, each evaluated where it has a part; arguments as of `unwrapped_head`."""
    part = gate(noise, wilson)
    fields = torch.zeros(5, *plaquettes.shape, dtype=plaquettes.dtype, device=plaquettes.device)
    rows = part > LEAST
    if rows.any():
        turns = unwrapped_head(plaquettes[rows], noise[rows], wilson.of_rows(rows))
        fields[:4, rows] = torch.stack(turns)
    rows = 1 - part > LEAST
    if rows.any():
        steepest = STEEPEST / noise[rows, None, None]
        dual = dual_head(plaquettes[rows], noise[rows], dressed(noise[rows], wilson.of_rows(rows)))
        fields[4, rows] = dual.double().clamp(-steepest, steepest)
    p = part[:, None, None]
    return Head(p * fields[0] + (1 - p) * fields[4], Turns(*fields[:4]), part)


def _mean_of_others(angles: Tensor, stiffness: Tensor, local: Tensor) -> Tensor:
    """Gaussian mean of each plaquette where all others are as they are."""
    return angles - filtered(angles, stiffness) / local


def _mean_over_zone(factor: Tensor, length: int) -> Tensor:
    """Mean over all modes of a function of momenta in the layout of rfft2, (N, 1, 1)."""
    weight = torch.full_like(factor[0, 0], 2.0)
    weight[0] = 1.0
    if length % 2 == 0:
        weight[-1] = 1.0
    return (factor * weight).mean(-2, keepdim=True).sum(-1, keepdim=True) / length
