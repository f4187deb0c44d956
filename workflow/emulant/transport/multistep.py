"""A second-order multistep scheme for the reverse of growing noise, x_s = x_0 + s z."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

__all__ = ["multistep_walk"]


def multistep_walk(
    denoised: Callable[[Tensor, float], Tensor],
    x: Tensor,
    noises: Sequence[float],
    generator: torch.Generator,
) -> Tensor:
    """Walk x from the first noise level to the law without noise, with fresh noise on the way.

    From s to t the walk goes 1 - t^2/s^2 of the way to the denoised x, and takes noise of the size t sqrt(1 - t^2/s^2), as
    x_t has when x_0 and x_s are given. Half of what the denoised x changed by in the step before, scaled to this one in
    ln s, makes it of second order (C. Lu et al., arXiv:2211.01095). The last step has no noise and half of the way, as the
    probability flow has. Angles need not be wrapped: their denoised values are x + s^2 score of the wrapped ones.

    Arguments:
        denoised: x and s -> E[x_0 | x].
        x: at the first noise level, (N, ...).
        noises: falling; each costs one evaluation.
        generator: of the noise.
    """
    before, stretch = None, 1.0
    for s, t in pairwise(noises):
        now, length, part = denoised(x, s), math.log(s / t), 1 - (t / s) ** 2
        ahead = now if before is None else now + 0.5 * (now - before) * length / stretch
        before, stretch = now, length
        normal = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
        x = x + part * (ahead - x) + t * math.sqrt(part) * normal
    return 0.5 * (x + denoised(x, noises[-1]))
