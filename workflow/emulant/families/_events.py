"""What the families of whole events share: they learn `Events`, and what they generate is never in memory together."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from emulant.collisions.events import Events, concatenated
from emulant.collisions.species import PDG, species_of
from emulant.contracts.family import Examples, Samples, Watch
from emulant.errors import InputError
from emulant.families._family import ModelFamily

__all__ = ["EventFamily", "check_particles", "shuffled"]

CHANCE = 10
"""Widths 1/M of the range of M training impact parameters that chance may leave at its edge: once in 20,000 samples."""

ROUNDING = 1e-9
"""Of a squared impact parameter in fm^2, which is some hundred at most: far above its rounding, far below any use."""

BATCH = 4
"""Events that are generated together where the settings do not say: few, as central Au+Au has a thousand particles."""


def check_particles(events: Events) -> None:
    """Check that events can be learnt, before any work on them.

    Raises:
        InputError: where no event has a particle, and for a particle that is none of the 26 species, such as a photon of
            a decay or a deuteron.
    """
    if not np.any(events.counts):
        raise InputError("training events", "particles", "events with particles", f"{len(events)} without")
    unknown = np.flatnonzero(events.species < 0)
    if len(unknown):
        first = unknown[0]
        expected = f"the species that a model of events knows, {', '.join(map(str, PDG))}"
        got = f"{events.pdg[first]} ({species_of(int(events.pdg[first])).name})"
        raise InputError("training events", f"pdg, event {events.number[events.owner[first]]}", expected, got)


class EventFamily(ModelFamily, ABC):
    """A model that is trained on rows of events and generates events at given impact parameters.

    Attributes:
        facts: what it knows of each event that it generates.
    """

    site_shape: tuple[int, ...] = ()
    facts: tuple[str, ...] = ("impact_parameter",)
    settings: dict[str, Any]

    @abstractmethod
    def rows(self, events: Events, seed: int) -> Tensor:
        """Training events as rows of a tensor, which `loss` takes, in an order that `seed` decides."""

    @property
    @abstractmethod
    def trained_impacts(self) -> np.ndarray:
        """Impact parameters of the training events in fm, (M,)."""

    @abstractmethod
    def events_at(self, impact: np.ndarray, generator: torch.Generator) -> Events:
        """Events numbered from 0 at impact parameters (N,) in fm."""

    def examples(self, data: Events, seed: int) -> Examples:
        """Training events as rows of a tensor."""
        return Examples(self.rows(data, seed))

    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Watch | None = None,
    ) -> Samples:
        """Generate `count` events at once, numbered from 0; arguments as of `stream`."""
        parts = list(self.stream(count, generator, condition))
        return Samples(concatenated(parts).numbered(np.arange(count)))

    def stream(
        self, count: int, generator: torch.Generator, condition: Mapping[str, Any] | None = None
    ) -> Iterator[Events]:
        """Generate batches of settings["generation"]["batch"] events, each numbered from 0.

        Arguments:
            count: events.
            generator: of all random numbers, on the model's device.
            condition: `impact`, a value in fm, or a pair [lowest, highest] between which impact parameters have the
                weight b db of collisions; without it they are those of the training events.

        Raises:
            InputError: for an impact parameter beyond those of the training events.
        """
        for impact in self._batches(count, generator, condition):
            yield self.events_at(impact, generator)

    def _batches(
        self, count: int, generator: torch.Generator, condition: Mapping[str, Any] | None
    ) -> Iterator[np.ndarray]:
        """Impact parameters of each batch, drawn when it is asked for."""
        impact = (condition or {}).get("impact")
        squares = None if impact is None else self._checked(np.atleast_1d(np.asarray(impact, float)))
        batch = self.settings.get("generation", {}).get("batch", BATCH)
        for start in range(0, count, batch):
            yield self._impacts(min(batch, count - start), squares, generator)

    def _checked(self, impact: np.ndarray) -> np.ndarray:
        """The squares of the lowest and the highest impact parameter, as far as training events reach."""
        trained = self.trained_impacts
        edges = np.array([impact[0], impact[-1]]) ** 2
        inside = np.clip(edges, trained.min() ** 2, trained.max() ** 2)
        # Between the outermost of M training events and the edge of their range chance leaves about 1/M of it.
        allowed = max(CHANCE / len(trained) * (edges[1] - edges[0]), ROUNDING)
        if impact.min() < 0 or np.any(np.abs(inside - edges) > allowed):
            expected = f"{trained.min():g} to {trained.max():g} fm, between which it was trained"
            got = " to ".join(f"{value:g}" for value in impact)
            raise InputError(self.settings.get("name", "model"), "impact parameter", expected, got)
        return inside

    def _impacts(self, count: int, squares: np.ndarray | None, generator: torch.Generator) -> np.ndarray:
        """Draw impact parameters in fm, (count,): between two `squares`, or those of training events."""
        trained, device = self.trained_impacts, generator.device
        if squares is None:
            chosen = torch.randint(len(trained), (count,), generator=generator, device=device)
            return trained[chosen.cpu().numpy()]
        if squares[0] == squares[1]:
            return np.full(count, np.sqrt(squares[0]))
        uniform = torch.rand(count, generator=generator, device=device, dtype=torch.float64).cpu().numpy()
        return np.sqrt(squares[0] + (squares[1] - squares[0]) * uniform)


def shuffled(rows: Tensor, seed: int) -> Tensor:
    """Rows in random order: events come one impact parameter after another, and the first are held out."""
    return rows[torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))]
