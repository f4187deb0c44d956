"""Events of different length as one tensor: a fixed number of slots, of which those without a particle are EMPTY."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from emulant.collisions.events import Events, on_shell
from emulant.collisions.species import EMPTY, MASSES, PDG

__all__ = ["CHANNELS", "IDENTITIES", "Slots", "impacts_of", "masses_in", "padded", "slots_for"]

IDENTITIES = EMPTY + 1
CHANNELS = 3 + IDENTITIES


def slots_for(counts: np.ndarray, margin: float) -> int:
    """Slots for events of `counts` particles: their maximum and a fraction `margin` more, at least one."""
    return max(1, math.ceil(int(np.max(counts, initial=0)) * (1 + margin)))


def impacts_of(events: Events) -> np.ndarray:
    """Impact parameter of each event in fm, (N,); 0 where it is not known."""
    return np.nan_to_num(np.asarray(events.facts.get("impact_parameter", np.zeros(len(events))), float))


def masses_in(events: Events) -> np.ndarray:
    """Mass of each of the 26 species in GeV as a generator has it: the median, or the PDG's where there is none."""
    chosen = [events.species == kind for kind in range(EMPTY)]
    return np.array(
        [np.median(events.mass[c]) if c.any() else m for c, m in zip(chosen, MASSES, strict=True)]
    )


def padded(events: Events, columns: np.ndarray, size: int, fill: float = 0.0) -> np.ndarray:
    """Columns (n, ...) of the particles as (N, size, ...), the particles of each event first.

    Raises:
        ValueError: for an event with more particles than slots, or a particle that is none of the 26 species.
    """
    over = np.flatnonzero(events.counts > size)
    if len(over):
        first = over[0]
        raise ValueError(
            f"event {events.number[first]} has {events.counts[first]} particles, the cloud {size} slots"
        )
    foreign = np.flatnonzero(events.species < 0)
    if len(foreign):
        event = events.number[events.owner[foreign[0]]]
        raise ValueError(f"event {event} has a particle {events.pdg[foreign[0]]}, none of the 26 species")
    out = np.full((len(events), size, *np.shape(columns)[1:]), fill, dtype=np.asarray(columns).dtype)
    out[events.owner, np.arange(len(events.pdg)) - events.offsets[events.owner]] = columns
    return out


@dataclass(frozen=True)
class Slots:
    """Between events and tensors (N, size, 3 + 27): momenta over their scale, and identity as one-hot numbers.

    The published model has 1084 slots for central Au+Au (arXiv:2502.16330); here they follow from the training events.

    Attributes:
        size: number of slots.
        scale: of px, py and pz in GeV; powers of two, so that there and back is exact.
        masses: of the 26 species in GeV, for the energies of what comes back.
    """

    size: int
    scale: tuple[float, float, float]
    masses: tuple[float, ...]

    @classmethod
    def fit(cls, events: Events, margin: float = 0.05) -> "Slots":
        """Slots for the longest of the events and a fraction `margin` more; scales near the standard deviations."""
        spread = events.momenta[:, :3].std(axis=0) if len(events.pdg) else np.ones(3)
        scale = 2.0 ** np.rint(np.log2(np.where(spread > 0, spread, 1)))
        return cls(slots_for(events.counts, margin), tuple(scale.tolist()), tuple(masses_in(events).tolist()))

    def encode(self, events: Events, dtype: torch.dtype = torch.float32) -> Tensor:
        """Events as (N, size, 3 + 27); raises ValueError as `padded`."""
        momenta = padded(events, events.momenta[:, :3] / np.array(self.scale), self.size)
        kinds = torch.from_numpy(padded(events, events.species, self.size, EMPTY))
        identity = torch.nn.functional.one_hot(kinds, IDENTITIES)
        return torch.cat([torch.from_numpy(momenta).to(dtype), identity.to(dtype)], dim=-1)

    def decode(self, cloud: Tensor, facts: Mapping[str, np.ndarray] | None = None, first: int = 0) -> Events:
        """Events numbered from `first` of a cloud (N, size, 3 + 27): the largest of the 27 numbers is the identity."""
        kinds = cloud[..., 3:].argmax(dim=-1).cpu().numpy()
        there = kinds != EMPTY
        momenta = cloud[..., :3].double().cpu().numpy()[there] * np.array(self.scale)
        found = kinds[there]
        number = first + np.arange(len(cloud))
        energies = on_shell(momenta, np.array(self.masses)[found])
        return Events(number, there.sum(axis=1), PDG[found], energies, facts or {})

    def tensors(self) -> dict[str, Tensor]:
        """Everything that `load` needs."""
        return {
            "slots.size": torch.tensor(self.size),
            "slots.scale": torch.tensor(self.scale, dtype=torch.float64),
            "slots.masses": torch.tensor(self.masses, dtype=torch.float64),
        }

    @classmethod
    def load(cls, tensors: dict[str, Tensor]) -> "Slots":
        """The inverse of `tensors`; what it uses is taken out of them."""
        size, scale, masses = (tensors.pop(f"slots.{name}") for name in ("size", "scale", "masses"))
        return cls(int(size), tuple(scale.tolist()), tuple(masses.tolist()))
