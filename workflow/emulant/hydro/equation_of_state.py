"""Equations of state: columns of T, P and e, checked, and a table for the fluid."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy.interpolate import PchipInterpolator

from emulant.errors import InputError
from emulant.hydro.fluxes import SHEAR_SPEED
from emulant.hydro.table import Table

__all__ = ["EquationOfState"]

ROWS = 6000
"""Of the table: steps of 0.001 (GeV / fm^3)^(1/4) to T = 0.8 GeV; interpolation is good to 10^-6 above T = 0.13 GeV."""
INCONSISTENT = 0.02
"""Largest relative difference of dP and s dT between two rows of a user's table, which has few digits."""
SPAN = 20
"""Rows over which dP and s dT are compared: rounding of neighbours weighs more."""


@dataclass(frozen=True)
class EquationOfState:
    """P and e of matter without chemical potentials; s = (e + P) / T.

    Attributes:
        name: for messages and provenance.
        temperature: GeV, ascending, (k,).
        pressure: GeV / fm^3, (k,).
        energy: GeV / fm^3, (k,).

    Raises:
        InputError: where columns are not ascending or positive, dP differs from s dT, or signals would be faster than light.
    """

    name: str
    temperature: np.ndarray
    pressure: np.ndarray
    energy: np.ndarray

    def __post_init__(self) -> None:
        columns = {
            key: np.asarray(getattr(self, key), float) for key in ("temperature", "pressure", "energy")
        }
        for key, column in columns.items():
            object.__setattr__(self, key, column)
            if column.ndim != 1 or len(column) < 2 or column.shape != columns["temperature"].shape:
                raise InputError(
                    self.name, key, "a column as long as the others, two rows or more", column.shape
                )
            ascending = np.isfinite(column).all() and column[0] > 0 and (np.diff(column) > 0).all()
            if not ascending:
                raise InputError(self.name, key, "positive numbers that ascend with temperature")
        self._check_consistent()
        self._check_causal()

    def _check_consistent(self) -> None:
        span = min(SPAN, len(self.temperature) - 1)
        entropy = self.entropy_column
        work = np.concatenate(
            [[0.0], np.cumsum((entropy[1:] + entropy[:-1]) / 2 * np.diff(self.temperature))]
        )
        gained, expected = self.pressure[span:] - self.pressure[:-span], work[span:] - work[:-span]
        wrong = np.abs(gained / expected - 1)
        if wrong.max() > INCONSISTENT:
            where = f"{100 * wrong.max():.0f} % off above T = {self.temperature[wrong.argmax()]:.4g} GeV"
            raise InputError(self.name, "pressure", "dP = s dT with s = (e + P) / T", where)

    def _check_causal(self) -> None:
        square = np.diff(self.pressure) / np.diff(self.energy)
        if square.max() > 1 - SHEAR_SPEED:
            where = f"{square.max():.3f} above T = {self.temperature[square.argmax()]:.4g} GeV"
            expected = (
                f"c_s^2 = dP / de <= {1 - SHEAR_SPEED:.3f}, so that sound and shear are slower than light"
            )
            raise InputError(self.name, "energy", expected, where)

    @classmethod
    def of_rows(cls, name: str, rows: np.ndarray) -> Self:
        """Return a user's table, (k, 3) of T in GeV, P and e in GeV / fm^3."""
        if np.ndim(rows) != 2 or np.shape(rows)[1] != 3:
            raise InputError(name, "rows", "three columns: T in GeV, P and e in GeV / fm^3", np.shape(rows))
        return cls(name, *np.asarray(rows, float).T)

    @property
    def entropy_column(self) -> np.ndarray:
        """Entropy density s in 1/fm^3, (k,)."""
        return (self.energy + self.pressure) / self.temperature

    @cached_property
    def table(self) -> Table:
        """The columns over e^(1/4), from zero to the last energy."""
        fourth = self.energy**0.25
        nodes = np.linspace(0, fourth[-1], ROWS)
        inside = np.maximum(nodes, fourth[0])
        pressure = PchipInterpolator(fourth, self.pressure / self.energy)(inside)
        temperature = PchipInterpolator(fourth, self.temperature / fourth)(inside)
        slope = PchipInterpolator(self.energy, self.pressure).derivative()
        return Table(pressure, temperature, slope(inside**4), nodes[1])

    def energy_at_temperature(self, temperature: float) -> float:
        """Return e in GeV / fm^3 at T in GeV."""
        return float(self._power(self.temperature, self.energy, temperature))

    def pressure_at_temperature(self, temperature: float) -> float:
        """Return P in GeV / fm^3 at T in GeV."""
        return float(self._power(self.temperature, self.pressure, temperature))

    def energy_at_entropy(self, entropy: np.ndarray) -> np.ndarray:
        """Return e in GeV / fm^3 at s in 1/fm^3; below the table a power law goes on to zero."""
        return self._power(self.entropy_column, self.energy, np.asarray(entropy))

    def temperature_at_energy(self, energy: np.ndarray) -> np.ndarray:
        """Return T in GeV at e in GeV / fm^3."""
        return self._power(self.energy, self.temperature, np.asarray(energy))

    @staticmethod
    def _power(x: np.ndarray, y: np.ndarray, at: np.ndarray | float) -> np.ndarray:
        """Interpolate between logarithms; below the first row go on with the power of the first two."""
        x, y = np.log(x), np.log(y)
        with np.errstate(divide="ignore"):
            at = np.log(at)
        below = y[0] + (y[1] - y[0]) / (x[1] - x[0]) * (at - x[0])
        return np.exp(np.where(at < x[0], below, PchipInterpolator(x, y)(np.maximum(at, x[0]))))
