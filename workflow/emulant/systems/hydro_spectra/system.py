"""Pairs of an initial entropy density and the spectra of pi+, K+ and p that our own viscous hydrodynamics makes of it."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from emulant.hydro.longitudinal import entropy_growth
from emulant.initial.nuclei import nucleus_of
from emulant.initial.trento import Trento
from emulant.storage.pairs import Pairs
from emulant.systems.hydro_spectra.views import SpectraView, transverse_nodes

__all__ = ["SPECIES", "HydroSpectra", "from_settings"]

SPECIES = 3
"""Pi+, K+ and p."""
DEPOSITED = (
    *("cross_section", "cells", "spacing", "norm", "nucleon_width", "fluctuation"),
    *("reduced_p", "distance", "constituents", "constituent_width"),
)
"""Keys of the block that T_RENTo takes as they are."""


class HydroSpectra:
    """Inputs tau_0 s (n, n) in fm^-2, outputs dN / dy p_T dp_T dphi (3, p_T, phi) in GeV^-2, at a viscosity eta/s.

    Arguments:
        settings: the `system` block.
    """

    kind, site_shape = "hydro_spectra", ()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.parameters = {name: value for name, value in settings.items() if name != "kind"}
        cells, nodes, angles = (self.parameters[name] for name in ("cells", "pt_nodes", "angles"))
        self.input_shape, self.output_shape = (cells, cells), (SPECIES, nodes, angles)

    @property
    def trento(self) -> Trento:
        """The model of initial states."""
        nuclei = (nucleus_of(self.parameters[key], key) for key in ("projectile", "target"))
        keys = {name: self.parameters[name] for name in DEPOSITED if name in self.parameters}
        return Trento(*nuclei, tuple(self.parameters["impact"]), **keys)

    @property
    def nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Nodes of p_T in GeV and their weights."""
        return transverse_nodes(self.parameters["pt_nodes"], self.parameters["pt_max"])

    @property
    def spacing(self) -> float:
        """Of the grid of an input, in fm."""
        return self.parameters["spacing"]

    def entropy_growth(self, densities: np.ndarray, viscosities: np.ndarray) -> np.ndarray:
        """Ln of the entropy that longitudinal expansion of matter as dense as that of inputs makes at each eta/s, (k,).

        Its density is the mean over the entropy of all inputs (N, n, n).
        """
        keys = ("start_time", "switching_temperature")
        numbers = {name: self.parameters[name] for name in keys}
        mean = np.mean(np.square(densities, dtype=float)) / np.mean(densities, dtype=float)
        return entropy_growth(viscosities, mean / numbers["start_time"], **numbers)

    def view(self, pairs: Pairs) -> SpectraView:
        """Show pairs to observables as spectra with their nodes."""
        return SpectraView(pairs, *self.nodes)

    def at(self, condition: Mapping[str, Any]) -> Self:
        """The same system at another viscosity."""
        return type(self)(self.parameters | dict(condition))

    def exact_values(self) -> list[dict[str, Any]]:
        """None: what hydrodynamics has in closed form is no observable of these events."""
        return []


def from_settings(settings: Mapping[str, Any]) -> HydroSpectra:
    """Build the system of a `system` block."""
    return HydroSpectra(settings)
