r"""The published model of events as clouds (M. Omana Kuttan et al., arXiv:2412.10352 and 2502.16330), to compare with.

Momenta and identity of all slots, 3 + 27 numbers each, are diffused together; given the latent, slots are independent,
so no event keeps its sums. 300 ancestral steps (J. Ho et al., arXiv:2006.11239). Where the papers are silent it has the
defaults of S. Luo and W. Hu (arXiv:2103.01458), whose 100 steps end at beta = 0.02.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from emulant.collisions.cloud.point_network import CloudNetwork
from emulant.collisions.cloud.slots import CHANNELS, Slots, impacts_of
from emulant.collisions.events import Events
from emulant.errors import InputError
from emulant.models._events import EventFamily, check_particles, shuffled
from emulant.systems import System

__all__ = ["Model"]

FIRST_BETA, LAST_BETA, STEPS, LATENT_WEIGHT = 1e-4, 0.02, 300, 0.001


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
        steps = settings.get("generation", {}).get("steps", STEPS)
        beta = torch.linspace(FIRST_BETA, LAST_BETA, steps, dtype=torch.float64)
        self.register_buffer("beta", beta, persistent=False)
        self.register_buffer("kept", torch.cumprod(1 - beta, dim=0), persistent=False)

    @classmethod
    def build(cls, settings: dict[str, Any], events: Events, system: System | None = None) -> "Model":
        """Slots and scales from training events; the published model knows no symmetry."""
        check_particles(events)
        slots = Slots.fit(events, settings.get("margin", 0.05))
        return cls(settings, slots, torch.from_numpy(impacts_of(events)))

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> "Model":
        """From model.json's record and the safetensors file.

        Raises:
            InputError: where the file has not the tensors that the record describes.
        """
        tensors = load_file(weights)
        try:
            model = cls(record["settings"], Slots.load(tensors), tensors.pop("impacts"))
        except KeyError as missing:
            raise InputError(weights, missing.args[0], "a tensor of this name") from None
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Slots and impact parameters."""
        return self.slots.tensors() | {"impacts": self.impacts}

    def examples(self, events: Events, seed: int = 0) -> Tensor:
        """Training events as (N, slots + 1, 3 + 27), which `loss` takes; the last row holds b in fm, then zeros.

        Events, and the slots of each, are in random order, by `seed`; nothing depends on that of the slots.
        """
        cloud = self.slots.encode(events)
        order = torch.rand(cloud.shape[:2], generator=torch.Generator().manual_seed(seed)).argsort(dim=1)
        cloud = cloud.gather(1, order.unsqueeze(-1).expand_as(cloud))
        last = torch.zeros(len(events), 1, CHANNELS)
        last[:, 0, 0] = torch.from_numpy(impacts_of(events))
        return shuffled(torch.cat([cloud, last], dim=1), seed)

    def loss(self, x0: Tensor, generator: torch.Generator) -> Tensor:
        """Mean squared error of the noise in examples (N, slots + 1, 30), and the latent's cost times 0.001."""
        cloud, impact = x0[:, :-1], x0[:, -1, 0]
        step = torch.randint(len(self.beta), (len(x0),), generator=generator, device=x0.device)
        kept = self.kept[step].to(x0.dtype)[:, None, None]
        noise = torch.randn(cloud.shape, generator=generator, device=x0.device, dtype=x0.dtype)
        draw = torch.randn(
            len(x0), self.network_latent, generator=generator, device=x0.device, dtype=x0.dtype
        )
        x = kept.sqrt() * cloud + (1 - kept).sqrt() * noise
        found, cost = self.network(cloud, x, self._standard(impact), self.beta[step].to(x0.dtype), draw)
        return (found - noise).square().mean() + LATENT_WEIGHT * cost.mean()

    @property
    def network_latent(self) -> int:
        """Numbers of the latent."""
        return self.settings.get("network", {}).get("latent", 256)

    def _standard(self, impact: Tensor) -> Tensor:
        """B from the middle of the training events, in units of their largest."""
        return ((impact - self.impacts.mean()) / self.impacts.abs().max().clamp_min(1e-9)).float()

    @property
    def trained_impacts(self) -> np.ndarray:
        """Impact parameters of the training events in fm, (M,)."""
        return self.impacts.cpu().numpy()

    def events_at(self, impact: np.ndarray, generator: torch.Generator, first: int) -> Events:
        """Events numbered from `first` at impact parameters (N,) in fm."""
        there = torch.from_numpy(impact).to(self.impacts)
        return self.slots.decode(self.clouds(there, generator), {"impact_parameter": impact}, first)

    @torch.no_grad()
    def clouds(self, impact: Tensor, generator: torch.Generator) -> Tensor:
        """Clouds (N, slots, 30) at impact parameters (N,) in fm, by ancestral steps of variance beta~_t."""
        count, device = len(impact), self.impacts.device
        w = torch.randn(count, self.network_latent, generator=generator, device=device)
        z, b = self.network.flow.inverse(w), self._standard(impact)
        x = torch.randn(count, self.slots.size, CHANNELS, generator=generator, device=device)
        for step in reversed(range(len(self.beta))):
            beta, kept = float(self.beta[step]), float(self.kept[step])
            before = float(self.kept[step - 1]) if step else 1.0
            noise = self.network.noise(x, z, b, torch.full((count,), beta, device=device))
            x = (x - beta / (1 - kept) ** 0.5 * noise) / (1 - beta) ** 0.5
            if step:
                fresh = torch.randn(x.shape, generator=generator, device=device)
                x = x + ((1 - before) / (1 - kept) * beta) ** 0.5 * fresh
        return x
