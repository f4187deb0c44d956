"""Slices of charge densities along the evolution of events with a charge separation, averaged over events alike."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.initial.nuclei import nucleus_of
from emulant.initial.trento import Trento
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
FINE = 0.5
"""Cells of the density over the width of a nucleon: the sum over cells of its Gaussian is then its integral to 10^-8, and a
point in a cell adds a fiftieth of that width's square to it."""
NUCLEONS = ("cross_section", "nucleon_width", "fluctuation", "reduced_p")
MATTER = ("partons", "temperature", "flow", "local_charges")


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
    def collision(self) -> Trento:
        """T_RENTo's initial states, on a grid in which both nuclei find room."""
        nuclei = [nucleus_of(self.parameters[name], name) for name in ("projectile", "target")]
        spacing = FINE * self.parameters["nucleon_width"]
        cells = 2 * int(np.ceil(max(nucleus.reach for nucleus in nuclei) / spacing))
        block = {name: self.parameters[name] for name in NUCLEONS}
        return Trento(*nuclei, tuple(self.parameters["impact"]), cells=cells, spacing=spacing, **block)

    @property
    def cross_sections(self) -> tuple[float, float]:
        """Lowest and highest cross section of partons in fm^2."""
        value = self.parameters["parton_cross_section"]
        return tuple(value) if isinstance(value, list) else (value, value)

    @property
    def law(self) -> Transport:
        """The transport of an event, in the middle of the cross sections."""
        return self.law_at(sum(self.cross_sections) / 2)

    def law_at(self, cross_section: float) -> Transport:
        """The transport of an event with this cross section of partons in fm^2."""
        initial = InitialState(self.collision, *(self.parameters[name] for name in MATTER))
        sizes = {
            "parton_cross_section": cross_section,
            "hadron_cross_section": self.parameters["hadron_cross_section"],
        }
        return Transport(initial, *(Stage(size, STEP, CELL, key) for key, size in sizes.items()))

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
