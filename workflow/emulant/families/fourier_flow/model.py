"""A flow of closed paths in imaginary time, trained on the action alone, at one or at several temperatures.

It begins with the Gaussian Fourier modes of the gap equation. A closed path is a Markov chain: given the two ends of a gap,
the point in its middle knows nothing else of the path. So the couplings in time halve every gap, from the longest to the
shortest, and one network bends the Gaussian law of a point to that of the action, given both ends and the length of the gap.
The product of these laws is exact for any action of nearest neighbours, if each of them is; a kink costs no more than a
tremble, as it is drawn first.
"""

from collections.abc import Mapping
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.families._conditioned import Conditioned
from emulant.families._normalizing_flow import NormalizingFlow
from emulant.families.fourier_flow.bridge import Bridge
from emulant.families.fourier_flow.halving import Halving
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.reverse_divergence import ESTIMATORS

__all__ = ["Model"]


class Model(Conditioned, NormalizingFlow):
    """Samples of the flow with their log q.

    Arguments:
        settings: the model block.
        start: the Gaussian.
        system: whose action is learned; only a training needs it.
    """

    network: Halving

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: System | None = None) -> None:
        super().__init__(settings, start, system)
        self.bridge = Bridge(start.inverse_power, float(start.power.mean().sqrt()))

    def chain(self) -> Halving:
        """Build the map."""
        settings, (points,) = self.settings, self.site_shape
        numbers = (settings["bins"], settings["bound"], settings["width"])
        return Halving(*numbers, len(self.conditions), points)

    @classmethod
    def check_lattice(cls, settings: Mapping[str, Any], system: System) -> None:
        """Raise InputError for a system whose configurations are no closed paths."""
        if len(system.site_shape) != 1:
            shape = list(system.site_shape)
            raise InputError(f"system {system.kind}", settings["family"], "one dimension, time", shape)

    def told(self) -> tuple[Any, ...]:
        """The Gaussian's law of each point, and the polynomials of the conditions."""
        return self.bridge, self.condition

    def at(self, system: System) -> Self:
        """The same flow at another temperature, in the units of this one."""
        other = super().at(system)
        other.unwrapped, other.bridge.unit = self.unwrapped, self.bridge.unit
        return other

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The mean loss at all conditions of the training, each on an equal part of the batch."""
        loss, models = ESTIMATORS[self.settings["estimator"]].loss, self.trained_at()
        count = max(2, len(batch) // len(models))
        losses = [loss(m, m.system.action, m.start.sample(count, generator)) for m in models]
        return torch.stack(losses).mean()
