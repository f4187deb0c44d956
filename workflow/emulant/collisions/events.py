"""Events in memory: flat arrays over particles, and the number of particles of each event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from array_api_compat import array_namespace

from emulant.collisions.species import charges_of, species_index
from emulant.contracts.quantity import Quantity

__all__ = ["Events", "boosted", "concatenated", "on_shell"]


@dataclass(frozen=True)
class Events:
    """Final states of whole events; an event may have no particles.

    Arguments:
        number: number that identifies each event, (N,) integers.
        counts: number of particles of each event, (N,).
        pdg: PDG number of each particle, event after event, (n,).
        momenta: px, py, pz and E in GeV in the nucleon-nucleon centre-of-mass frame, (n, 4).
        facts: one number per event, such as `impact_parameter` in fm, each (N,).
        complete: whether every event has all its particles, so that its charges are those of the nuclei.
    """

    number: np.ndarray
    counts: np.ndarray
    pdg: np.ndarray
    momenta: np.ndarray
    facts: Mapping[str, np.ndarray] = field(default_factory=dict)
    complete: bool = True

    def __post_init__(self) -> None:
        particles = int(np.sum(self.counts))
        shapes = (np.shape(self.counts), np.shape(self.pdg), np.shape(self.momenta))
        if shapes != (np.shape(self.number), (particles,), (particles, 4)):
            raise ValueError(f"counts, pdg and momenta have shapes {shapes} for {particles} particles")
        if any(np.shape(fact) != np.shape(self.number) for fact in self.facts.values()):
            raise ValueError(f"facts must have {len(self.number)} entries, one an event")

    def __len__(self) -> int:
        return len(self.number)

    @cached_property
    def owner(self) -> np.ndarray:
        """Index of each particle's event, (n,)."""
        return np.repeat(np.arange(len(self)), self.counts)

    @cached_property
    def offsets(self) -> np.ndarray:
        """Index of the first particle of each event, and the total number of particles, (N + 1,)."""
        return np.concatenate([[0], np.cumsum(self.counts)])

    @cached_property
    def species(self) -> np.ndarray:
        """Index of each particle in SPECIES, (n,); -1 for none of the 26."""
        return species_index(self.pdg)

    @cached_property
    def charges(self) -> np.ndarray:
        """B, Q and S of each particle, (n, 3)."""
        return charges_of(self.pdg)

    @cached_property
    def pt(self) -> np.ndarray:
        """Transverse momentum of each particle in GeV, (n,)."""
        return np.hypot(self.momenta[:, 0], self.momenta[:, 1])

    @cached_property
    def phi(self) -> np.ndarray:
        """Azimuth of each particle relative to the reaction plane, which is the x axis, (n,)."""
        return np.arctan2(self.momenta[:, 1], self.momenta[:, 0])

    @cached_property
    def rapidity(self) -> np.ndarray:
        """Longitudinal rapidity artanh(pz / E) of each particle, (n,)."""
        return np.arctanh(self.momenta[:, 2] / self.momenta[:, 3])

    @cached_property
    def mass(self) -> np.ndarray:
        """Invariant mass sqrt(E^2 - p^2) of each particle in GeV, (n,); 0 if rounding makes its square negative."""
        return np.sqrt(np.maximum(self.momenta[:, 3] ** 2 - np.sum(self.momenta[:, :3] ** 2, axis=1), 0))

    @cached_property
    def eta(self) -> np.ndarray:
        """Pseudorapidity of each particle, (n,); infinite along the beam."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(
                self.pt > 0, np.arcsinh(self.momenta[:, 2] / self.pt), np.copysign(np.inf, self.momenta[:, 2])
            )

    def sums(self, values: np.ndarray | None = None) -> np.ndarray:
        """Sum values of particles (n,) or (n, columns) over each event; without values, count the particles."""
        if values is None:
            return self.counts.astype(float)
        values = np.asarray(values, float)
        if values.ndim > 1:
            return np.stack([self.sums(column) for column in values.T], axis=-1)
        return np.bincount(self.owner, values, len(self))

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Quantities whose distributions over events are plotted: multiplicity and mean transverse momentum, each (N, 1)."""
        mean = self.sums(self.pt) / np.maximum(self.counts, 1)
        return {
            "N": Quantity(self.sums()[:, None], "N", bins=30),
            "[p_T]": Quantity(mean[:, None], "[p_T]", "GeV", bins=30),
        }

    def where(self, chosen: np.ndarray) -> Self:
        """Return the same events with only the particles of a mask (n,); incomplete where that leaves any out."""
        counts = np.bincount(self.owner[chosen], minlength=len(self))
        complete = self.complete and bool(np.all(chosen))
        return type(self)(self.number, counts, self.pdg[chosen], self.momenta[chosen], self.facts, complete)

    def take(self, chosen: np.ndarray) -> Self:
        """Return some of the events, by ascending index (k,)."""
        selected = np.zeros(len(self), bool)
        selected[chosen] = True
        particles = selected[self.owner]
        facts = {name: fact[selected] for name, fact in self.facts.items()}
        arrays = (self.number[selected], self.counts[selected], self.pdg[particles], self.momenta[particles])
        return type(self)(*arrays, facts)

    def numbered(self, number: np.ndarray) -> Self:
        """Return the same events with other event numbers."""
        return replace(self, number=number)

    def __getitem__(self, events: slice) -> Self:
        """Return a contiguous range of the events."""
        start, stop, step = events.indices(len(self))
        if step != 1:
            raise ValueError("events are taken in their order, without gaps")
        particles = slice(self.offsets[start], self.offsets[max(start, stop)])
        facts = {name: fact[events] for name, fact in self.facts.items()}
        arrays = (self.number[events], self.counts[events], self.pdg[particles], self.momenta[particles])
        return type(self)(*arrays, facts, self.complete)


def concatenated(parts: Sequence[Events]) -> Events:
    """Concatenate events, with the facts that all parts have; complete if all parts are."""
    names = [name for name in parts[0].facts if all(name in part.facts for part in parts)]
    return Events(
        *(
            np.concatenate([getattr(part, column) for part in parts])
            for column in ("number", "counts", "pdg", "momenta")
        ),
        {name: np.concatenate([part.facts[name] for part in parts]) for name in names},
        all(part.complete for part in parts),
    )


def on_shell(momenta: Any, masses: Any) -> Any:
    """Append the energy to momenta (..., 3) of particles with `masses` (...,); (..., 4) in GeV, numpy or torch."""
    xp = array_namespace(momenta, masses)
    energy = xp.sqrt(xp.sum(momenta**2, axis=-1) + masses**2)
    return xp.concat([momenta, energy[..., None]], axis=-1)


def boosted(momenta: Any, velocity: Any) -> Any:
    """Boost momenta (..., 4) by `velocity` (..., 3); a particle at rest gets that velocity. Numpy or torch."""
    xp = array_namespace(momenta, velocity)
    gamma = 1 / xp.sqrt(1 - xp.sum(velocity**2, axis=-1))
    along = xp.sum(momenta[..., :3] * velocity, axis=-1)
    energy = momenta[..., 3]
    shift = gamma**2 / (1 + gamma) * along + gamma * energy
    boosted_momenta = momenta[..., :3] + shift[..., None] * velocity
    return xp.concat([boosted_momenta, (gamma * (energy + along))[..., None]], axis=-1)
