r"""The model of whole events: numbers of particles first, then their momenta by a diffusion over sets.

The momenta of an event are normal numbers x_0, one species at a time (`gaussian`). On the path
x = cos(t) x_0 + sin(t) z, 0 <= t <= pi / 2, the velocity E[cos(t) z - sin(t) x_0 | x] vanishes for independent normal
particles, so that the network holds only what they lack; the flow dx/dt = velocity is solved from pi / 2 to 0 (C. Lu and
Y. Song, arXiv:2410.11081, for the path; M. Albergo and E. Vanden-Eijnden, arXiv:2209.15571). Last, a boost and one
common factor of all momenta give the event its sums.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from emulant.collisions.cloud.gaussian import SpeciesMaps
from emulant.collisions.cloud.momenta import Momenta
from emulant.collisions.cloud.multiplicity import Multiplicity, Totals, facts_of
from emulant.collisions.cloud.set_network import SetNetwork, collective
from emulant.collisions.cloud.slots import masses_in, padded, slots_for
from emulant.collisions.events import Events
from emulant.collisions.exact_sums import conserving
from emulant.collisions.species import CHARGES, EMPTY, PDG
from emulant.errors import InputError
from emulant.models._events import EventFamily, check_particles, shuffled

__all__ = ["Model"]

CONTEXT, TOGETHER, STEPS = 5, 0.3, 9


class Model(EventFamily):
    """Numbers by a copula, momenta by the flow of a set network.

    Arguments:
        settings: the model block of the config: network {channels, blocks, heads}, margin of the slots, generation
            {steps, batch}.
        maps: of the momenta of each species.
        multiplicity: of the numbers of particles.
        context: mean and standard deviation of the conditions of an event, (2, 5).
    """

    facts = ("impact_parameter", "spectators")

    def __init__(
        self, settings: dict[str, Any], maps: SpeciesMaps, multiplicity: Multiplicity, context: Tensor
    ) -> None:
        super().__init__()
        self.settings, self.maps, self.multiplicity = settings, maps, multiplicity
        self.momenta = Momenta(maps)
        self.register_buffer("context", context.float(), persistent=False)
        baryon = torch.from_numpy(CHARGES[:, 0])
        self.network = SetNetwork(baryon, CONTEXT, **settings.get("network", {}))
        self.register_buffer("_groups", self.network.groups, persistent=False)

    @classmethod
    def build(cls, settings: dict[str, Any], events: Events, force: object = None) -> "Model":
        """Fit maps and numbers to training events, which know no force; the network starts at independent particles."""
        check_particles(events)
        masses = masses_in(events)
        maps = SpeciesMaps.fit(events, masses)
        slots = slots_for(events.counts, settings.get("margin", 0.05))
        known = _conditions(events.counts, facts_of(events))
        spread = known.std(axis=0)
        # What is constant but for rounding stays near zero.
        spread = np.where(spread > 1e-6 * (1 + np.abs(known).max(axis=0)), spread, 1)
        context = torch.from_numpy(np.stack([known.mean(axis=0), spread]))
        return cls(settings, maps, Multiplicity.fit(events, masses, slots), context)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> "Model":
        """From model.json's record and the safetensors file.

        Raises:
            InputError: where the file has not the tensors that the record describes.
        """
        tensors = load_file(weights)
        try:
            maps, multiplicity = SpeciesMaps.load(tensors), Multiplicity.load(tensors)
            model = cls(record["settings"], maps, multiplicity, tensors.pop("conditions"))
        except KeyError as missing:
            raise InputError(weights, missing.args[0], "a tensor of this name") from None
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Maps, numbers and conditions."""
        return self.maps.tensors() | self.multiplicity.tensors() | {"conditions": self.context}

    def examples(self, events: Events, seed: int = 0) -> Tensor:
        """Training events as (N, slots + 1, 4), which `loss` takes.

        A row is the three normal numbers and the species of a particle, EMPTY where there is none; the last row holds
        the event's facts: impact parameter, spectators, sums of pz and of energies. `seed` decides the order.
        """
        normal = self.maps.encode(events, np.random.default_rng(np.random.SeedSequence(seed)))
        rows = np.column_stack([normal, events.species])
        cloud = padded(events, rows, self.multiplicity.slots + 1)
        cloud[..., 3] = padded(events, rows[:, 3], self.multiplicity.slots + 1, float(EMPTY))
        cloud[:, -1] = facts_of(events)
        return shuffled(torch.from_numpy(cloud).float(), seed)

    def loss(self, x0: Tensor, generator: torch.Generator) -> Tensor:
        """Squared error of the velocity at examples (N, slots + 1, 4), of each particle and of each event's sums.

        The sums are those of `collective`. The mean velocity makes them least too, and so the network learns what
        moves particles together, which is of order 1/n in the error of each. Times t are stratified over the batch.
        """
        normal, kinds, there, context = self._unpacked(x0)
        count = len(x0)
        offset = torch.rand((), generator=generator, device=x0.device)
        place = torch.randperm(count, generator=generator, device=x0.device)
        angle = (place + offset) / count * (math.pi / 2)
        mirror = torch.ones(count, 1, 3, device=x0.device, dtype=x0.dtype)
        mirror[torch.rand(count, generator=generator, device=x0.device) < 0.5, :, 1] = -1
        normal = normal * mirror
        z = torch.randn(normal.shape, generator=generator, device=x0.device, dtype=x0.dtype)
        cosine, sine = angle.cos()[:, None, None], angle.sin()[:, None, None]
        x = cosine * normal + sine * z
        error = self.network(x, kinds, there, context, angle) - (cosine * z - sine * normal)
        error = error * there.unsqueeze(-1)
        sums = collective(x, error, self._groups[kinds] * there.unsqueeze(-1))
        return error.square().sum() / (3 * there.sum().clamp_min(1)) + TOGETHER * sums.square().mean()

    def _unpacked(self, x0: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        kinds = x0[:, :-1, 3].round().long()
        there = kinds != EMPTY
        known = torch.cat([x0[:, -1], there.sum(dim=1, keepdim=True).to(x0.dtype)], dim=-1)
        return x0[:, :-1, :3], kinds.clamp(max=EMPTY - 1), there, self._standard(known)

    def _standard(self, known: Tensor) -> Tensor:
        return (known - self.context[0]) / self.context[1]

    @property
    def steps(self) -> int:
        """Steps of the flow."""
        return self.settings.get("generation", {}).get("steps", STEPS)

    @torch.no_grad()
    def velocity_flow(self, kinds: Tensor, there: Tensor, context: Tensor, x: Tensor) -> Tensor:
        """Solve the flow from noise x (N, slots, 3) by Heun's rule; 2 steps - 1 evaluations.

        The last step is Euler's, as nothing is left to correct at t = 0.
        """
        times = torch.linspace(math.pi / 2, 0, self.steps + 1, dtype=torch.float64).tolist()
        for now, then in zip(times[:-1], times[1:], strict=True):
            slope = self.network(x, kinds, there, context, x.new_full((len(x),), now))
            ahead = x + (then - now) * slope
            if then > 0:
                other = self.network(ahead, kinds, there, context, x.new_full((len(x),), then))
                ahead = x + (then - now) * (slope + other) / 2
            x = ahead
        return x

    @property
    def evaluations(self) -> int:
        """Of the network, for a batch of events."""
        return 2 * self.steps - 1

    @property
    def trained_impacts(self) -> np.ndarray:
        """Impact parameters of the training events in fm, (M,)."""
        return self.multiplicity.impacts

    def events_at(
        self, impact: np.ndarray, generator: torch.Generator, first: int, project: bool = True
    ) -> Events:
        """Events numbered from `first` at impact parameters (N,) in fm.

        With `project` each event gets its sums of momentum and energy; without, particles are as the flow leaves them.
        """
        return self._momenta(self.multiplicity.sample(impact, generator), first, generator, project)

    def _momenta(self, totals: Totals, first: int, generator: torch.Generator, project: bool) -> Events:
        """Events with the numbers and sums of `totals`."""
        counts, device = totals.counts.sum(axis=1), self.context.device
        kinds = _species_of(torch.from_numpy(totals.counts).to(device))
        there = kinds < EMPTY
        kinds = kinds.clamp(max=EMPTY - 1)
        noise = torch.randn(*kinds.shape, 3, generator=generator, device=device)
        known = torch.from_numpy(_conditions(counts, totals.facts)).float().to(device)
        x = self.velocity_flow(kinds, there, self._standard(known), noise)
        uniform = torch.rand(kinds.shape, generator=generator, device=device)
        momenta = self.momenta(self.momenta.rows(kinds, totals.facts[:, 0], uniform), x)
        if project:
            pz, energy = torch.from_numpy(totals.facts[:, 2:4].T.copy()).to(device)
            momenta, _ = conserving(momenta, self.momenta.masses[kinds], there, energy, pz)
        facts = dict(zip(self.facts, totals.facts.T, strict=False))
        pdg = PDG[kinds[there].cpu().numpy()]
        return Events(first + np.arange(len(counts)), counts, pdg, momenta[there].cpu().numpy(), facts)


def _species_of(counts: Tensor) -> Tensor:
    """Species of each slot, one after another, (N, slots), EMPTY in the last ones, for numbers of each species (N, 26)."""
    ends = counts.cumsum(dim=1)
    slots = torch.arange(max(1, int(ends[:, -1].max())), device=counts.device)
    return torch.searchsorted(ends, slots.expand(len(ends), -1).contiguous(), right=True)


def _conditions(counts: np.ndarray, facts: np.ndarray) -> np.ndarray:
    """The conditions of events in their own units, (N, 5): the four facts and the number of particles."""
    return np.column_stack([facts, counts]).astype(float)
