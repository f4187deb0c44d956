"""What a head sees of the angles about a site: those at its boundary, from the direction of its earlier neighbours.

A turn of all angles turns the direction too, so that nothing else of it is left than numbers that it does not change.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["Frame", "Sites", "framed"]


class Sites(NamedTuple):
    """Tables of a lattice of V sites, V where there is none.

    Attributes:
        boundary: (V, m).
        neighbours: that come before, (V, 4).
    """

    boundary: Tensor
    neighbours: Tensor

    def at(self, site: int) -> "Sites":
        """The tables of one site."""
        return Sites(self.boundary[site], self.neighbours[site])


class Frame(NamedTuple):
    """Inputs of heads.

    Attributes:
        inputs: cosines and sines at the boundary, then 1, of the first site 0, (..., 2 m + 1).
        field: modulus of the sum of the neighbours before, (...).
        cosine, sine: of its direction, (...).
    """

    inputs: Tensor
    field: Tensor
    cosine: Tensor
    sine: Tensor


def framed(cosines: Tensor, sines: Tensor, sites: Sites) -> Frame:
    """Turn what is about each site into its frame.

    Arguments:
        cosines, sines: (..., V).
        sites: of all sites, or of one: without its axis in what comes back.
    """
    cosines, sines = F.pad(cosines, (0, 1)), F.pad(sines, (0, 1))
    x, y = (part[..., sites.neighbours].sum(-1) for part in (cosines, sines))
    field = torch.hypot(x, y)
    # The first site has no neighbour before it, and any direction.
    cosine, sine = (part / field.clamp_min(torch.finfo(field.dtype).tiny) for part in (x, y))
    around = cosines[..., sites.boundary], sines[..., sites.boundary]
    along = around[0] * cosine[..., None] + around[1] * sine[..., None]
    across = around[1] * cosine[..., None] - around[0] * sine[..., None]
    constant = (field > 0).to(along)[..., None]
    return Frame(torch.cat([along, across, constant], -1), field, cosine, sine)
