"""From uniform links to links with little noise: a geodesic random walk along the score."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from emulant.families.gauge_diffusion.target import COARSEST, DECISIVE, FINEST
from emulant.gauge.arrays import wrapped
from emulant.gauge.plaquettes import boundary_sums, plaquette_sums

__all__ = ["levels", "random_walk"]

QUARTERS = (0.0, 0.25, 0.75, 1.0)
"""Half of the steps are in DECISIVE, a quarter before and a quarter after."""


def levels(steps: int) -> list[float]:
    """List falling noise levels, one a step, equidistant in the logarithm in each part."""
    ends = np.log([COARSEST, *reversed(DECISIVE), FINEST])
    return np.exp(np.interp(np.linspace(0, 1, steps), QUARTERS, ends)).tolist()


def random_walk(
    head: Callable[[Tensor, float], Tensor], links: Tensor, steps: int, generator: torch.Generator
) -> Tensor:
    """Walk uniform links (N, 2, L_t, L_s) float64 to the law without noise.

    From s to t the walk goes 1 - t^2/s^2 of the way to the denoised links x + s^2 score, and takes noise of the size
    t sqrt(1 - t^2/s^2), as x_t has when x_0 and x_s are given. Half of the way that denoised links went in the step before,
    scaled to this one in ln s, makes it of second order (the multistep scheme of C. Lu et al., arXiv:2211.01095): 48 steps
    leave less than 384 of first order. The last step has no noise and half of the way, as the probability flow has.

    Arguments:
        head: plaquettes in [-pi, pi) (N, L_t, L_s) and s -> h.
        links: uniform.
        steps: evaluations of the head.
        generator: of the noise.
    """
    noises = levels(steps)
    before, stretch = None, 1.0
    for s, t in pairwise(noises):
        denoised = _denoised(head, links, s)
        # Links are not wrapped on the way, so that these may be subtracted.
        ahead = (
            denoised if before is None else denoised + 0.5 * (denoised - before) * math.log(s / t) / stretch
        )
        before, stretch, part = denoised, math.log(s / t), 1 - (t / s) ** 2
        normal = torch.randn(links.shape, generator=generator, device=links.device, dtype=links.dtype)
        links = links + part * (ahead - links) + t * math.sqrt(part) * normal
    return wrapped(links + 0.5 * (_denoised(head, links, noises[-1]) - links))


def _denoised(head: Callable[[Tensor, float], Tensor], links: Tensor, s: float) -> Tensor:
    """Return x + s^2 score."""
    return links + s**2 * boundary_sums(head(wrapped(plaquette_sums(links)), s))
