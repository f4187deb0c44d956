"""What learned flows of gauge links share: a start in closed form, a network that maps plaquettes, and reverse KL.

Links z of the Haar measure move by what their plaquettes change, in maximal-tree gauge
(`gauge.plaquettes.with_plaquettes`): so every map of plaquettes that keeps their sum is a gauge-equivariant flow, and log q
with respect to the Haar measure depends on plaquettes alone. Networks are in the precision of the training, angles and sums
of ln of slopes in double precision.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from emulant.contracts.family import Examples, Samples
from emulant.contracts.system import System
from emulant.families._family import ModelFamily
from emulant.families._haar import drawn_angles, latent_angles
from emulant.gauge.arrays import wrapped
from emulant.gauge.plaquettes import plaquette_sums, with_plaquettes

__all__ = ["LinkFlow", "Stack"]

BATCH = 1024
"""Configurations that are mapped together: their splines then stay in the memory of a small job."""


class Stack(nn.Module):
    """Couplings one after another.

    Arguments:
        couplings: modules with `forward` and `inverse` of plaquettes (N, V) and numbers that tell the action's couplings,
            which return plaquettes and ln of the Jacobian of the forward map, (N,).
    """

    def __init__(self, couplings: list[nn.Module]) -> None:
        super().__init__()
        self.couplings = nn.ModuleList(couplings)

    def forward(self, plaquettes: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Map plaquettes."""
        total = plaquettes.new_zeros(len(plaquettes))
        for coupling in self.couplings:
            plaquettes, log_jacobian = coupling(plaquettes, condition)
            total = total + log_jacobian
        return plaquettes, total

    def inverse(self, plaquettes: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Map plaquettes back."""
        total = plaquettes.new_zeros(len(plaquettes))
        for coupling in reversed(self.couplings):
            plaquettes, log_jacobian = coupling.inverse(plaquettes, condition)
            total = total + log_jacobian
        return plaquettes, total


class LinkFlow(ModelFamily):
    """A flow of links that is trained by the loop over batches.

    Arguments:
        settings: the model block.
        shape: of one configuration, (2, L_t, L_s).
        network: maps plaquettes.
        condition: numbers that tell it the couplings of the action.
        system: whose action is learned; only a training needs it.
    """

    network: Stack
    evaluations = 1

    def __init__(
        self,
        settings: dict[str, Any],
        shape: tuple[int, ...],
        network: Stack,
        condition: Tensor,
        system: System | None = None,
    ) -> None:
        super().__init__()
        self.settings, self.site_shape, self.system = settings, tuple(shape), system
        self.network = network
        # In a tuple, so that a copy at another condition shares everything else.
        self.condition = (condition,)

    @abstractmethod
    def started(self, uniform: Tensor) -> tuple[Tensor, Tensor]:
        """Map uniform angles (N, V) to plaquettes of the start and their ln q, (N,)."""

    @abstractmethod
    def start_density(self, plaquettes: Tensor) -> Tensor:
        """Compute ln q of plaquettes (N, V) at the start, (N,)."""

    def parts(self) -> dict[str, Tensor]:
        """The numbers that tell the couplings of the action."""
        return {"condition": self.condition[0]}

    def examples(self, data: None, seed: int) -> Examples:
        """No data."""
        return Examples(None, held_out=False)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The mean of log q + S over fresh samples, -ln Z above the divergence KL(q || p) of the action's law."""
        _, links, log_q = self.moved(*drawn_angles(len(batch), self.site_shape, generator))
        return (log_q + self.system.action(links)).mean()

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw samples and their log q at the couplings of the system."""
        links, spare = drawn_angles(count, self.site_shape, generator)
        portions = zip(links.split(BATCH), spare.split(BATCH), strict=True)
        parts = [self.moved(*portion)[1:] for portion in portions]
        moved, log_q = (torch.cat(column) for column in zip(*parts, strict=True))
        return Samples(moved, log_q=log_q)

    @torch.no_grad()
    def log_density(self, fields: Tensor) -> Tensor:
        """Compute log q of links (N, *site_shape) with respect to the Haar measure, (N,) float64."""
        return torch.cat([self._density(part) for part in fields.split(BATCH)])

    def moved(self, links: Tensor, spare: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map links of the Haar measure (N, *site_shape) with a spare angle each.

        Returns the plaquettes of the start (N, V), links in [-pi, pi) and their log q, (N,).
        """
        device = next(iter(self.network.state_dict().values())).device
        begun, log_q = (values.to(device) for values in self.started(latent_angles(links, spare)))
        plaquettes, log_jacobian = self.network(begun, self.condition[0].to(device))
        moved = with_plaquettes(links.to(device), plaquettes.reshape(-1, *links.shape[2:]))
        return begun, moved, log_q - log_jacobian

    def _density(self, links: Tensor) -> Tensor:
        plaquettes = wrapped(plaquette_sums(links.double())).flatten(1)
        latent, log_jacobian = self.network.inverse(plaquettes, self.condition[0].to(links.device))
        return self.start_density(latent) - log_jacobian
