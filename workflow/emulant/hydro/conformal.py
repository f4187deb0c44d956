"""A conformal gas, e = 3 P = 3 g T^4, whose flows are known exactly."""

import numpy as np

from emulant.hydro.equation_of_state import EquationOfState
from emulant.hydro.units import HBARC

__all__ = ["QUARKS_AND_GLUONS", "conformal"]

QUARKS_AND_GLUONS = (16 + 10.5 * 2.5) * np.pi**2 / 90
"""P / T^4 of free gluons and two and a half massless flavours, as in many tests of hydrodynamics."""


def conformal(pressure: float = QUARKS_AND_GLUONS) -> EquationOfState:
    """Return the equation of state with P / T^4 = `pressure`, from 0.1 MeV to 2 GeV."""
    temperature = np.geomspace(1e-4, 2.0, 2000)
    column = pressure * temperature**4 / HBARC**3
    return EquationOfState("conformal", temperature, column, 3 * column)
