"""Training samples of dual variables on the links of a two-dimensional torus."""

from typing import NamedTuple

import torch
from torch import Tensor

from emulant.contracts.family import Conditioned
from emulant.contracts.system import System
from emulant.errors import InputError

__all__ = ["DualSamples", "dual_samples"]

CONDITION = "mu"


class DualSamples(NamedTuple):
    """Integers and the chemical potential of each configuration.

    Attributes:
        flux: k, (N, 2, L_s, L_t) int64.
        pairs: l, the same.
        mu: (N,) float64.
    """

    flux: Tensor
    pairs: Tensor
    mu: Tensor


def dual_samples(family: str, data: Tensor | Conditioned, system: System) -> DualSamples:
    """Take samples apart; raises InputError where the system is not on a two-dimensional lattice."""
    if len(system.site_shape) != 3:
        dimension = len(system.site_shape) - 1
        raise InputError("system", "shape", f"two directions, one of space and time, for {family}", dimension)
    if isinstance(data, Conditioned):
        values, mu = data.values, data.conditions[CONDITION].double()
    else:
        values = data
        mu = torch.full((len(values),), system.parameters[CONDITION], dtype=torch.float64)
    whole = values.long()
    return DualSamples(whole[:, :2], whole[:, 2:], mu)
