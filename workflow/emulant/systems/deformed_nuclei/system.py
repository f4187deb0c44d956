"""Bags of events of nuclei with parameters from a prior."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.inference.of_prior import OfPrior
from emulant.inference.priors import prior_from
from emulant.initial.nuclei import Nucleus
from emulant.initial.trento import Trento
from emulant.systems.deformed_nuclei.features import COLUMNS, event_features

__all__ = ["DeformedNuclei", "from_settings"]

BATCH = 256
"""Events whose densities are in memory at once."""
OF_COLLISION = ("cross_section", "nucleon_width", "fluctuation", "reduced_p", "cells", "spacing")


class DeformedNuclei(OfPrior):
    """Pairs of a bag of events (events, columns) and the parameters of the nuclei (d,).

    Arguments:
        settings: the `system` block.
    """

    kind = "deformed_nuclei"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.parameters = {name: value for name, value in settings.items() if name != "kind"}
        self.prior = prior_from(settings["prior"], "system")
        self.input_shape = (settings["events"], len(COLUMNS))
        self.site_shape = self.output_shape = (len(self.prior.names),)

    def collision(self, values: np.ndarray) -> Trento:
        """Return the initial states of parameters (d,)."""
        inferred = dict(zip(self.prior.names, map(float, values), strict=True))
        nucleus = dict(self.parameters["nucleus"])
        nucleus |= {name: value for name, value in inferred.items() if name not in OF_COLLISION}
        block = {name: self.parameters[name] for name in OF_COLLISION}
        block |= {name: value for name, value in inferred.items() if name in OF_COLLISION}
        both = Nucleus(**nucleus)
        return Trento(both, both, tuple(self.parameters["impact"]), **block)

    def simulate(self, parameters: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Draw a bag for each of parameters (n, d), (n, events, columns)."""
        return np.stack([self.bag(values, generator) for values in parameters])

    def bag(self, values: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Draw the events of one bag, (events, columns), those of largest multiplicity in an order by chance."""
        collision, events = self.collision(values), self.parameters["events"]
        count, seed = int(np.ceil(events / self.parameters["share"])), int(generator.integers(2**63))
        nucleons = 2 * self.parameters["nucleus"]["mass_number"]
        batches = (range(first, min(first + BATCH, count)) for first in range(0, count, BATCH))
        rows = np.concatenate([event_features(collision.events(part, seed), nucleons) for part in batches])
        central = np.argsort(-rows[:, COLUMNS.index("multiplicity")], kind="stable")[:events]
        return rows[generator.permutation(central)]


def from_settings(settings: Mapping[str, Any]) -> DeformedNuclei:
    """Build the system of a `system` block."""
    return DeformedNuclei(settings)
