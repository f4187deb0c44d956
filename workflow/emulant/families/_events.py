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

RELATIVE = 1e-3
"""Of a condition: the energy that training events without `beam_energy` are found to have is that near the true one."""

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
    def trained(self) -> Mapping[str, np.ndarray]:
        """Conditions of the training events, (M,) each: `impact` in fm, and further ones, GeV a nucleon of `energy`."""

    @abstractmethod
    def events_at(self, conditions: Mapping[str, np.ndarray], generator: torch.Generator) -> Events:
        """Events numbered from 0 under conditions (N,) each."""

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
                weight b db of collisions; any other condition of the model, a number. What is not in it has the values
                of the training events.

        Raises:
            InputError: for a condition beyond those of the training events.
        """
        for conditions in self._batches(count, generator, condition):
            yield self.events_at(conditions, generator)

    def _batches(
        self, count: int, generator: torch.Generator, condition: Mapping[str, Any] | None
    ) -> Iterator[dict[str, np.ndarray]]:
        """Conditions of each batch, drawn when it is asked for."""
        condition = dict(condition or {})
        impact = condition.pop("impact", None)
        squares = None if impact is None else self._checked(np.atleast_1d(np.asarray(impact, float)))
        fixed = {name: self._inside(name, float(value)) for name, value in condition.items()}
        batch = self.settings.get("generation", {}).get("batch", BATCH)
        for start in range(0, count, batch):
            yield self._drawn(min(batch, count - start), squares, fixed, generator)

    def _inside(self, name: str, value: float) -> float:
        """A condition of one value, where training events reach."""
        trained = self.trained[name]
        low, high = trained.min(), trained.max()
        if abs(np.clip(value, low, high) - value) > RELATIVE * abs(value):
            expected = f"{low:g} to {high:g}, between which it was trained"
            raise InputError(self.settings.get("name", "model"), name, expected, f"{value:g}")
        return value

    def _checked(self, impact: np.ndarray) -> np.ndarray:
        """The squares of the lowest and the highest impact parameter, as far as training events reach."""
        trained = self.trained["impact"]
        edges = np.array([impact[0], impact[-1]]) ** 2
        inside = np.clip(edges, trained.min() ** 2, trained.max() ** 2)
        # Between the outermost of M training events and the edge of their range chance leaves about 1/M of it.
        allowed = max(CHANCE / len(trained) * (edges[1] - edges[0]), ROUNDING)
        if impact.min() < 0 or np.any(np.abs(inside - edges) > allowed):
            expected = f"{trained.min():g} to {trained.max():g} fm, between which it was trained"
            got = " to ".join(f"{value:g}" for value in impact)
            raise InputError(self.settings.get("name", "model"), "impact parameter", expected, got)
        return inside

    def _drawn(
        self,
        count: int,
        squares: np.ndarray | None,
        fixed: Mapping[str, float],
        generator: torch.Generator,
    ) -> dict[str, np.ndarray]:
        """Draw conditions, (count,) each: b between two `squares`, others `fixed`; the rest is of training events."""
        drawn = {name: np.full(count, value) for name, value in fixed.items()}
        if squares is not None:
            drawn["impact"] = self._impacts(count, squares, generator)
        rest = {name: values for name, values in self.trained.items() if name not in drawn}
        if "impact" in drawn and all(np.ptp(values) == 0 for values in rest.values()):
            return drawn | {name: np.full(count, values[0]) for name, values in rest.items()}
        size = len(self.trained["impact"])
        chosen = torch.randint(size, (count,), generator=generator, device=generator.device).cpu().numpy()
        return drawn | {name: values[chosen] for name, values in rest.items()}

    def _impacts(self, count: int, squares: np.ndarray, generator: torch.Generator) -> np.ndarray:
        """Draw impact parameters in fm between two `squares`, (count,)."""
        if squares[0] == squares[1]:
            return np.full(count, np.sqrt(squares[0]))
        uniform = torch.rand(count, generator=generator, device=generator.device, dtype=torch.float64)
        return np.sqrt(squares[0] + (squares[1] - squares[0]) * uniform.cpu().numpy())


def shuffled(rows: Tensor, seed: int) -> Tensor:
    """Rows in random order: events come one impact parameter after another, and the first are held out."""
    return rows[torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))]
