"""From uniform links to links with little noise: a geodesic random walk along the score."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from emulant.families.gauge_diffusion.target import COARSEST, FINEST
from emulant.gauge.arrays import wrapped
from emulant.gauge.plaquettes import boundary_sums, plaquette_sums
from emulant.transport.multistep import multistep_walk

__all__ = ["levels", "random_walk"]


def levels(steps: int) -> list[float]:
    """List falling noise levels, one a step, equidistant in the logarithm."""
    return np.geomspace(COARSEST, FINEST, steps).tolist()


def random_walk(
    head: Callable[[Tensor, float], Tensor], links: Tensor, steps: int, generator: torch.Generator
) -> Tensor:
    """Walk uniform links (N, 2, L_t, L_s) float64 to the law without noise.

    By steps of second order: 128 miss <cos> of a free plaquette by 1e-4 or so, 64 of first order by 6e-3. Raw plaquettes
    of a lattice at beta = 3 change by 18(4)e-4 from 32 to 64 steps, 5(3)e-4 to 128, 3(3)e-4 to 256.

    Arguments:
        head: plaquettes in [-pi, pi) (N, L_t, L_s) and s -> h.
        links: uniform.
        steps: evaluations of the head.
        generator: of the noise.
    """

    def denoised(x: Tensor, s: float) -> Tensor:
        return x + s**2 * boundary_sums(head(wrapped(plaquette_sums(x)), s))

    return wrapped(multistep_walk(denoised, links, levels(steps), generator))
