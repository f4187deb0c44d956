"""Events of different multiplicity as one tensor with a fixed number of slots; unused slots are EMPTY."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from emulant.collisions.events import Events, on_shell
from emulant.collisions.species import EMPTY, MASSES, PDG
from emulant.errors import InputError

__all__ = ["CHANNELS", "IDENTITIES", "Slots", "impacts_of", "masses_in", "padded", "slots_for"]

IDENTITIES = EMPTY + 1
"""26 species and EMPTY."""
ABSENT = "slots.absent"
CHANNELS = 3 + IDENTITIES
"""Features of a slot: px, py, pz and the one-hot identity."""


def slots_for(counts: np.ndarray, margin: float) -> int:
    """Return the number of slots for events of `counts` particles: (1 + margin) times the maximum, at least 1."""
    return max(1, math.ceil(int(np.max(counts, initial=0)) * (1 + margin)))


def impacts_of(events: Events) -> np.ndarray:
    """Return the impact parameter of each training event in fm, (N,).

    Raises:
        InputError: where one is unknown, as events of all impact parameters would count as one.
    """
    impact = np.asarray(events.facts.get("impact_parameter", np.full(len(events), np.nan)), float)
    unknown = int(np.isnan(impact).sum())
    if unknown:
        expected = "that of every event (`impact: [b, b]` in the system gives b fm to those without)"
        raise InputError(
            "training events", "impact_parameter", expected, f"none in {unknown} of {len(events)}"
        )
    return impact


def masses_in(events: Events) -> np.ndarray:
    """Return the mass of each of the 26 species in GeV: the median over the events, or the PDG's if absent, (26,)."""
    chosen = [events.species == kind for kind in range(EMPTY)]
    return np.array(
        [np.median(events.mass[c]) if c.any() else m for c, m in zip(chosen, MASSES, strict=True)]
    )


def padded(events: Events, columns: np.ndarray, size: int, fill: float = 0.0) -> np.ndarray:
    """Arrange columns (n, ...) of the particles as (N, size, ...); the particles of each event fill its first slots.

    Raises:
        ValueError: for an event with more particles than slots, or a particle that is none of the 26 species.
    """
    overfull = np.flatnonzero(events.counts > size)
    if len(overfull):
        first = overfull[0]
        raise ValueError(
            f"event {events.number[first]} has {events.counts[first]} particles, the cloud {size} slots"
        )
    unknown_species = np.flatnonzero(events.species < 0)
    if len(unknown_species):
        event = events.number[events.owner[unknown_species[0]]]
        raise ValueError(
            f"event {event} has a particle {events.pdg[unknown_species[0]]}, none of the 26 species"
        )
    out = np.full((len(events), size, *np.shape(columns)[1:]), fill, dtype=np.asarray(columns).dtype)
    out[events.owner, np.arange(len(events.pdg)) - events.offsets[events.owner]] = columns
    return out


@dataclass(frozen=True)
class Slots:
    """Map between events and tensors (N, size, 3 + 27): momenta divided by a scale, and the identity as a one-hot vector.

    The published model has 1084 slots for central Au+Au (arXiv:2502.16330); here the number follows from the events.

    Attributes:
        size: number of slots.
        scale: scale of px, py and pz in GeV; powers of two, so that encoding and decoding are exact.
        masses: masses of the 26 species in GeV, for the energies of decoded events.
        complete: whether decoded events have all their particles.
        absent: indices of species that no decoded particle is, as no detector saw one.
    """

    size: int
    scale: tuple[float, float, float]
    masses: tuple[float, ...]
    complete: bool = True
    absent: tuple[int, ...] = ()

    @classmethod
    def fit(cls, events: Events, margin: float = 0.05) -> "Slots":
        """Choose (1 + margin) times the largest multiplicity as size, and scales near the standard deviations.

        Of incomplete events species that do not occur are absent; in complete ones they may be rare.
        """
        spread = events.momenta[:, :3].std(axis=0) if len(events.pdg) else np.ones(3)
        scale = 2.0 ** np.rint(np.log2(np.where(spread > 0, spread, 1)))
        unseen = () if events.complete else np.setdiff1d(np.arange(EMPTY), events.species).tolist()
        size, masses = slots_for(events.counts, margin), tuple(masses_in(events).tolist())
        return cls(size, tuple(scale.tolist()), masses, events.complete, tuple(unseen))

    def encode(self, events: Events, dtype: torch.dtype = torch.float32) -> Tensor:
        """Encode events as (N, size, 3 + 27); raise ValueError as `padded` does."""
        momenta = padded(events, events.momenta[:, :3] / np.array(self.scale), self.size)
        kinds = torch.from_numpy(padded(events, events.species, self.size, EMPTY))
        identity = torch.nn.functional.one_hot(kinds, IDENTITIES)
        return torch.cat([torch.from_numpy(momenta).to(dtype), identity.to(dtype)], dim=-1)

    def decode(self, cloud: Tensor, facts: Mapping[str, np.ndarray] | None = None) -> Events:
        """Decode clouds (N, size, 3 + 27) to events numbered from 0.

        The largest of the 27 entries is the identity, but for absent species.
        """
        absent = torch.tensor(self.absent, dtype=torch.long, device=cloud.device)
        kinds = cloud[..., 3:].index_fill(-1, absent, -math.inf).argmax(dim=-1).cpu().numpy()
        occupied = kinds != EMPTY
        momenta = cloud[..., :3].double().cpu().numpy()[occupied] * np.array(self.scale)
        species = kinds[occupied]
        energies = on_shell(momenta, np.array(self.masses)[species])
        counts = occupied.sum(axis=1)
        return Events(np.arange(len(cloud)), counts, PDG[species], energies, facts or {}, self.complete)

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors that `load` reads; the absent species of incomplete events alone."""
        tensors = {
            "slots.size": torch.tensor(self.size),
            "slots.scale": torch.tensor(self.scale, dtype=torch.float64),
            "slots.masses": torch.tensor(self.masses, dtype=torch.float64),
        }
        return tensors if self.complete else tensors | {ABSENT: torch.tensor(self.absent, dtype=torch.long)}

    @classmethod
    def load(cls, tensors: dict[str, Tensor]) -> "Slots":
        """Invert `tensors`; the entries used are removed from the dictionary."""
        size, scale, masses = (tensors.pop(f"slots.{name}") for name in ("size", "scale", "masses"))
        fitted = int(size), tuple(scale.tolist()), tuple(masses.tolist())
        return cls(*fitted, False, tuple(tensors.pop(ABSENT).tolist())) if ABSENT in tensors else cls(*fitted)
