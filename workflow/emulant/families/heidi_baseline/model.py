r"""The published model of events as clouds (M. Omana Kuttan et al., arXiv:2412.10352 and 2502.16330), to compare with.

Momenta and identity of all slots, 3 + 27 numbers each, are diffused together; given the latent, slots are independent,
so no event keeps its sums. 300 ancestral steps (J. Ho et al., arXiv:2006.11239). Where the papers are silent it has the
defaults of S. Luo and W. Hu (arXiv:2103.01458), whose 100 steps end at beta = 0.02.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from emulant.collisions.events import Events
from emulant.contracts.system import System
from emulant.families._events import EventFamily, check_particles, shuffled
from emulant.families._family import tensors_of
from emulant.families._slots import CHANNELS, Slots, impacts_of
from emulant.families.heidi_baseline.point_network import CloudNetwork

__all__ = ["Model"]

FIRST_BETA, LAST_BETA, LATENT_WEIGHT = 1e-4, 0.02, 0.001
"""Of S. Luo and W. Hu (arXiv:2103.01458)."""

STEPS = 300
"""Of the published model of events (arXiv:2502.16330), where the settings do not say."""

MARGIN = 0.05
"""Slots beyond the longest training event, as a part of them, where the settings do not say, as of `heidi`."""


class Model(EventFamily):
    """Point-cloud diffusion given a latent.

    Arguments:
        settings: the model block of the config: network (see `CloudNetwork`), margin of the slots, generation
            {steps, batch}.
        slots: between events and tensors.
        impacts: of the training events in fm, (M,).
    """

    def __init__(self, settings: dict[str, Any], slots: Slots, impacts: Tensor) -> None:
        super().__init__()
        self.settings, self.slots = settings, slots
        self.register_buffer("impacts", impacts.double(), persistent=False)
        self.network = CloudNetwork(CHANNELS, **settings.get("network", {}))

    @classmethod
    def build(cls, settings: dict[str, Any], data: Events, system: System | None = None) -> Self:
        """Slots and scales from training events; the published model knows no symmetry."""
        check_particles(data)
        slots = Slots.fit(data, settings.get("margin", MARGIN))
        return cls(settings, slots, torch.from_numpy(impacts_of(data)))

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """The trained model of model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            model = cls(record["settings"], Slots.load(tensors), tensors.pop("impacts"))
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Slots and impact parameters."""
        return self.slots.tensors() | {"impacts": self.impacts}

    def rows(self, events: Events, seed: int) -> Tensor:
        """Training events as (N, slots + 1, 3 + 27), which `loss` takes; the last row holds b in fm, then zeros.

        Events, and the slots of each, are in random order, by `seed`; nothing depends on that of the slots.
        """
        cloud = self.slots.encode(events)
        order = torch.rand(cloud.shape[:2], generator=torch.Generator().manual_seed(seed)).argsort(dim=1)
        cloud = cloud.gather(1, order.unsqueeze(-1).expand_as(cloud))
        last = torch.zeros(len(events), 1, CHANNELS)
        last[:, 0, 0] = torch.from_numpy(impacts_of(events))
        return shuffled(torch.cat([cloud, last], dim=1), seed)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """Mean squared error of the noise in rows (N, slots + 1, 30), and the latent's cost times 0.001."""
        cloud, impact = batch[:, :-1], batch[:, -1, 0]
        like = {"generator": generator, "device": batch.device, "dtype": batch.dtype}
        betas, powers = (schedule.to(batch.device) for schedule in (self.beta, self.signal_power))
        step = torch.randint(len(betas), (len(batch),), generator=generator, device=batch.device)
        power = powers[step].to(batch.dtype)[:, None, None]
        noise = torch.randn(cloud.shape, **like)
        draw = torch.randn(len(batch), self.network_latent, **like)
        x = power.sqrt() * cloud + (1 - power).sqrt() * noise
        beta = betas[step].to(batch.dtype)
        predicted, cost = self.network(cloud, x, self._standard(impact), beta, draw)
        return (predicted - noise).square().mean() + LATENT_WEIGHT * cost.mean()

    @property
    def beta(self) -> Tensor:
        """Variance of the noise of each step, (steps,) float64."""
        steps = self.settings.get("generation", {}).get("steps", STEPS)
        return torch.linspace(FIRST_BETA, LAST_BETA, steps, dtype=torch.float64)

    @property
    def signal_power(self) -> Tensor:
        """What the steps leave of the squared signal, (steps,) float64."""
        return torch.cumprod(1 - self.beta, dim=0)

    @property
    def network_latent(self) -> int:
        """Numbers of the latent."""
        return self.settings.get("network", {}).get("latent", 256)

    def _standard(self, impact: Tensor) -> Tensor:
        """B from the middle of the training events, in units of their largest."""
        return ((impact - self.impacts.mean()) / self.impacts.abs().max().clamp_min(1e-9)).float()

    @property
    def trained(self) -> dict[str, np.ndarray]:
        """Conditions of the training events."""
        return {"impact": self.impacts.cpu().numpy()}

    @property
    def evaluations(self) -> int:
        """Calls of the decoder for each event."""
        return len(self.beta)

    def events_at(self, conditions: Mapping[str, np.ndarray], generator: torch.Generator) -> Events:
        """Events numbered from 0 at impact parameters (N,) in fm."""
        impact = conditions["impact"]
        cloud = self.clouds(torch.from_numpy(impact).to(self.impacts), generator)
        return self.slots.decode(cloud, {"impact_parameter": impact})

    @torch.no_grad()
    def clouds(self, impact: Tensor, generator: torch.Generator) -> Tensor:
        """Clouds (N, slots, 30) at impact parameters (N,) in fm, by ancestral steps of variance beta~_t."""
        count, device = len(impact), self.impacts.device
        w = torch.randn(count, self.network_latent, generator=generator, device=device)
        z, b = self.network.flow.inverse(w), self._standard(impact)
        x = torch.randn(count, self.slots.size, CHANNELS, generator=generator, device=device)
        betas, powers = self.beta.tolist(), self.signal_power.tolist()
        for step in reversed(range(len(betas))):
            beta, power = betas[step], powers[step]
            before = powers[step - 1] if step else 1.0
            noise = self.network.noise(x, z, b, torch.full((count,), beta, device=device))
            x = (x - beta / (1 - power) ** 0.5 * noise) / (1 - beta) ** 0.5
            if step:
                fresh = torch.randn(x.shape, generator=generator, device=device)
                x = x + ((1 - before) / (1 - power) * beta) ** 0.5 * fresh
        return x
