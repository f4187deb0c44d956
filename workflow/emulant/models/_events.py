"""What the families of whole events share: they learn `Events`, and what they generate is never in memory together."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from emulant.collisions.events import Events, concatenated
from emulant.collisions.tables import EventWriter
from emulant.errors import InputError
from emulant.models._family import ModelFamily

__all__ = ["EventFamily", "check_particles", "shuffled"]

CHANCE, ROUNDING = 10, 1e-9


def check_particles(events: Events) -> None:
    """Raise InputError where there is nothing to learn: no event with a particle."""
    if not np.any(events.counts):
        raise InputError("training events", "particles", "events with particles", f"{len(events)} without")


class EventFamily(ModelFamily, ABC):
    """A model that is trained on `examples` of events and generates events at given impact parameters.

    Attributes:
        facts: what it knows of each event that it generates.
    """

    noises_per_field, on_lattice = 1, False
    site_shape: tuple[int, ...] = ()
    facts: tuple[str, ...] = ("impact_parameter",)
    settings: dict[str, Any]

    @abstractmethod
    def examples(self, events: Events, seed: int = 0) -> Tensor:
        """Training events as rows of a tensor, which `loss` takes, in an order that `seed` decides."""

    @property
    @abstractmethod
    def trained_impacts(self) -> np.ndarray:
        """Impact parameters of the training events in fm, (M,)."""

    @abstractmethod
    def events_at(self, impact: np.ndarray, generator: torch.Generator, first: int, **how: bool) -> Events:
        """Events numbered from `first` at impact parameters (N,) in fm."""

    def writer(self, path: Path, attributes: dict[str, Any]) -> EventWriter:
        """What keeps batches of `stream`, with their facts, as tables at `path`."""
        return EventWriter(path, attributes, self.facts)

    def stream(
        self,
        count: int,
        generator: torch.Generator,
        *,
        impact: float | Sequence[float] | None = None,
        first: int = 0,
        **how: bool,
    ) -> Iterator[Events]:
        """Batches of generated events.

        Arguments:
            count: events.
            generator: of all random numbers, on the model's device.
            impact: impact parameter in fm; of a pair [lowest, highest] those in between, with the weight b db of
                collisions; None draws those of the training events.
            first: number of the first event.
            how: what `events_at` of the family understands.

        Raises:
            InputError: for an impact parameter beyond those of the training events.
        """
        asked = None if impact is None else self._checked(np.atleast_1d(np.asarray(impact, float)))
        batch = self.settings.get("generation", {}).get("batch", 4)
        for start in range(0, count, batch):
            chosen = self._impacts(min(batch, count - start), asked, generator)
            yield self.events_at(chosen, generator, first + start, **how)

    def sample(self, count: int, generator: torch.Generator, **how: Any) -> Events:
        """Generate `count` events at once; arguments as of `stream`."""
        return concatenated(list(self.stream(count, generator, **how)))

    def _checked(self, asked: np.ndarray) -> np.ndarray:
        """The squares of the lowest and the highest impact parameter, as far as training events reach."""
        known = self.trained_impacts
        edges = np.array([asked[0], asked[-1]]) ** 2
        inside = np.clip(edges, known.min() ** 2, known.max() ** 2)
        # Between the outermost of M training events and the edge of their range chance leaves about 1/M of it.
        allowed = max(CHANCE / len(known) * (edges[1] - edges[0]), ROUNDING)
        if asked.min() < 0 or np.any(np.abs(inside - edges) > allowed):
            trained = f"{known.min():g} to {known.max():g} fm, between which it was trained"
            got = " to ".join(f"{value:g}" for value in asked)
            raise InputError(self.settings.get("name", "model"), "impact parameter", trained, got)
        return inside

    def _impacts(self, count: int, squares: np.ndarray | None, generator: torch.Generator) -> np.ndarray:
        known, device = self.trained_impacts, generator.device
        if squares is None:
            chosen = torch.randint(len(known), (count,), generator=generator, device=device)
            return known[chosen.cpu().numpy()]
        if squares[0] == squares[1]:
            return np.full(count, np.sqrt(squares[0]))
        uniform = torch.rand(count, generator=generator, device=device, dtype=torch.float64).cpu().numpy()
        return np.sqrt(squares[0] + (squares[1] - squares[0]) * uniform)


def shuffled(examples: Tensor, seed: int) -> Tensor:
    """Rows in random order: events come one impact parameter after another, and the first are held out."""
    return examples[torch.randperm(len(examples), generator=torch.Generator().manual_seed(seed))]
