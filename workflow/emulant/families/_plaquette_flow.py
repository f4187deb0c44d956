"""What closed-form flows of links share: links and plaquettes, log q, and a coupling that may be fitted.

A flow moves links z of the Haar measure by what their plaquettes P change, in maximal-tree gauge: x = z + links(map(P) - P).
Gauge angles and holonomies of z stay as they are, so that the map is equivariant, the density of x depends on its plaquettes
alone, and with respect to the Haar measure it is that of the plaquettes.
"""

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.family import Examples, Samples
from emulant.contracts.system import System
from emulant.families._family import ModelFamily, tensors_of
from emulant.families._haar import drawn_angles, free_coupling, latent_angles, with_response
from emulant.families._plaquette_map import PlaquetteMap
from emulant.gauge.arrays import wrapped
from emulant.gauge.plaquettes import plaquette_sums, with_plaquettes
from emulant.networks.ridges.least_squares import gauss_newton_step

__all__ = ["PlaquetteFlow"]

DIFFERENCE = 1e-4
"""Step in ln b of the central difference of ln q: with a curvature of order V its error is 1e-8 V, its rounding 1e-11 V."""
BATCH = 4096
"""Configurations that are mapped together."""


class Coupling(nn.Module):
    """The coupling b of the law of free plaquettes that a flow begins with.

    Arguments:
        start: its value before any fit.
    """

    start: Tensor

    def __init__(self, start: float) -> None:
        super().__init__()
        self.register_buffer("start", torch.tensor(start, dtype=torch.float64))
        self.log_ratio = nn.Parameter(torch.zeros(1, dtype=torch.float64))

    def forward(self) -> Tensor:
        """Return b, (1,)."""
        return self.start * self.log_ratio.exp()


class PlaquetteFlow(ModelFamily):
    """A flow of links that maps plaquettes.

    Arguments:
        settings: the model block.
        shape: of one configuration, (2, L_t, L_s).
        coupling: b of free plaquettes before any fit.
        system: whose action is learned; only a fit needs it.
    """

    network: Coupling
    evaluations = 1

    def __init__(
        self, settings: dict[str, Any], shape: tuple[int, ...], coupling: float, system: System | None = None
    ) -> None:
        super().__init__()
        self.settings, self.site_shape, self.system = settings, tuple(shape), system
        self.network = Coupling(coupling)
        self.latest: dict[float, PlaquetteMap] = {}

    @abstractmethod
    def map_of(self, coupling: float) -> PlaquetteMap:
        """Make the map of a coupling."""

    @classmethod
    def build(cls, settings: dict[str, Any], data: None, system: System) -> Self:
        """A fresh model, at the coupling of the system.

        Raises:
            InputError: for a system without plaquettes, or whose coupling is not positive.
        """
        coupling = free_coupling(system, settings["family"])
        return cls(settings, system.site_shape, coupling, system)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            model = cls(record["settings"], tuple(record["site_shape"]), float(tensors["start"]))
            return model.take(dict(tensors), weights)

    def at(self, system: System) -> Self:
        """The same flow for another system, with what a fit has changed b by."""
        other = type(self)(
            self.settings, system.site_shape, free_coupling(system, self.settings["family"]), system
        )
        other.network.log_ratio = self.network.log_ratio
        return other.eval()

    @property
    def rounds(self) -> int:
        """Fits of the coupling."""
        return self.settings["fit"]["rounds"]

    def examples(self, data: None, seed: int) -> Examples:
        """No data."""
        return Examples(None, held_out=False)

    @torch.no_grad()
    def fit_round(
        self, number: int, generator: torch.Generator, carried: dict[str, Tensor]
    ) -> dict[str, float]:
        """Make one Gauss-Newton step of ln b on the variance of ln w of fresh samples; returns their number and the loss."""
        fit = self.settings["fit"]
        links, log_q, response = self._responding(fit["samples"], generator)
        log_weight = -self.system.action(links) - log_q
        self.network.log_ratio += gauss_newton_step(response[:, None], log_weight, 1, fit["ridge"])
        return {"examples": fit["samples"], "loss": -float(log_weight.mean())}

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The mean of log q + S over fresh samples, -ln Z above the divergence KL(q || p) of the action's law.

        Its gradient is the covariance of log q + S with the derivative of log q.
        """
        links, log_q, response = self._responding(len(batch), generator)
        excess = log_q + self.system.action(links)
        return with_response(excess, response, self.network.log_ratio.squeeze())

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw samples and their log q."""
        links, log_q = self._drawn(count, generator, float(self.network()))
        return Samples(links, log_q=log_q)

    def transported(self, links: Tensor, spare: Tensor, plaquette_map: PlaquetteMap) -> tuple[Tensor, Tensor]:
        """Map links of the Haar measure, (N, *site_shape) float64; returns links in [-pi, pi) and their log q, (N,).

        Arguments:
            links: to map.
            spare: further uniform angles, (N,), for maps that use one.
            plaquette_map: of their plaquettes.
        """
        uniform = latent_angles(links, spare)
        plaquettes, log_q = map(torch.from_numpy, plaquette_map.mapped(uniform.numpy()))
        return with_plaquettes(links, plaquettes.reshape(-1, *links.shape[2:])), log_q

    @torch.no_grad()
    def log_density(self, fields: Tensor) -> Tensor:
        """Compute log q of links (N, *site_shape) with respect to the Haar measure, (N,) float64."""
        return self._log_density_at(fields, float(self.network()))

    def _log_density_at(self, links: Tensor, coupling: float) -> Tensor:
        """Compute log q at a coupling."""
        plaquettes = wrapped(plaquette_sums(links.double())).flatten(1).cpu().numpy()
        return torch.from_numpy(self._map_at(coupling).log_density(plaquettes))

    @torch.no_grad()
    def _responding(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Draw samples, their log q, and its derivative by ln b at fixed links."""
        coupling = float(self.network())
        links, log_q = self._drawn(count, generator, coupling)
        above, below = (
            self._log_density_at(links, coupling * math.exp(h)) for h in (DIFFERENCE, -DIFFERENCE)
        )
        return links, log_q, (above - below) / (2 * DIFFERENCE)

    def _drawn(self, count: int, generator: torch.Generator, coupling: float) -> tuple[Tensor, Tensor]:
        """Draw samples and their log q at a coupling."""
        parts = []
        for first in range(0, count, BATCH):
            number = min(BATCH, count - first)
            angles = drawn_angles(number, self.site_shape, generator)
            parts.append(self.transported(*angles, self._map_at(coupling)))
        links, log_q = (torch.cat(column) for column in zip(*parts, strict=True))
        return links, log_q

    def _map_at(self, coupling: float) -> PlaquetteMap:
        """Return the map of a coupling, the last of which is made once."""
        if coupling not in self.latest:
            self.latest = {coupling: self.map_of(coupling)}
        return self.latest[coupling]
