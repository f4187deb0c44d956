"""Longitudinal expansion without transverse structure, of a conformal gas: an ordinary differential equation.

J. D. Bjorken, Phys. Rev. D 27 (1983) 140, with shear of second order: de/dtau = -(4 e / 3 - phi) / tau and
dphi/dtau = -phi / tau_pi + 4 eta / (3 tau tau_pi) - lambda phi / tau, where phi = -tau^2 pi^{eta eta} and
lambda = delta_pipi / tau_pi + tau_pipi / (3 tau_pi), 4/3 of Israel and Stewart and 38/21 of DNMR.
"""

from typing import NamedTuple

import numpy as np
from scipy.integrate import solve_ivp

from emulant.hydro.conformal import QUARKS_AND_GLUONS
from emulant.hydro.sources import RELAXATION, Coupling, relaxation_time
from emulant.hydro.units import HBARC

__all__ = ["Bjorken", "bjorken"]

PRECISION = 1e-12


class Bjorken(NamedTuple):
    """The solution at some times, (k,) each.

    Attributes:
        temperature: GeV.
        stress: phi / P.
    """

    temperature: np.ndarray
    stress: np.ndarray

    @property
    def anisotropy(self) -> np.ndarray:
        """Ratio of longitudinal and transverse pressure, (P - phi) / (P + phi / 2)."""
        return (1 - self.stress) / (1 + self.stress / 2)


def bjorken(
    times: np.ndarray,
    temperature: float,
    viscosity: float,
    coupling: Coupling,
    pressure: float = QUARKS_AND_GLUONS,
) -> Bjorken:
    """Solve from the first time on, where T is given and phi = 0.

    Arguments:
        times: fm, ascending, (k,).
        temperature: GeV.
        viscosity: eta / s; at 0 T falls as tau^(-1/3).
        coupling: terms of second order.
        pressure: P / T^4.
    """
    if viscosity == 0:
        return Bjorken(temperature * (times[0] / times) ** (1 / 3), np.zeros(len(times)))
    damping = coupling.expansion + coupling.shear / 3

    def rates(tau: float, values: np.ndarray) -> list[float]:
        energy, phi = values
        relaxation = relaxation_time(viscosity, (energy / 3 * HBARC**3 / pressure) ** 0.25)
        gain = 4 / 3 * (4 / 3 * energy) / RELAXATION
        return [-(4 / 3 * energy - phi) / tau, -phi / relaxation + (gain - damping * phi) / tau]

    start = [3 * pressure * temperature**4 / HBARC**3, 0.0]
    options = {"method": "DOP853", "rtol": PRECISION, "atol": PRECISION, "t_eval": times}
    energy, phi = solve_ivp(rates, (times[0], times[-1]), start, **options).y
    return Bjorken((energy / 3 * HBARC**3 / pressure) ** 0.25, 3 * phi / energy)
