"""The Bose gas as a system of the workflow: complex Langevin at several chemical potentials."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from emulant.statistics.means import mean_of_each
from emulant.systems.bose_gas.views import QUANTITIES, Fields, WalkerAverages
from emulant.worldlines.action import BoseGas, Observables

__all__ = ["BoseGasSystem", "from_settings"]


class BoseGasSystem:
    """Bose gases at several chemical potentials; a configuration holds one field for each of them.

    Arguments:
        gases: one for each chemical potential.
    """

    kind = "bose_gas"
    averages = staticmethod(WalkerAverages)

    def __init__(self, gases: list[BoseGas]) -> None:
        self.gases, first = gases, gases[0]
        self.site_shape = (len(gases), 4, *first.shape)
        self.parameters = {
            "mass": first.mass,
            "lambda": first.coupling,
            "shape": list(first.shape),
            "mu": [gas.mu for gas in gases],
        }

    def view(self, configurations: np.ndarray) -> Fields:
        """Wrap configurations (n, *site_shape) for the observables."""
        return Fields(configurations, self.gases)

    def odd(self, configurations: np.ndarray) -> np.ndarray:
        """The mean, which changes sign with the configuration, (n,)."""
        return mean_of_each(configurations)

    def exact_values(self) -> list[dict[str, Any]]:
        """Tabulate the exact values: imaginary parts vanish; `simulated_values` has the others."""
        return [
            {"observable": f"{name}_imag", "index": k, "value": 0.0, "error": 0.0}
            for name in QUANTITIES
            for k in range(1, len(self.gases) + 1)
        ]

    def simulated_values(self, scan: pd.DataFrame) -> list[dict[str, Any]]:
        """Select worldline results on this lattice from the table of the study `silver_blaze`."""
        worldlines = scan[
            (scan["method"] == "worldline") & (scan["extent"] == self.gases[0].extent)
        ].set_index("mu")
        return [
            {
                "observable": name,
                "index": k,
                "value": float(worldlines.loc[gas.mu, column]),
                "error": float(worldlines.loc[gas.mu, f"{column}_error"]),
            }
            for name, column in zip(QUANTITIES, Observables._fields, strict=True)
            for k, gas in enumerate(self.gases, start=1)
        ]


def from_settings(settings: Mapping[str, Any]) -> BoseGasSystem:
    """Build the system of a `system` block."""
    numbers = (tuple(settings["shape"]), settings["mass"], settings["lambda"])
    return BoseGasSystem([BoseGas(*numbers, mu) for mu in settings["mu"]])
