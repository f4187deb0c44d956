r"""The model of whole events: numbers of particles first, then their momenta by a flow over sets.

Momenta are mapped to standard normal variables x_0, one kind of particle at a time (`gaussian`). On the path
x = cos(t) x_0 + sin(t) z the velocity E[cos(t) z - sin(t) x_0 | x] vanishes for independent normal particles. What the
sums of momentum and energy add is computed (`conserved_flow`), so that the network holds only what is left (`flow`).
Finally `exact_sums` projects onto exact sums of momentum and energy.

Incomplete events, those of an acceptance, have no exact charges and no exact sums: what is not seen balances them
(`unseen`), and every particle stays where particles of its kind were seen.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from emulant.collisions.events import Events, concatenated
from emulant.collisions.freeze_out import beam_rapidity_at, energy_at
from emulant.collisions.species import CHARGES, PDG
from emulant.contracts.family import Samples
from emulant.contracts.interpolation import WEIGHT
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.families._events import EventFamily, check_particles, shuffled
from emulant.families._family import tensors_of
from emulant.families._slots import masses_in, padded, slots_for
from emulant.families.heidi.columns import Totals, facts_of
from emulant.families.heidi.conditions import SUMS, conditions_of, scales_of
from emulant.families.heidi.flow import EventFlow
from emulant.families.heidi.gaussian import KindMaps
from emulant.families.heidi.grid import Grid
from emulant.families.heidi.kinds import EMPTY_KIND, SPECIES_OF, beam_rapidity, beams_of, kinds_of
from emulant.families.heidi.loss import VelocityLoss
from emulant.families.heidi.momenta import momenta_of
from emulant.families.heidi.multiplicity import Multiplicity
from emulant.families.heidi.set_network import SetNetwork
from emulant.families.heidi.symmetry import Symmetry
from emulant.families.heidi.unseen import conserved_flow_of, loaded_conserved_flow

__all__ = ["Model"]

STEPS = 3
"""Of the flow, where the settings do not say: sums of central Au+Au events then scatter by 0.6 GeV in px and 3 GeV in E
before the projection, as the velocity has what conserved sums add exactly."""

MARGIN = 0.05
"""Slots beyond the longest training event, as a part of them, where the settings do not say: over one standard
deviation of the thousand particles of central Au+Au."""

AVERAGED = 64
"""Impact parameters of a range over which weights of conditions are averaged; they are polynomials of third degree."""

UNPROJECTED = "unprojected"


class Model(EventFamily):
    """Numbers by a copula, momenta by the flow of a set network.

    Arguments:
        settings: the model block of the config: network {channels, blocks, heads}, margin of the slots, generation
            {steps, batch}.
        maps: of the momenta of each kind.
        multiplicity: of the numbers of particles.
        flow: of the momenta.
        symmetry: images of an event that training takes as likely as the event.
    """

    facts = ("impact_parameter", "spectators", "beam_energy")

    def __init__(
        self,
        settings: dict[str, Any],
        maps: KindMaps,
        multiplicity: Multiplicity,
        flow: EventFlow,
        symmetry: Symmetry,
    ) -> None:
        super().__init__()
        self.settings, self.maps, self.multiplicity, self.symmetry = settings, maps, multiplicity, symmetry
        self.momenta, self.flow = flow.momenta, flow
        baryon = torch.from_numpy(CHARGES[SPECIES_OF, 0])
        self.network = SetNetwork(baryon, flow.scales.shape[1], **settings.get("network", {}))
        self.velocity_loss = VelocityLoss(self.flow, symmetry, self.network.groups)

    @classmethod
    def build(cls, settings: dict[str, Any], data: Events, system: System | None = None) -> Self:
        """Fit maps and numbers to training events of `system`; the network starts at zero output."""
        check_particles(data)
        masses = masses_in(data)
        symmetry, beam = Symmetry.of(data, system), beams_of(data, beam_rapidity(data, system))
        maps = KindMaps.fit(data, masses, beam, symmetry.half_turn)
        slots = slots_for(data.counts, settings.get("margin", MARGIN))
        momenta, scales = (
            momenta_of(maps, complete=data.complete),
            torch.from_numpy(scales_of(data, beam, symmetry)),
        )
        flow = EventFlow(momenta, conserved_flow_of(data, momenta, beam, symmetry), scales)
        numbers = Multiplicity.fit(data, masses, slots, beam, symmetry)
        return cls(settings, maps, numbers, flow, symmetry)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """The trained model of model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            maps, multiplicity = KindMaps.load(tensors), Multiplicity.load(tensors)
            symmetry = Symmetry.load(tensors)
            momenta = momenta_of(maps, complete=multiplicity.columns.complete)
            conserved = loaded_conserved_flow(tensors, momenta)
            flow = EventFlow(momenta, conserved, tensors.pop("conditions"))
            model = cls(record["settings"], maps, multiplicity, flow, symmetry)
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Maps, numbers, symmetry, conditions, and of incomplete events what is not seen."""
        parts = (self.maps, self.multiplicity, self.symmetry, self.flow.conserved)
        return {"conditions": self.flow.scales} | {k: v for part in parts for k, v in part.tensors().items()}

    def rows(self, events: Events, seed: int) -> Tensor:
        """Training events as (N, slots + 1, 7), which `loss` takes.

        A row holds the three standard normal variables and the kind of a particle, EMPTY_KIND where there is none; the
        last row holds the event's facts: impact parameter, spectators, sums of momenta and energies, rapidity of
        the nuclei. `seed` decides the order.
        """
        normal = self.maps.encode(events, np.random.default_rng(np.random.SeedSequence(seed)))
        beams = self.maps.beams(events)
        kinds, facts = kinds_of(events, beams), facts_of(events, beams)
        size = self.multiplicity.slots + 1
        rows = np.zeros((len(events), size, facts.shape[1]), np.float32)
        rows[..., :3] = padded(events, normal.astype(np.float32), size)
        rows[..., 3] = padded(events, kinds, size, EMPTY_KIND)
        rows[:, -1] = facts
        return shuffled(torch.from_numpy(rows), seed)

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """Squared error of the velocity at rows (N, slots + 1, 7), as of `VelocityLoss`."""
        return self.velocity_loss(self.network, batch, generator)

    @property
    def steps(self) -> int:
        """Steps of the flow."""
        return self.settings.get("generation", {}).get("steps", STEPS)

    @property
    def evaluations(self) -> int:
        """Of the network, for a batch of events: one a step."""
        return self.steps

    @property
    def trained(self) -> dict[str, np.ndarray]:
        """Conditions of the training events."""
        impact, beam = self.multiplicity.trained.T
        return {"impact": impact, "energy": energy_at(beam)}

    def training_weights(self, condition: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Weights of the nodes of spectra and numbers, as of `contracts.interpolation.Interpolates`.

        Over a range of impact parameters they are the mean with the weight b db of collisions.
        """
        trained, grid = self.multiplicity.trained, Grid.of_nodes(self.multiplicity.nodes)
        if len(grid.nodes) == 1 or not grid.holds(trained):
            return {}
        low, high = np.broadcast_to(np.atleast_1d(condition["impact"])[[0, -1]], 2) ** 2
        impact = np.sqrt(low + (high - low) * (np.arange(AVERAGED) + 0.5) / AVERAGED)
        points = np.column_stack([impact, np.full(AVERAGED, beam_rapidity_at(condition["energy"]))])
        columns = {"impact_parameter": grid.nodes[:, 0], "beam_energy": energy_at(grid.nodes[:, 1])}
        varied = {name: values for name, values in columns.items() if np.ptp(values) > 0}
        return varied | {WEIGHT: grid.weights(points).mean(axis=0)}

    def events_at(self, conditions: Mapping[str, np.ndarray], generator: torch.Generator) -> Events:
        """Events numbered from 0 under conditions (N,); complete ones have exact sums of momentum and energy."""
        return self._momenta(self._totals(conditions, generator), generator, project=True)

    def sample_variant(
        self,
        variant: str,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
    ) -> Samples:
        """Generate as `sample` does; `unprojected` leaves particles as the flow does, without the exact sums.

        Raises:
            InputError: for another variant.
        """
        if variant != UNPROJECTED:
            raise InputError(self.settings.get("name", "model"), "variant", UNPROJECTED, variant)
        parts = [
            self._momenta(self._totals(conditions, generator), generator, project=False)
            for conditions in self._batches(count, generator, condition)
        ]
        return Samples(concatenated(parts).numbered(np.arange(count)))

    def _totals(self, conditions: Mapping[str, np.ndarray], generator: torch.Generator) -> Totals:
        """Draw numbers and sums of events under conditions (N,)."""
        beam = np.array([beam_rapidity_at(energy) for energy in conditions["energy"]])
        trained = self.multiplicity.trained[:, 1]
        # From energy to rapidity and back leaves rounding.
        beam = np.clip(beam, trained.min(), trained.max())
        return self.multiplicity.sample(np.column_stack([conditions["impact"], beam]), generator)

    def _momenta(self, totals: Totals, generator: torch.Generator, *, project: bool) -> Events:
        """Events with the numbers and sums of `totals`; with `project` momenta have these sums exactly."""
        counts, device = totals.counts.sum(axis=1), self.flow.scales.device
        kinds = _kinds_in(torch.from_numpy(totals.counts).to(device))
        occupied = kinds < EMPTY_KIND
        kinds = kinds.clamp(max=EMPTY_KIND - 1)
        noise = torch.randn(*kinds.shape, 3, generator=generator, device=device)
        conditions = torch.from_numpy(conditions_of(totals.counts, totals.facts)).float().to(device)
        events = self.flow.conditioned(kinds, occupied, conditions)
        uniform = torch.rand(kinds.shape, generator=generator, device=device)
        masses = self.momenta.drawn_masses(kinds, uniform)
        normal = self.flow.solve(self.network, noise, events, self.steps)
        momenta = self.momenta(events.weights, kinds, normal, masses)
        if project:
            sums = torch.from_numpy(totals.facts[:, SUMS].copy()).to(device)
            momenta = self.flow.conserved.projected(momenta, masses, occupied, sums)
        impact, spectators, *_, beam = totals.facts.T
        facts = dict(zip(self.facts, (impact, spectators, energy_at(beam)), strict=True))
        pdg = PDG[SPECIES_OF[kinds[occupied].cpu().numpy()]]
        final = momenta[occupied].cpu().numpy()
        return Events(np.arange(len(counts)), counts, pdg, final, facts, self.multiplicity.columns.complete)


def _kinds_in(counts: Tensor) -> Tensor:
    """Kind of each slot, one after another, (N, slots), EMPTY_KIND in the last ones, for numbers of each (N, KINDS)."""
    ends = counts.cumsum(dim=1)
    slots = torch.arange(max(1, int(ends[:, -1].max())), device=counts.device)
    return torch.searchsorted(ends, slots.expand(len(ends), -1).contiguous(), right=True)
