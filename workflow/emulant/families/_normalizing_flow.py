"""What families share that map a Gaussian to exp(-S) by layers with exact determinants, trained on the action alone."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Self

import torch
from torch import Tensor
from torch.func import functional_call

from emulant.contracts.family import Samples
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.families._from_gaussian import FromGaussian
from emulant.networks.couplings.chain import Chain, Moved
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.reverse_divergence import ESTIMATORS

__all__ = ["NormalizingFlow"]


class NormalizingFlow(FromGaussian, ABC):
    """Samples of a discrete normalizing flow with their exact log q.

    Arguments:
        settings: the model block.
        start: the Gaussian that the flow begins with.
        system: whose action is learned; only a training needs it.
    """

    network: Chain
    evaluations = 1

    def __init__(self, settings: dict[str, Any], start: GaussianStart, system: System | None = None) -> None:
        super().__init__(settings, start, system)
        self.network = self.chain()
        # While several processes train, `network` is wrapped. In a tuple, so that it is no second part of this module.
        self.unwrapped = (self.network,)

    @abstractmethod
    def chain(self) -> Chain:
        """The layers from the Gaussian to the fields, as the settings say."""

    def told(self) -> tuple[Any, ...]:
        """What the network is told in each call beside the fields and the direction: nothing."""
        return ()

    @classmethod
    def build(cls, settings: dict[str, Any], data: None, system: System) -> Self:
        """A fresh model.

        Raises:
            InputError: for a system that lacks one of `contracts`, and for a lattice on which the layers are not defined.
        """
        cls.check_lattice(settings, system)
        return super().build(settings, data, system)

    @classmethod
    def check_lattice(cls, settings: Mapping[str, Any], system: System) -> None:
        """Raise InputError for a lattice whose sites a checkerboard does not divide into two colours."""
        if any(side % 2 for side in system.site_shape):
            expected = f"even numbers of sites, which the checkerboard of {settings['family']} needs"
            raise InputError(f"system {system.kind}", "shape", expected, list(system.site_shape))

    @property
    def operations(self) -> float:
        """Floating-point operations for each sample."""
        return self.network.operations

    @property
    def training_operations(self) -> float:
        """Floating-point operations of the training."""
        training, passes = self.settings["training"], ESTIMATORS[self.settings["estimator"]].passes
        return float(training["steps"] * training["batch"] * passes) * self.operations

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The mean of log q + S over fresh samples, -ln Z above the divergence KL(q || p) of the action's law."""
        latents = self.latents(len(batch), generator)
        return ESTIMATORS[self.settings["estimator"]].loss(self, self.system.action, latents)

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw samples and their log q."""
        parts = [self.transported(part) for part in self.portions(self.latents(count, generator))]
        fields, log_q = (torch.cat(column) for column in zip(*parts, strict=True))
        return Samples(fields, log_q=log_q)

    @torch.no_grad()
    def log_density(self, fields: Tensor) -> Tensor:
        """Compute log q of fields (N, *site_shape), (N,) float64, by an inversion in double precision."""
        exact = copy.deepcopy(self.network).double()
        return torch.cat(
            [
                self._by_inversion(exact(part, "inverse", *self.told()))
                for part in self.portions(fields.double())
            ]
        )

    def transported(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Map latents (N, *site_shape) to fields and their log q."""
        fields, log_det = self.network(latents, "forward", *self.told())
        return fields, self.start.log_density(latents) - log_det

    def density(self, fields: Tensor) -> Tensor:
        """Compute log q of fields in their precision."""
        return self._by_inversion(self.network(fields, "inverse", *self.told()))

    def fixed_density(self, fields: Tensor) -> Tensor:
        """Compute log q of fields in their precision; no gradient reaches the weights."""
        (network,) = self.unwrapped
        fixed = {name: weight.detach() for name, weight in network.named_parameters()}
        return self._by_inversion(functional_call(network, fixed, (fields, "inverse", *self.told())))

    def _by_inversion(self, moved: Moved) -> Tensor:
        """Log q of the fields whose inversion is `moved`."""
        return self.start.log_density(moved.fields) + moved.log_det
