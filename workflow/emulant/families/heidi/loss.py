"""Loss of the velocity on training events and on their images under the symmetries."""

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from emulant.families.heidi.conditions import MOMENTA, joined
from emulant.families.heidi.flow import EventFlow
from emulant.families.heidi.kinds import COLD, EMPTY_KIND, TURNED
from emulant.families.heidi.set_network import collective
from emulant.families.heidi.symmetry import MIRROR, TURN, Symmetry

__all__ = ["TrainingEvents", "VelocityLoss", "training_events"]

TOGETHER = 0.3
"""Weight in the loss of the errors of an event's sums, which 1/n of the error of each of n particles hides.

Where errors are independent, a sum of `collective` has the mean square of one particle's error: it then adds a third."""


@dataclass(frozen=True)
class TrainingEvents:
    """A batch of training events.

    Attributes:
        normal: standard normal variables of the particles, (N, slots, 3).
        kinds: of the particles, (N, slots).
        occupied: mask of slots that hold a particle, (N, slots).
        conditions: in their own units, (N, CONDITIONS).
    """

    normal: Tensor
    kinds: Tensor
    occupied: Tensor
    conditions: Tensor


def training_events(rows: Tensor) -> TrainingEvents:
    """Unpack rows (N, slots + 1, 7) as of `Model.rows`."""
    kinds = rows[:, :-1, 3].round().long()
    occupied = kinds != EMPTY_KIND
    cold = occupied & (kinds >= int(COLD[0]))
    numbers = torch.stack([occupied.sum(dim=1), cold.sum(dim=1)], dim=-1)
    conditions = joined(rows[:, -1], numbers.to(rows.dtype))
    return TrainingEvents(rows[:, :-1, :3], kinds.clamp(max=EMPTY_KIND - 1), occupied, conditions)


class VelocityLoss(nn.Module):
    """Squared error of the velocity, of each particle and of each event's sums.

    The sums are those of `collective`. The mean velocity makes them least too, and so the network learns what moves
    particles together, which is of order 1/n in the error of each.

    Arguments:
        flow: whose velocity is compared.
        symmetry: images of an event that are as likely as the event.
        groups: weight of each kind in the sums, (KINDS, groups).
    """

    def __init__(self, flow: EventFlow, symmetry: Symmetry, groups: Tensor) -> None:
        super().__init__()
        self.flow, self.symmetry = flow, symmetry
        self.register_buffer("groups", groups, persistent=False)
        self.register_buffer("turned", torch.from_numpy(TURNED), persistent=False)

    def forward(self, network: nn.Module, batch: Tensor, generator: torch.Generator) -> Tensor:
        """Compute the loss at rows (N, slots + 1, 7); times t are stratified over the batch."""
        events, angle = training_events(batch), _stratified_angles(batch, generator)
        events = self.image(events, generator)
        normal, occupied = events.normal, events.occupied.unsqueeze(-1)
        z = torch.randn(normal.shape, generator=generator, device=batch.device, dtype=batch.dtype)
        cosine, sine = angle.cos()[:, None, None], angle.sin()[:, None, None]
        x = cosine * normal + sine * z
        conditioned = self.flow.conditioned(events.kinds, events.occupied, events.conditions)
        error = self.flow.velocity(network, x, conditioned, angle) - (cosine * z - sine * normal)
        error = error * occupied
        sums = collective(x, error, self.groups[events.kinds] * occupied)
        return error.square().sum() / (3 * occupied.sum().clamp_min(1)) + TOGETHER * sums.square().mean()

    def image(self, events: TrainingEvents, generator: torch.Generator) -> TrainingEvents:
        """Replace each event, by chance, by an image that is as likely."""
        normal = events.normal
        signs = normal.new_ones(len(normal), 3)
        for applies, factors in ((self.symmetry.mirror, MIRROR), (self.symmetry.half_turn, TURN)):
            chosen = torch.rand(len(normal), 1, generator=generator, device=normal.device) < 0.5
            signs = torch.where(chosen & applies, signs * signs.new_tensor(factors), signs)
        kinds = torch.where(signs[:, 2:] < 0, self.turned[events.kinds], events.kinds)
        conditions = events.conditions.clone()
        conditions[:, MOMENTA] *= signs
        return replace(events, normal=normal * signs.unsqueeze(1), kinds=kinds, conditions=conditions)


def _stratified_angles(batch: Tensor, generator: torch.Generator) -> Tensor:
    """Draw angles t of the path, (N,), one from each of N equal parts of its range, in random order."""
    count = len(batch)
    offset = torch.rand((), generator=generator, device=batch.device)
    strata = torch.randperm(count, generator=generator, device=batch.device)
    return (strata + offset) / count * (math.pi / 2)
