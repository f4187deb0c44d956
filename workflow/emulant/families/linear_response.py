"""Linear response: the mean spectrum scaled with the entropy, and V_n = kappa_n(p_T) eps_n; the baseline of all others."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from emulant.families._response import ResponseModel

__all__ = ["Model"]

ENTROPY = 0
"""Position of ln of the integral of the density among the scalars of `_multipoles`."""


class Model(ResponseModel):
    """The response to one number of each harmonic, kappa a function of species, p_T and viscosity."""

    @staticmethod
    def columns(
        settings: Mapping[str, Any], moments: Tensor, scalars: Tensor, viscosity: Tensor, n: int
    ) -> tuple[Tensor, Tensor]:
        """1 and ln S for n = 0; the multipole of r^n, of n = 1 that of r^3."""
        if n == 0:
            part = torch.cat([torch.ones_like(scalars[:, :1]), scalars[:, ENTROPY, None]], dim=1)
        else:
            # About the centre the dipole with r vanishes.
            part = moments[:, n, [1 if n == 1 else 0]]
        columns = (part[:, :, None] * viscosity[:, None]).flatten(1)
        return columns, torch.ones(columns.shape[1], dtype=torch.float64, device=columns.device)
