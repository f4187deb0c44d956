r"""Drifts that are linear in filtered sines of filtered fields, and what a field along them adds to each weight.

.. math:: u(\phi) = \sum_c K_c * f_c(u_c), \qquad K_c(k) = \sum_j \theta_{cj} B_j(k), \qquad
    a \cdot \frac{\partial u}{\partial \theta_{cj}} = V^{-1} \sum_k B_j\, \mathrm{Re}(a_k^* f_{c,k})

with the channels and functions of momentum of `velocity`; as a drift of Langevin steps needs no divergence, none is taken.
"""

import torch
from torch import Tensor

from emulant.networks.ridges.velocity import Velocity

__all__ = ["drift_modes", "drifts_of", "overlaps_with"]


def drift_modes(velocity: Velocity, fields: Tensor) -> Tensor:
    """Fourier modes of the functions f_c of fields (N, *shape), (N, channels, *half shape)."""
    return torch.fft.rfftn(velocity.channels.shapes(fields).values, dim=velocity.dims)


def drifts_of(velocity: Velocity, modes: Tensor, theta: Tensor) -> Tensor:
    """Evaluate u of several sets of weights (sets, channels, functions), (sets, N, *shape)."""
    gains = torch.einsum("scj,j...->sc...", theta.double(), velocity.basis).to(modes.real.dtype)
    smeared = torch.einsum("nc...,sc...->sn...", modes, gains.to(modes.dtype))
    return torch.fft.irfftn(smeared, s=velocity.shape, dim=velocity.dims)


def overlaps_with(velocity: Velocity, modes: Tensor, covector: Tensor) -> Tensor:
    """Compute a . du/dtheta of fields a (N, *shape), (N, channels, functions), in their precision."""
    overlap = (torch.fft.rfftn(covector, dim=velocity.dims).conj()[:, None] * modes).real
    functions = (velocity.basis * velocity.weights / velocity.volume).to(covector.dtype).flatten(1)
    return overlap.flatten(2) @ functions.T
