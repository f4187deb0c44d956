"""Slices of charge densities along the evolution of events with a charge separation, averaged over events alike."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.kinetic.cascade import Stage
from emulant.kinetic.densities import SHAPE
from emulant.kinetic.partons import InitialState
from emulant.kinetic.separation import initial_response
from emulant.kinetic.transport import SLICES, Transport
from emulant.storage.pairs import Pairs

__all__ = ["ChargeTransport", "from_settings"]

CELL, STEP = 1.0, 0.1
"""fm and units of ln tau: at 1 mb and 0.4 fm the mean free path in the centre, 0.3 fm, is seven steps long, and later it
grows faster than the steps; flow is then that of linear steps of 0.1 fm within errors."""
INITIAL = tuple(field.name for field in dataclasses.fields(InitialState))


class ChargeTransport:
    """Pairs of the last slice (input) and those before it (output), rho^+-(p_T, phi) in 1/GeV.

    Arguments:
        settings: the `system` block.
    """

    kind, site_shape = "charge_transport", ()
    input_shape, output_shape = SHAPE, (len(SLICES) - 1, *SHAPE)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.parameters = {name: value for name, value in settings.items() if name != "kind"}

    @property
    def law(self) -> Transport:
        """The transport of an event."""
        stages = (
            Stage(self.parameters[key], STEP, CELL, key)
            for key in ("parton_cross_section", "hadron_cross_section")
        )
        return Transport(InitialState(**{name: self.parameters[name] for name in INITIAL}), *stages)

    @property
    def oriented(self) -> bool:
        """Whether the field of all events of a sample points the same way."""
        return self.parameters.get("reaction_plane", "oriented") == "oriented"

    def orientations(self, generator: np.random.Generator) -> np.ndarray:
        """Draw which events of a sample are turned by half a turn, (events,): none where the field's sign is known."""
        events = self.parameters["events"]
        return np.zeros(events, bool) if self.oriented else generator.random(events) < 0.5

    def view(self, pairs: Pairs) -> Pairs:
        """Show pairs to observables as they are."""
        return pairs

    def exact_values(self) -> list[dict[str, Any]]:
        """The dipole at the beginning of matter that does not flow, where the sign of the field is known."""
        if self.parameters["flow"] or self.parameters["separation"] == [0, 0] or not self.oriented:
            return []
        return [{"observable": "dipole_response", "index": 0, "value": initial_response(), "error": 0.0}]


def from_settings(settings: Mapping[str, Any]) -> ChargeTransport:
    """Build the system of a `system` block."""
    return ChargeTransport(settings)
