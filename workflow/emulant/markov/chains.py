"""What independent Markov chains offer to the driver, and how an update of them is chosen."""

from typing import Any, NamedTuple, Protocol

import numpy as np

__all__ = ["Averages", "FixedUpdate", "MarkovChains", "Strategy"]


class Averages(NamedTuple):
    """What tells whether chains are in equilibrium, each (chains,).

    Attributes:
        order_parameter: a slow quantity whose size hot and cold starts disagree on: a magnetisation, a charge, an energy.
        identity: a quantity whose expectation is known exactly, such as phi dS/dphi per site.
    """

    order_parameter: np.ndarray
    identity: np.ndarray


class MarkovChains(Protocol):
    """Independent chains of one law, updated together.

    Attributes:
        device: where they live.
        fields: configurations of all chains in NumPy, (chains, *site_shape), a copy; their dtype is that of the file.
    """

    device: str
    fields: np.ndarray

    def __len__(self) -> int: ...

    def advance(self, update: Any, count: int = 1) -> np.ndarray:
        """Make `count` updates of every chain; returns the acceptance of each, (chains,), 1 where nothing is rejected."""

    def averages(self) -> Averages:
        """Measure order parameter and identity of each chain."""

    def state(self) -> dict[str, np.ndarray]:
        """Everything needed to go on bit for bit."""

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Inverse of `state`."""


class Strategy(Protocol):
    """How the update of chains is chosen before they are thermalised."""

    def choose(self, chains: MarkovChains) -> tuple[Any, dict[str, Any]]:
        """Warm the chains up and choose their update; returns it with a record (JSON) of the choice."""

    def recall(self, record: dict[str, Any]) -> Any:
        """Rebuild the update from its record, for a run that goes on."""


class FixedUpdate:
    """An update that is given, with nothing to tune: a heat bath, a Metropolis step of fixed width.

    Arguments:
        update: what the chains' `advance` takes.
        warm_up: updates before thermalisation.
    """

    def __init__(self, update: Any = None, *, warm_up: int = 0) -> None:
        self.update, self.warm_up = update, warm_up

    def choose(self, chains: MarkovChains) -> tuple[Any, dict[str, Any]]:
        """Warm the chains up; returns the update and an empty record."""
        if self.warm_up:
            chains.advance(self.update, self.warm_up)
        return self.update, {}

    def recall(self, record: dict[str, Any]) -> Any:
        """Return the update."""
        return self.update
