"""Drawing of angles one after another, for many configurations at once."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from emulant.families.autoregressive_angles.frames import Sites, framed
from emulant.gauge.arrays import wrapped
from emulant.networks.site_heads import Heads
from emulant.networks.von_mises import Mixture, mixture_of
from emulant.randomness.xorshift import streams
from emulant.spins.angle_draws import drawn_angles

__all__ = ["Drawn", "drawn"]


class Drawn(NamedTuple):
    """Angles (N, V) float64 and their ln q, (N,)."""

    angles: Tensor
    log_q: Tensor


def drawn(uniform: Tensor, seed: int, beta: float, heads: Heads, sites: Sites) -> Drawn:
    """Draw configurations (N, V) with the law of the heads of one temperature.

    Arguments:
        uniform: numbers in [0, 1) that choose components, (N, V).
        seed: of the angles.
        beta: inverse temperature.
        heads: of all sites.
        sites: tables of the lattice.
    """
    state = streams(np.random.SeedSequence(seed), 1)
    angles = torch.zeros(uniform.shape, dtype=torch.float64)
    cosines, sines = (torch.zeros(uniform.shape) for _ in range(2))
    log_q = torch.zeros(len(uniform), dtype=torch.float64)
    for site in range(uniform.shape[1]):
        frame = framed(cosines, sines, sites.at(site))
        law = Mixture(*(p.double() for p in mixture_of(heads.at(site, frame.inputs), beta * frame.field)))
        direction = torch.atan2(frame.sine, frame.cosine).double()
        angles[:, site] = wrapped(direction + _from_mixture(law, uniform[:, site, None], state))
        log_q += law.log_density(angles[:, site] - direction)
        cosines[:, site], sines[:, site] = angles[:, site].cos().float(), angles[:, site].sin().float()
    return Drawn(angles, log_q)


def _from_mixture(law: Mixture, uniform: Tensor, state: np.ndarray) -> Tensor:
    """Draw an angle from each of the laws (N, components); `uniform` (N, 1) chooses the component."""
    cumulated = law.log_weight.exp().cumsum(-1)
    chosen = (uniform > cumulated).sum(-1, keepdim=True).clamp_max(cumulated.shape[-1] - 1)
    x, y, concentration = (part.gather(-1, chosen)[:, 0] for part in (law.x, law.y, law.concentration))
    drawn = torch.from_numpy(drawn_angles(concentration.numpy(), state))
    return drawn + torch.atan2(y, x)
