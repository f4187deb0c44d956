"""Inputs of the observables of the Bose gas."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from emulant.contracts.quantity import Quantity
from emulant.worldlines.action import BoseGas

__all__ = ["QUANTITIES", "Fields", "WalkerAverages"]

QUANTITIES = ("charge_density", "phi_squared", "phi_fourth")


class WalkerAverages:
    """Averages of each walker over Langevin time.

    Arguments:
        averages: Re and Im of each of QUANTITIES at each chemical potential, (n, 6 mus).
    """

    def __init__(self, averages: np.ndarray) -> None:
        self.parts = averages.reshape(len(averages), -1, len(QUANTITIES), 2)

    def columns(self, quantity: str, part: int) -> np.ndarray:
        """Select one quantity at every chemical potential, its real part (0) or imaginary part (1), (n, mus)."""
        return self.parts[:, :, QUANTITIES.index(quantity), part]


class Fields:
    """Complexified fields.

    Arguments:
        configurations: Re phi_1, Im phi_1, Re phi_2, Im phi_2 at each chemical potential, (n, mus, 4, *shape).
        gases: one for each chemical potential.
    """

    def __init__(self, configurations: np.ndarray, gases: Sequence[BoseGas]) -> None:
        self.configurations, self.gases = configurations, gases

    @cached_property
    def averages(self) -> WalkerAverages:
        """Compute the observables of each configuration in the order of a walker's averages."""
        numbers = [
            gas.observables(self.configurations[:, k].astype(float)) for k, gas in enumerate(self.gases)
        ]
        parts = np.stack(numbers, axis=1)
        return WalkerAverages(np.stack([parts.real, parts.imag], axis=-1).reshape(len(parts), -1))

    def columns(self, quantity: str, part: int) -> np.ndarray:
        """Select one quantity of each configuration as `WalkerAverages` does."""
        return self.averages.columns(quantity, part)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Return the quantities whose distributions are drawn: phi_1 at the last chemical potential."""
        last = self.configurations[:, -1].astype(float).reshape(len(self.configurations), 4, -1)
        return {
            "Re phi_1": Quantity(last[:, 0], r"\mathrm{Re}\,\phi_1"),
            "Im phi_1": Quantity(last[:, 1], r"\mathrm{Im}\,\phi_1"),
        }
