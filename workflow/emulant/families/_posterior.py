"""What families of posteriors share: the prior of the system, in whose standard normal variables they work."""

from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.system import System
from emulant.families._family import ModelFamily
from emulant.transport.tilt import centring_tilt

__all__ = [
    "PosteriorFamily",
    "StandardisedPosterior",
    "balance",
    "normal_of",
    "quantile_of",
    "standardised",
    "unit_of",
]

BALANCED = 1e-6
"""Of a moment, where weights give parameters those of the prior."""


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


class StandardisedPosterior(PosteriorFamily):
    """A model that sees observations in the units of its training.

    Attributes:
        unit: of `unit_of`, (2, *shape).
    """

    unit: Tensor

    def place(self, device: torch.device | str) -> Self:
        """Move to `device`."""
        self.unit = self.unit.to(device)
        return super().place(device)


def normal_of(prior: Any, parameters: Tensor) -> Tensor:
    """Map parameters (..., d) to the prior's standard normal variables, in double precision."""
    return torch.from_numpy(prior.normal(parameters.double().cpu().numpy())).to(parameters.device)


def quantile_of(prior: Any, z: Tensor) -> Tensor:
    """Map the prior's standard normal variables (..., d) to parameters, in double precision."""
    return torch.from_numpy(prior.quantile(z.double().cpu().numpy())).to(z.device)


def unit_of(inputs: Tensor) -> Tensor:
    """Mean and standard deviation of each number of inputs (N, *shape), (2, *shape) float64; one where it never changes."""
    deviation, mean = torch.std_mean(inputs.double(), 0)
    return torch.stack([mean, torch.where(deviation > 0, deviation, torch.ones_like(deviation))])


def standardised(inputs: Tensor, unit: Tensor) -> Tensor:
    """Inputs in units of `unit_of`, float32."""
    mean, deviation = unit
    return ((inputs.double() - mean) / deviation).float()


def balance(z: Tensor) -> Tensor:
    """Weights (N,), mean one, with which standard normal variables z (N, d) have means 0, variances 1 and no correlations.

    Parameters that happen to lie to one side make a posterior lie there too, by as much as the prior's mean is off in units
    of a posterior that is narrower. Of all such weights these are the closest to equal ones by entropy: exponentials of z
    and its products. Where there are none, or they would leave less than half of the samples, all are one.
    """
    z = z.double()
    first, second = torch.triu_indices(z.shape[1], z.shape[1])
    products = z[:, first] * z[:, second] - (first == second).double()
    features = torch.cat([z, products], 1)
    weight = torch.softmax(features @ centring_tilt(features, z.new_zeros(len(z))), 0) * len(z)
    balanced = (weight @ features).abs().max() < BALANCED * len(z) and weight.square().mean() < 2
    return weight if balanced else torch.ones_like(weight)
