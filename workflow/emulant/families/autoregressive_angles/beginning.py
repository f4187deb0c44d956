"""What heads of angles are before any training: the fields of a Gaussian lattice."""

import torch
from scipy.special import ive
from torch import Tensor

from emulant.networks.von_mises import NUMBERS
from emulant.spins.raster import boundary
from emulant.spins.spin_waves import transmitted

__all__ = ["beginning"]

SPREAD = 0.3
"""Of the fields of the components before any training, in units of beta: alike they would stay alike."""


def beginning(betas: list[float], shape: tuple[int, ...], components: int) -> Tensor:
    """L of `SiteHeads`: fields that a Gaussian lattice transmits, less where bonds are weak.

    The factor (I_1 / I_0)^2 of beta is that of two bonds in a row, 1 at zero temperature, 0 at infinite.
    """
    order, fields = boundary(shape), torch.from_numpy(transmitted(shape)).float()
    sites, m = order.shape
    # Row 0 may be at the boundary twice, and counts once.
    first = torch.tensor([[j not in row[:k] for k, j in enumerate(row.tolist())] for row in order])
    reached = torch.cat([fields, torch.zeros(sites, 1)], 1).gather(1, torch.from_numpy(order)) * first
    linear = torch.zeros(len(betas), sites, NUMBERS * components, 2 * m + 1)
    for k, beta in enumerate(betas):
        strength = beta * (ive(1, beta) / ive(0, beta)) ** 2
        linear[k, :, :components, :m] = strength * reached[:, None]
        linear[k, :, components : 2 * components, m : 2 * m] = strength * reached[:, None]
        linear[k, :, :components, -1] = beta * SPREAD * torch.linspace(-1, 1, components)
    return linear
