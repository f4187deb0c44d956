"""Pairs of the observables of centrality classes and the parameters of initial state, fluid and freeze-out."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.errors import InputError
from emulant.hydro.chain import spectra_of
from emulant.hydro.evolution import Unstable
from emulant.inference.of_prior import OfPrior
from emulant.inference.simulation import Unsimulated
from emulant.initial.nuclei import nucleus_of
from emulant.initial.trento import Trento
from emulant.systems.hydro_calibration.measured import OBSERVABLES, class_observables

__all__ = ["HydroCalibration", "from_settings"]

DEPOSITED = (
    *("cross_section", "cells", "spacing", "distance"),
    *("norm", "reduced_p", "nucleon_width", "fluctuation"),
)
"""Keys that T_RENTo takes as they are."""
EVOLVED = (
    *("spacing", "time_step", "pt_nodes", "pt_max", "angles"),
    *("start_time", "viscosity", "switching_temperature"),
)
"""Keys that hydrodynamics takes as they are."""


class HydroCalibration(OfPrior):
    """Pairs of observables (classes * 9,) and parameters (d,).

    Arguments:
        settings: the `system` block; parameters of the prior come in the place of its values.
    """

    kind = "hydro_calibration"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self.input_shape = (len(settings["classes"]) * len(OBSERVABLES),)
        self.output_shape = self.site_shape

    @property
    def labels(self) -> list[str]:
        """Names of the observables, class after class."""
        return [
            f"{name}, b = {low:g} fm" if low == high else f"{name}, b = {low:g} to {high:g} fm"
            for low, high in self.parameters["classes"]
            for name in OBSERVABLES
        ]

    def block(self, values: np.ndarray) -> dict[str, Any]:
        """Return the block at parameters (d,)."""
        return self.parameters | dict(zip(self.prior.names, map(float, values), strict=True))

    def collision(self, block: Mapping[str, Any], impact: tuple[float, float]) -> Trento:
        """Return the initial states of a class."""
        nuclei = (nucleus_of(block[key], key) for key in ("projectile", "target"))
        return Trento(*nuclei, impact, **{name: block[name] for name in DEPOSITED})

    def simulate(self, parameters: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Compute the observables of fresh events of each of parameters (n, d), (n, classes * 9).

        Raises:
            Unsimulated: naming the class and the event whose hydrodynamics cannot be trusted.
        """
        return np.stack([self.point(values, generator) for values in parameters])

    def point(self, values: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Compute the observables of one design point, (classes * 9,)."""
        block = self.block(values)
        rows = []
        for impact in block["classes"]:
            seed = int(generator.integers(2**63))
            states = self.collision(block, tuple(impact)).events(range(block["events"]), seed)
            try:
                spectra = spectra_of(states.densities, **{name: block[name] for name in EVOLVED})
            except (Unstable, InputError) as error:
                raise Unsimulated(f"class {impact[0]:g} to {impact[1]:g} fm, {error}") from None
            rows.append(class_observables(spectra))
        return np.concatenate(rows)


def from_settings(settings: Mapping[str, Any]) -> HydroCalibration:
    """Build the system of a `system` block."""
    return HydroCalibration(settings)
