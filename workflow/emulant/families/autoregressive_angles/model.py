r"""Angles one after another in raster order, each by a mixture of von Mises laws about the field of those before it.

.. math:: h_m = \beta \sum_{\text{earlier neighbours}} e^{i\theta_j} + f_m(\text{boundary}, \text{row } 0)

f begins with what a Gaussian lattice transmits behind the boundary (`spins.spin_waves`). Everything is told by differences
of angles: a turn of all of them changes neither a law nor log q, and no law has a seam. Trained by the cross entropy with
the law of each angle under all others, von Mises' too, whose mean over them is the conditional (Rao and Blackwell).
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor

from emulant.contracts.family import Examples, Samples
from emulant.contracts.system import HasRotors, HasSymmetries, System
from emulant.errors import InputError
from emulant.families._cluster_chains import ClusterChains
from emulant.families._family import tensors_of
from emulant.families._from_gaussian import seed_from
from emulant.families._temperatures import Temperatures
from emulant.families.autoregressive_angles.beginning import beginning
from emulant.families.autoregressive_angles.drawing import drawn
from emulant.families.autoregressive_angles.frames import Frame, Sites, framed
from emulant.families.autoregressive_angles.pool import angles_of
from emulant.networks.site_heads import Heads, SiteHeads
from emulant.networks.von_mises import Mixture, mixture_of
from emulant.randomness.seeds import job_seed
from emulant.spins.raster import boundary, earlier_neighbours

__all__ = ["Model"]

BATCH = 1024
"""Configurations that are drawn together: random numbers belong to batches."""
POINTS = 12
"""Of the sum over the law of an angle, equidistant from a random one on: its error, 10^-3 at |h| = 8, has no bias."""


class Model(ClusterChains):
    """Samples with their log q with respect to d theta / 2 pi.

    Arguments:
        settings: the model block.
        system: whose law is learned.
    """

    network: SiteHeads
    evaluations = 1

    def __init__(self, settings: dict[str, Any], system: HasRotors) -> None:
        super().__init__()
        self.settings, self.system, self.site_shape = settings, system, tuple(system.site_shape)
        self.temperatures = Temperatures(settings, system.beta)
        tables = boundary(self.site_shape), earlier_neighbours(self.site_shape)
        self.sites = Sites(*map(torch.from_numpy, tables))
        linear = beginning(self.temperatures.values, self.site_shape, settings["components"])
        self.network = SiteHeads(linear, settings["hidden"], settings["rank"])

    @classmethod
    def build(cls, settings: dict[str, Any], data: None, system: System) -> Self:
        """A fresh model.

        Raises:
            InputError: for a system that has no such angles, or a temperature outside of those of the training.
        """
        if not isinstance(system, HasRotors):
            expected = "what HasRotors of contracts/system.py has"
            raise InputError(f"system {system.kind}", settings["family"], expected, "none")
        model = cls(settings, system)
        model.temperatures.hats(system.beta)
        return model

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            system = Recorded(float(tensors.pop("beta")), tuple(record["site_shape"]))
            return cls(record["settings"], system).take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Beta of the system."""
        return {"beta": torch.tensor(self.system.beta, dtype=torch.float64)}

    def examples(self, data: None, seed: int) -> Examples:
        """As many configurations at each temperature, (N, temperatures, L_y, L_x)."""
        systems = self.temperatures.systems(self.system)
        pools = [angles_of(s, self.settings["pool"], job_seed(seed, f"{s.beta}")) for s in systems]
        return Examples(torch.stack(pools, 1))

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """The cross entropy with the law of each angle under all others, in nats for each configuration."""
        angles = self._moved(batch.flatten(0, 1), generator).unflatten(0, batch.shape[:2]).transpose(0, 1)
        beta = angles.new_tensor(self.temperatures.values)[:, None, None]
        heads = self.network(torch.eye(len(beta), dtype=angles.dtype, device=angles.device))
        mixture, frame = self._mixtures(heads, angles.flatten(2), beta)
        x, y = (_around(part(angles)).flatten(2) for part in (torch.cos, torch.sin))
        along, across = x * frame.cosine + y * frame.sine, y * frame.cosine - x * frame.sine
        turn = torch.rand((), generator=generator, device=generator.device, dtype=angles.dtype)
        total, weights = 0.0, 0.0
        for k in range(POINTS):
            angle = 2 * math.pi * (k + turn.to(angles)) / POINTS
            cosine, sine = angle.cos(), angle.sin()
            weight = torch.exp(beta * (along * cosine + across * sine - torch.hypot(x, y)))
            total = total + weight * mixture.log_density_at(cosine, sine)
            weights = weights + weight
        return -(total / weights).sum(-1).mean()

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw samples and their log q at the temperature of the system."""
        heads = Heads(*(part.cpu() for part in self._heads_here()))
        parts = []
        for first in range(0, count, BATCH):
            size = (min(BATCH, count - first), len(self.sites.boundary))
            uniform = torch.rand(size, generator=generator, device=generator.device).cpu()
            parts.append(drawn(uniform, seed_from(generator), self.system.beta, heads, self.sites))
        angles, log_q = (torch.cat(column) for column in zip(*parts, strict=True))
        return Samples(angles.reshape(count, *self.site_shape), log_q=log_q)

    @torch.no_grad()
    def log_density(self, fields: Tensor) -> Tensor:
        """Compute log q of angles (N, *site_shape), (N,) float64."""
        heads = self._heads_here()
        parts = fields.to(heads.hidden.device).flatten(1).split(BATCH)
        return torch.cat([self._density(heads, part) for part in parts])

    def _density(self, heads: Heads, angles: Tensor) -> Tensor:
        mixture, frame = self._mixtures(heads, angles[None].to(heads.hidden), self.system.beta)
        mixture = Mixture(*(part.double() for part in mixture))
        direction = torch.atan2(frame.sine, frame.cosine).double()
        return mixture.log_density(angles.double() - direction)[0].sum(-1)

    def _mixtures(self, heads: Heads, angles: Tensor, beta: Tensor | float) -> tuple[Mixture, Frame]:
        """Laws of all angles (conditions, N, V) in their frames."""
        frame = framed(angles.cos(), angles.sin(), Sites(*(table.to(angles.device) for table in self.sites)))
        return mixture_of(heads.everywhere(frame.inputs), beta * frame.field), frame

    def _moved(self, angles: Tensor, generator: torch.Generator) -> Tensor:
        """Move all configurations alike by the symmetries of the system."""
        symmetries = self.system.symmetries if isinstance(self.system, HasSymmetries) else ()
        for symmetry in symmetries:
            angles = symmetry(angles, generator)
        return angles

    def _heads_here(self) -> Heads:
        """Heads at the temperature of the system."""
        weight = next(self.network.parameters())
        return self.network(self.temperatures.hats(self.system.beta)[None].to(weight))


class Recorded(NamedTuple):
    """What a file says of the system of a model."""

    beta: float
    site_shape: tuple[int, ...]


def _around(part: Tensor) -> Tensor:
    """Sum the four neighbours of each site of (..., L_y, L_x)."""
    return sum(part.roll(step, axis) for axis in (-2, -1) for step in (1, -1))
