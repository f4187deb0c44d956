r"""The equation of state of 2 + 1 flavours on the lattice: fit of HotQCD, Phys. Rev. D 90 (2014) 094503.

P / T^4 = (1 + tanh(c_t (t - t_0))) / 2 (p_id + a_n / t + b_n / t^2 + d_n / t^4) / (1 + a_d / t + b_d / t^2 + d_d / t^4) with
t = T / (0.154 GeV), valid from 0.13 GeV on. Below, where the surface of 0.15 GeV never looks, s is the power of T that
continues P, e and s; a gas of hadrons has more energy at the same T than the lattice, so at a switch energy is not exact.
"""

from functools import cache

import numpy as np

from emulant.hydro.equation_of_state import EquationOfState
from emulant.hydro.units import HBARC

__all__ = ["hotqcd"]

CRITICAL = 0.154
"""GeV."""
STEEPNESS, CENTRE = 3.8706, 0.9761
NUMERATOR = (0.3419, 0.0, 3.9200, -8.7704, 95 * np.pi**2 / 180)
DENOMINATOR = (-0.0475, 0.0, 0.8425, -1.2600, 1.0)
"""Coefficients of 1 / t, highest power first."""
LOWEST, FIRST, HIGHEST = 0.02, 0.13, 0.8
"""GeV: of the table, of the fit, of the table. The fit was made to 0.4 GeV and goes on to nearly an ideal gas."""
ROWS = 4000


def scaled_pressure(temperature: np.ndarray) -> np.ndarray:
    """Compute P / T^4 of the fit."""
    t = temperature / CRITICAL
    switch = (1 + np.tanh(STEEPNESS * (t - CENTRE))) / 2
    return switch * np.polyval(NUMERATOR, 1 / t) / np.polyval(DENOMINATOR, 1 / t)


def trace_anomaly(temperature: np.ndarray) -> np.ndarray:
    """Compute (e - 3 P) / T^4 = T d(P / T^4) / dT of the fit."""
    t = temperature / CRITICAL
    x = 1 / t
    above, below = np.polyval(NUMERATOR, x), np.polyval(DENOMINATOR, x)
    logarithmic = (
        np.polyval(np.polyder(NUMERATOR), x) / above - np.polyval(np.polyder(DENOMINATOR), x) / below
    )
    # t d/dt of the logarithm of the switch.
    rising = t * STEEPNESS * (1 - np.tanh(STEEPNESS * (t - CENTRE)))
    return scaled_pressure(temperature) * (rising - x * logarithmic)


@cache
def hotqcd() -> EquationOfState:
    """Return the equation of state of the fit."""
    fit = np.linspace(FIRST, HIGHEST, ROWS)
    pressure = scaled_pressure(fit) * fit**4 / HBARC**3
    energy = 3 * pressure + trace_anomaly(fit) * fit**4 / HBARC**3
    power = (energy[0] + pressure[0]) / pressure[0]
    cold = np.linspace(LOWEST, FIRST, ROWS // 4, endpoint=False)
    tail = (cold / FIRST) ** power
    columns = ((cold, fit), (pressure[0] * tail, pressure), (energy[0] * tail, energy))
    return EquationOfState("hotqcd", *(np.concatenate(column) for column in columns))
