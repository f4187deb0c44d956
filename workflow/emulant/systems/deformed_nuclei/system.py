"""Bags of events of nuclei with parameters from a prior, alone or beside the events of a partner of another shape."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.inference.of_prior import OfPrior
from emulant.initial.nuclei import Nucleus
from emulant.initial.trento import InitialStates, Trento
from emulant.systems.deformed_nuclei.features import COLUMNS, event_features
from emulant.systems.deformed_nuclei.images import event_images

__all__ = ["PARTNER", "DeformedNuclei", "from_settings"]

PARTNER = "_partner"
"""End of the name of a parameter of the partner."""

BATCH = 256
"""Events whose densities are in memory at once."""
OF_NUCLEUS = ("beta2", "beta4", "radius", "diffuseness")
OF_COLLISION = ("cross_section", "nucleon_width", "fluctuation", "reduced_p", "cells", "spacing")


class DeformedNuclei(OfPrior):
    """Pairs of a bag of events (events, columns) and the parameters of the nuclei (d,).

    Arguments:
        settings: the `system` block.
    """

    kind = "deformed_nuclei"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        nuclei = len(self.nuclei(self.prior.mean))
        numbers = settings["pixels"] ** 2 + 2 if "pixels" in settings else len(COLUMNS) - 1
        self.input_shape = (settings["events"], nuclei * numbers + 1)
        self.output_shape = self.site_shape

    def nuclei(self, values: np.ndarray) -> list[Nucleus]:
        """Return the nucleus at parameters (d,), and its partner where there is one."""
        inferred = dict(zip(self.prior.names, map(float, values), strict=True))
        nuclei = []
        for key, end in (("nucleus", ""), ("partner", PARTNER)):
            if key in self.parameters:
                block = {name: inferred[name + end] for name in OF_NUCLEUS if name + end in inferred}
                nuclei.append(Nucleus(**self.parameters[key] | block))
        return nuclei

    def collisions(self, values: np.ndarray) -> list[Trento]:
        """Return the initial states at parameters (d,), of two equal nuclei each."""
        inferred = dict(zip(self.prior.names, map(float, values), strict=True))
        block = {name: inferred.get(name, self.parameters[name]) for name in OF_COLLISION}
        return [Trento(n, n, tuple(self.parameters["impact"]), **block) for n in self.nuclei(values)]

    def simulate(self, parameters: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Draw a bag for each of parameters (n, d), (n, events, columns)."""
        return np.stack([self.bag(values, generator) for values in parameters])

    def bag(self, values: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Draw the events of one bag, (events, columns); those of a partner stand beside them, in no order."""
        parts = [self._events(collision, generator) for collision in self.collisions(values)]
        return np.hstack([*parts, np.ones((self.parameters["events"], 1))])

    def _events(self, collision: Trento, generator: np.random.Generator) -> np.ndarray:
        """Draw events of one kind, those of largest multiplicity in an order by chance."""
        events, share = self.parameters["events"], self.parameters["share"]
        count, seed = int(np.ceil(events / share)), int(generator.integers(2**63))
        batches = (range(first, min(first + BATCH, count)) for first in range(0, count, BATCH))
        drawn = [self._columns(collision.events(part, seed), collision) for part in batches]
        multiplicity, rows = (np.concatenate(part) for part in zip(*drawn, strict=True))
        central = np.argsort(-multiplicity, kind="stable")[:events]
        return rows[generator.permutation(central)]

    def _columns(self, states: InitialStates, collision: Trento) -> tuple[np.ndarray, np.ndarray]:
        """Multiplicities of events, and what a bag has of them."""
        nucleons = collision.projectile.mass_number + collision.target.mass_number
        if "pixels" in self.parameters:
            return states.multiplicity, event_images(states, nucleons, self.parameters["pixels"])
        return states.multiplicity, event_features(states, nucleons)


def from_settings(settings: Mapping[str, Any]) -> DeformedNuclei:
    """Build the system of a `system` block."""
    return DeformedNuclei(settings)
