"""What families of posteriors share: the prior of the system, in whose standard normal variables they work."""

from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.system import System
from emulant.families._family import ModelFamily

__all__ = ["PosteriorFamily", "standardised", "unit_of"]


class PosteriorFamily(ModelFamily):
    """A model of parameters (outputs) given observations (inputs).

    Attributes:
        prior: of the system, known once `with_system` was called.
    """

    site_shape = ()
    prior: Any

    def with_system(self, system: System) -> Self:
        """Take the prior of a system."""
        self.prior = system.prior
        return self


def unit_of(inputs: Tensor) -> Tensor:
    """Mean and standard deviation of each number of inputs (N, *shape), (2, *shape) float64; one where it never changes."""
    deviation, mean = torch.std_mean(inputs.double(), 0)
    return torch.stack([mean, torch.where(deviation > 0, deviation, torch.ones_like(deviation))])


def standardised(inputs: Tensor, unit: Tensor) -> Tensor:
    """Inputs in units of `unit_of`, float32."""
    mean, deviation = unit
    return ((inputs.double() - mean) / deviation).float()
