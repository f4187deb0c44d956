"""Drawing of spins one after another, for many configurations at once."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from emulant.networks.site_heads import Heads
from emulant.spins.windows import messages_of_row, next_logits, started, taken, window_of

__all__ = ["Batch", "contexts", "drawn"]


class Batch(NamedTuple):
    """Drawn configurations.

    Attributes:
        spins: (N, L_y, L_x) int8.
        log_q: (N,) float64.
        offset: logits of the windows, (N, V) float64.
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


def drawn(
    uniform: Tensor, shape: tuple[int, ...], window: tuple[float, str, int], heads: Heads, boundary: Tensor
) -> Batch:
    """Draw configurations with the law of windows and heads.

    Arguments:
        uniform: numbers in [0, 1), (N, V) float64.
        shape: of the lattice.
        window: K, lattice and number of rows.
        heads: of one temperature.
        boundary: of the sites.
    """
    (bond, lattice, rows), (height, width) = window, shape
    diagonal, count = lattice == "triangular", len(uniform)
    # One column more, which stays 0: where a boundary has no site.
    inputs = torch.zeros(count, uniform.shape[1] + 1)
    spins = torch.zeros(count, height, width, dtype=torch.int8)
    offset, logits = torch.empty_like(uniform), torch.empty_like(uniform)
    couplings = torch.full((count,), bond, dtype=torch.float64).numpy()
    for y in range(height):
        strip = window_of(y, rows, height)
        alone, messages = messages_of_row(spins.numpy(), couplings, strip, diagonal, fixed=False)
        forward = started(alone)
        for x in range(width):
            site = y * width + x
            offset[:, site] = torch.from_numpy(next_logits(forward, messages[:, x], strip.drawn))
            logits[:, site] = offset[:, site] + heads.at(site, inputs[:, boundary[site]])[:, 0]
            up = uniform[:, site] < torch.sigmoid(logits[:, site])
            spins[:, y, x] = torch.where(up, 1, -1)
            inputs[:, site] = spins[:, y, x].float()
            if x + 1 < width:
                taken(forward, alone[:, x + 1], couplings, spins[:, y, x].numpy(), strip, diagonal)
    return Batch(spins, F.logsigmoid(logits * spins.flatten(1)).sum(1), offset)
