"""Heavy-ion collisions as a system of the pipeline; configurations are whole events in Parquet."""

from collections.abc import Mapping
from typing import Any

from emulant.collisions.conserved import charges_of_nuclei
from emulant.collisions.events import Events

__all__ = ["Collision", "from_settings"]


class Collision:
    """Two nuclei at a beam energy and an impact parameter.

    Arguments:
        settings: `projectile` and `target` [mass number, charge], `energy` in GeV a nucleon, `impact` [lowest, highest]
            in fm.
    """

    kind = "collision"
    site_shape: tuple[int, ...] = ()

    def __init__(self, settings: dict[str, Any]) -> None:
        self.parameters = {key: settings[key] for key in ("projectile", "target", "energy", "impact")}

    def view(self, events: Events) -> Events:
        """What observables are shown: the events themselves."""
        return events

    @property
    def equal_nuclei(self) -> bool:
        """Whether half a turn about the y axis exchanges two nuclei that are the same."""
        return list(self.parameters["projectile"]) == list(self.parameters["target"])

    @property
    def charges(self) -> dict[str, int]:
        """B, Q and S of every event."""
        return charges_of_nuclei(self.parameters)

    def exact_values(self) -> list[dict[str, Any]]:
        """Nothing that is not the same in every event."""
        return []


def from_settings(settings: Mapping[str, Any]) -> Collision:
    """Build the system of a `system` block."""
    return Collision(settings)
