r"""The score of noisy plaquettes of the Wilson action in closed form, where it has one.

The score of links is the transpose of the curl of a number h_p of each plaquette. With the spread 1/b_v of a free plaquette,
I_1/I_0(beta) = e^(-1/2b_v), and the heat kernel of links at noise s, two limits of h are known:

- independent plaquettes, h = d/dP ln[1 + 2 sum_n I_n/I_0(beta) e^(-2 n^2 s^2) cos nP]: noise that wraps;
- the Gaussian, h(k) = -P(k) / (1/b_v + s^2 k^2), k^2 = sum_mu 4 sin^2(k_mu/2): noise that neighbours share.

`wrapped_head` is the first times the ratio of the second to its independent form. `unwrapped_head` estimates by mean field
how many turns n each plaquette has been carried, and is the first about the Gaussian mean of the others: exact without
noise, in the Gaussian limit, and for a turn by itself. It holds while turns are rare: `gate` mixes the two.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import i0e, ive
from torch import Tensor

from emulant.gauge.arrays import wrapped

__all__ = ["Turns", "Wilson", "filtered", "gate", "momenta_squared", "unwrapped_head", "wrapped_head"]

CROSSING, FALL, LEAST = 0.91, 0.04, 0.45
"""Noise at which both heads are equally good: 0.87, 0.78 and 0.63 at beta = 1, 3 and 7, by least squares on noisy plaquettes
of exact 8 x 8 configurations; so linear in beta, down to where nothing was measured."""
WIDTH, POWER = 0.17, -0.8
"""Of the gate between the heads, 0.17, 0.07 and 0.036 of noise in the same fits, as a power of beta."""
ROUNDS = 4
"""Of the mean field; each takes the mean of the old turns and the new."""
FARTHEST = 2
"""Turns of a plaquette, either way, that the mean field counts."""
TERMS = 10
"""Terms of the Fourier sums in units of sqrt(beta + 1): the first that is left out is e^-40 of the largest, and far below
the least density of a free plaquette, e^(-2 beta), up to beta = 11."""


class Wilson(NamedTuple):
    """The coupling of each configuration.

    Attributes:
        beta: (N,).
        spread: 1/b_v, (N,).
        ratios: I_n/I_0(beta) for n = 1, 2, ..., (N, terms).
    """

    beta: Tensor
    spread: Tensor
    ratios: Tensor

    @classmethod
    def of(cls, beta: Tensor) -> "Wilson":
        """At positive beta (N,)."""
        several, index = beta.double().cpu().unique(return_inverse=True)
        values = several.numpy()[:, None]
        order = np.arange(1, math.ceil(TERMS * math.sqrt(values.max() + 1)) + 1)
        ratios = torch.from_numpy(ive(order, values) / i0e(values))[index].to(beta.device)
        return cls(beta.double(), -2 * ratios[:, 0].log(), ratios)

    def variance(self, noise: Tensor) -> Tensor:
        """1/b_v + 4 s^2 of a noisy plaquette, (N,)."""
        return self.spread + 4 * noise**2


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


def momenta_squared(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Tabulate k^2 in the layout of `torch.fft.rfft2`, (L_t, L_s // 2 + 1)."""
    time, space = torch.fft.fftfreq(shape[0]), torch.fft.rfftfreq(shape[1])
    squares = [4 * torch.sin(math.pi * k.to(like)) ** 2 for k in (time, space)]
    return squares[0][:, None] + squares[1]


def filtered(values: Tensor, factor: Tensor) -> Tensor:
    """Multiply each mode of (N, L_t, L_s) by a factor (N, L_t, L_s // 2 + 1)."""
    return torch.fft.irfft2(torch.fft.rfft2(values) * factor, s=values.shape[-2:])


def broadened_score(angles: Tensor, ratios: Tensor, variance: Tensor) -> Tensor:
    """Compute d/dphi ln of von Mises' law after Gaussian noise of this variance (N, 1, 1), at angles (N, L_t, L_s)."""
    order = torch.arange(1, ratios.shape[1] + 1, dtype=ratios.dtype, device=ratios.device)
    weight = ratios * torch.exp(-0.5 * order**2 * variance.reshape(-1, 1))
    phase = torch.polar(torch.ones_like(angles), angles)
    # Horner's rule from the highest order on, for the sum and for its derivative at once.
    even, odd = torch.zeros_like(phase), torch.zeros_like(phase)
    for n in range(len(order), 0, -1):
        term = weight[:, n - 1, None, None]
        even, odd = (even + term) * phase, (odd + n * term) * phase
    return -2 * odd.imag / (1 + 2 * even.real)


def wrapped_head(plaquettes: Tensor, noise: Tensor, wilson: Wilson) -> tuple[Tensor, Tensor]:
    """Return the head of independent plaquettes, and the same in proportion to the Gaussian.

    Arguments:
        plaquettes: (N, L_t, L_s) float64.
        noise: of a link, (N,) float64.
        wilson: the couplings.
    """
    square = noise[:, None, None] ** 2
    alone = broadened_score(plaquettes, wilson.ratios, 4 * square)
    spread, momenta = wilson.spread[:, None, None], momenta_squared(plaquettes.shape[1:], plaquettes)
    return alone, filtered(alone, (spread + 4 * square) / (spread + square * momenta))


def unwrapped_head(plaquettes: Tensor, noise: Tensor, wilson: Wilson) -> Turns:
    """Estimate turns and return the head about the mean of the other plaquettes; arguments as of `wrapped_head`."""
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
    head = broadened_score(distance, wilson.ratios, 1 / local - spread)
    return Turns(head, distance, mean, shift / (2 * math.pi))


def gate(noise: Tensor, wilson: Wilson) -> Tensor:
    """Return the part that `unwrapped_head` has in the mixture with `wrapped_head`, (N,)."""
    crossing = (CROSSING - FALL * wilson.beta).clamp_min(LEAST)
    return torch.sigmoid((crossing - noise) / (WIDTH * wilson.beta**POWER))


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
