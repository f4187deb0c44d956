"""Drawing of spins one after another, for many configurations at once."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from emulant.networks.site_heads import Heads
from emulant.spins.raster_laws import RasterLaw

__all__ = ["Batch", "contexts", "drawn"]


class Batch(NamedTuple):
    """Drawn configurations.

    Attributes:
        spins: (N, L_y, L_x) int8.
        log_q: (N,) float64.
        offset: logits before the heads, (N, V) float64.
    """

    spins: Tensor
    log_q: Tensor
    offset: Tensor


def contexts(flat: Tensor, boundary: Tensor) -> Tensor:
    """Gather the numbers at the boundary of each site, 0 where there is none.

    Arguments:
        flat: (..., V).
        boundary: sites, (V, inputs) or (inputs,), V where there is none.
    """
    return F.pad(flat, (0, 1))[..., boundary.to(flat.device)]


def drawn(uniform: Tensor, shape: tuple[int, ...], law: RasterLaw, heads: Heads, boundary: Tensor) -> Batch:
    """Draw configurations with a law and what heads add to its logits.

    Arguments:
        uniform: numbers in [0, 1), (N, V) float64.
        shape: of the lattice.
        law: of each spin under those before it.
        heads: of one temperature.
        boundary: of the sites.
    """
    (height, width), count = shape, len(uniform)
    # One column more, which stays 0: where a boundary has no site.
    inputs = torch.zeros(count, uniform.shape[1] + 1)
    spins = torch.zeros(count, height, width, dtype=torch.int8)
    offset, logits = torch.empty_like(uniform), torch.empty_like(uniform)
    for y in range(height):
        row = law.row(spins.numpy(), y)
        for x in range(width):
            site = y * width + x
            offset[:, site] = torch.from_numpy(row.next_logits())
            logits[:, site] = offset[:, site] + heads.at(site, inputs[:, boundary[site]])[:, 0]
            up = uniform[:, site] < torch.sigmoid(logits[:, site])
            spins[:, y, x] = torch.where(up, 1, -1)
            inputs[:, site] = spins[:, y, x].float()
            row.take(spins[:, y, x].numpy())
    return Batch(spins, F.logsigmoid(logits * spins.flatten(1)).sum(1), offset)
