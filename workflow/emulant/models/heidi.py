r"""The model of whole events: numbers of particles first, then their momenta by a diffusion over sets.

The momenta of an event are normal numbers x_0, one kind of particle at a time (`gaussian`). On the path
x = cos(t) x_0 + sin(t) z, 0 <= t <= pi / 2, the velocity E[cos(t) z - sin(t) x_0 | x] vanishes for independent normal
particles. What the sums of momentum and energy add is known (`conserved_flow`), so that the network holds only what is
left; the flow dx/dt = velocity is solved from pi / 2 to 0 (C. Lu and Y. Song, arXiv:2410.11081, for the path; M. Albergo and
E. Vanden-Eijnden, arXiv:2209.15571). Last, `exact_sums` makes the sums exact.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from emulant.collisions.cloud.conserved_flow import ConservedFlow, KnownSums
from emulant.collisions.cloud.gaussian import KindMaps
from emulant.collisions.cloud.kinds import (
    COLD,
    EMPTY_KIND,
    SPECIES_OF,
    TURNED,
    beam_rapidity,
    kind_counts,
    kinds_of,
)
from emulant.collisions.cloud.momenta import Momenta
from emulant.collisions.cloud.multiplicity import Multiplicity, Totals, facts_of
from emulant.collisions.cloud.set_network import SetNetwork, collective
from emulant.collisions.cloud.slots import masses_in, padded, slots_for
from emulant.collisions.cloud.symmetry import MIRROR, TURN, Symmetry
from emulant.collisions.events import Events
from emulant.collisions.exact_sums import conserving
from emulant.collisions.species import CHARGES, PDG
from emulant.errors import InputError
from emulant.models._events import EventFamily, check_particles, shuffled
from emulant.systems import System

__all__ = ["Model"]

CONTEXT, TOGETHER, STEPS = 8, 0.3, 5
MOMENTA, SUMS = slice(2, 5), slice(2, 6)


@dataclass(frozen=True)
class _Event:
    """A batch as the flow sees it.

    Attributes:
        kinds: of the particles, (N, slots).
        there: which slots hold one, (N, slots).
        context: conditions, (N, CONTEXT).
        weights: of the impact parameters of the maps, (N, K).
        sums: what momentum and energy tell.
    """

    kinds: Tensor
    there: Tensor
    context: Tensor
    weights: Tensor
    sums: KnownSums


class Model(EventFamily):
    """Numbers by a copula, momenta by the flow of a set network.

    Arguments:
        settings: the model block of the config: network {channels, blocks, heads}, margin of the slots, generation
            {steps, batch}.
        maps: of the momenta of each kind.
        multiplicity: of the numbers of particles.
        context: mean and standard deviation of the conditions of an event, (2, CONTEXT).
        symmetry: images of an event that training takes as likely as the event.
    """

    facts = ("impact_parameter", "spectators")

    def __init__(
        self,
        settings: dict[str, Any],
        maps: KindMaps,
        multiplicity: Multiplicity,
        context: Tensor,
        symmetry: Symmetry,
    ) -> None:
        super().__init__()
        self.settings, self.maps, self.multiplicity, self.symmetry = settings, maps, multiplicity, symmetry
        self.momenta = Momenta(maps)
        self.conserved = ConservedFlow(self.momenta)
        self.register_buffer("context", context.float(), persistent=False)
        baryon = torch.from_numpy(CHARGES[SPECIES_OF, 0])
        self.network = SetNetwork(baryon, CONTEXT, **settings.get("network", {}))
        self.register_buffer("_turned", torch.from_numpy(TURNED), persistent=False)
        self.register_buffer("_groups", self.network.groups, persistent=False)

    @classmethod
    def build(cls, settings: dict[str, Any], events: Events, system: System | None = None) -> "Model":
        """Fit maps and numbers to training events of `system`; the network starts at zero output."""
        check_particles(events)
        masses = masses_in(events)
        symmetry, beam = Symmetry.of(events, system), beam_rapidity(events, system)
        maps = KindMaps.fit(events, masses, beam, symmetry.half_turn)
        slots = slots_for(events.counts, settings.get("margin", 0.05))
        counts = kind_counts(kinds_of(events, beam), events)
        known = _conditions(counts, facts_of(events))
        odd = np.min(symmetry.images, axis=0) < 0
        known[:, MOMENTA] -= np.where(odd, known[:, MOMENTA].mean(axis=0), 0)
        spread = known.std(axis=0)
        # What is constant but for rounding stays near zero.
        spread = np.where(spread > 1e-6 * (1 + np.abs(known).max(axis=0)), spread, 1)
        context = torch.from_numpy(np.stack([known.mean(axis=0), spread]))
        numbers = Multiplicity.fit(events, masses, slots, beam, symmetry)
        return cls(settings, maps, numbers, context, symmetry)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> "Model":
        """From model.json's record and the safetensors file.

        Raises:
            InputError: where the file has not the tensors that the record describes.
        """
        tensors = load_file(weights)
        try:
            maps, multiplicity = KindMaps.load(tensors), Multiplicity.load(tensors)
            symmetry = Symmetry.load(tensors)
            model = cls(record["settings"], maps, multiplicity, tensors.pop("conditions"), symmetry)
        except KeyError as missing:
            raise InputError(weights, missing.args[0], "a tensor of this name") from None
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Maps, numbers, symmetry and conditions."""
        maps, numbers, symmetry = (part.tensors() for part in (self.maps, self.multiplicity, self.symmetry))
        return {"conditions": self.context} | maps | numbers | symmetry

    def examples(self, events: Events, seed: int = 0) -> Tensor:
        """Training events as (N, slots + 1, 6), which `loss` takes.

        A row is the three normal numbers and the kind of a particle, EMPTY_KIND where there is none; the last row holds
        the event's facts: impact parameter, spectators, sums of momenta and energies. `seed` decides the order.
        """
        normal = self.maps.encode(events, np.random.default_rng(np.random.SeedSequence(seed)))
        kinds, facts = kinds_of(events, float(self.maps.beam)), facts_of(events)
        size = self.multiplicity.slots + 1
        rows = np.zeros((len(events), size, facts.shape[1]), np.float32)
        rows[..., :3] = padded(events, normal.astype(np.float32), size)
        rows[..., 3] = padded(events, kinds, size, EMPTY_KIND)
        rows[:, -1] = facts
        return shuffled(torch.from_numpy(rows), seed)

    def loss(self, x0: Tensor, generator: torch.Generator) -> Tensor:
        """Squared error of the velocity at examples (N, slots + 1, 6), of each particle and of each event's sums.

        The sums are those of `collective`. The mean velocity makes them least too, and so the network learns what
        moves particles together, which is of order 1/n in the error of each. Times t are stratified over the batch.
        """
        normal, kinds, there, known = self._unpacked(x0)
        count = len(x0)
        offset = torch.rand((), generator=generator, device=x0.device)
        place = torch.randperm(count, generator=generator, device=x0.device)
        angle = (place + offset) / count * (math.pi / 2)
        normal, kinds, known = self._image(normal, kinds, known, generator)
        z = torch.randn(normal.shape, generator=generator, device=x0.device, dtype=x0.dtype)
        cosine, sine = angle.cos()[:, None, None], angle.sin()[:, None, None]
        x = cosine * normal + sine * z
        event = self._event(kinds, there, known)
        error = self.velocity(x, event, angle) - (cosine * z - sine * normal)
        error = error * there.unsqueeze(-1)
        sums = collective(x, error, self._groups[kinds] * there.unsqueeze(-1))
        return error.square().sum() / (3 * there.sum().clamp_min(1)) + TOGETHER * sums.square().mean()

    def _image(
        self, normal: Tensor, kinds: Tensor, known: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """An image of each event that is as likely as the event, by chance."""
        signs = normal.new_ones(len(normal), 3)
        for there, factors in ((self.symmetry.mirror, MIRROR), (self.symmetry.half_turn, TURN)):
            chosen = torch.rand(len(normal), 1, generator=generator, device=normal.device) < 0.5
            signs = torch.where(chosen & there, signs * signs.new_tensor(factors), signs)
        kinds = torch.where(signs[:, 2:] < 0, self._turned[kinds], kinds)
        known = known.clone()
        known[:, MOMENTA] *= signs
        return normal * signs.unsqueeze(1), kinds, known

    def _unpacked(self, x0: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        kinds = x0[:, :-1, 3].round().long()
        there = kinds != EMPTY_KIND
        cold = there & (kinds >= int(COLD[0]))
        numbers = torch.stack([there.sum(dim=1), cold.sum(dim=1)], dim=-1)
        known = torch.cat([x0[:, -1], numbers.to(x0.dtype)], dim=-1)
        return x0[:, :-1, :3], kinds.clamp(max=EMPTY_KIND - 1), there, known

    def _event(self, kinds: Tensor, there: Tensor, known: Tensor) -> "_Event":
        """What does not change along the path."""
        weights = self.momenta.weights(known[:, 0].cpu().numpy())
        context = (known - self.context[0]) / self.context[1]
        return _Event(
            kinds, there, context, weights, self.conserved.known(kinds, there, weights, known[:, SUMS])
        )

    def velocity(self, x: Tensor, event: "_Event", angle: Tensor) -> Tensor:
        """At places x (N, slots, 3) on the path, at t = `angle` (N,): what the sums tell, and what was learned."""
        learned = self.network(x, event.kinds, event.there, event.context, angle)
        return learned + self.conserved(x, event.sums, angle)

    @property
    def steps(self) -> int:
        """Steps of the flow."""
        return self.settings.get("generation", {}).get("steps", STEPS)

    @torch.no_grad()
    def velocity_flow(self, event: "_Event", x: Tensor) -> Tensor:
        """Solve the flow from noise x (N, slots, 3) by Heun's rule; 2 steps - 1 evaluations.

        The last step is Euler's, as nothing is left to correct at t = 0.
        """
        times = torch.linspace(math.pi / 2, 0, self.steps + 1, dtype=torch.float64).tolist()
        for now, then in zip(times[:-1], times[1:], strict=True):
            slope = self.velocity(x, event, x.new_full((len(x),), now))
            ahead = x + (then - now) * slope
            if then > 0:
                other = self.velocity(ahead, event, x.new_full((len(x),), then))
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
        kinds = _kinds_in(torch.from_numpy(totals.counts).to(device))
        there = kinds < EMPTY_KIND
        kinds = kinds.clamp(max=EMPTY_KIND - 1)
        noise = torch.randn(*kinds.shape, 3, generator=generator, device=device)
        known = torch.from_numpy(_conditions(totals.counts, totals.facts)).float().to(device)
        event = self._event(kinds, there, known)
        uniform = torch.rand(kinds.shape, generator=generator, device=device)
        masses = self.momenta.drawn_masses(kinds, uniform)
        momenta = self.momenta(event.weights, kinds, self.velocity_flow(event, noise), masses)
        if project:
            sums = torch.from_numpy(totals.facts[:, SUMS].copy()).to(device)
            momenta, _ = conserving(momenta, masses, there, sums)
        facts = dict(zip(self.facts, totals.facts.T, strict=False))
        pdg = PDG[SPECIES_OF[kinds[there].cpu().numpy()]]
        return Events(first + np.arange(len(counts)), counts, pdg, momenta[there].cpu().numpy(), facts)


def _kinds_in(counts: Tensor) -> Tensor:
    """Kind of each slot, one after another, (N, slots), EMPTY_KIND in the last ones, for numbers of each (N, KINDS)."""
    ends = counts.cumsum(dim=1)
    slots = torch.arange(max(1, int(ends[:, -1].max())), device=counts.device)
    return torch.searchsorted(ends, slots.expand(len(ends), -1).contiguous(), right=True)


def _conditions(counts: np.ndarray, facts: np.ndarray) -> np.ndarray:
    """The conditions of events in their own units, (N, CONTEXT): the six facts, particles, and cold nucleons."""
    return np.column_stack([facts, counts.sum(axis=1), counts[:, COLD].sum(axis=1)]).astype(float)
