"""Entropy that shear makes where matter expands along the beam alone: how the yields of whole events depend on eta/s.

Most entropy is made early, while shear relaxes to its first value and the transverse flow is small. Along eta/s from 0 to
0.2, ln N of Pb+Pb events is a parabola of ln(tau s / tau_0 s_0) to 0.04 %, and of eta/s itself to 0.5 %.
"""

import numpy as np
from scipy.integrate import solve_ivp

from emulant.hydro.equation_of_state import EquationOfState
from emulant.hydro.lattice_fit import hotqcd
from emulant.hydro.sources import DNMR, RELAXATION, Coupling, relaxation_time

__all__ = ["entropy_growth"]

PRECISION = 1e-8
LEAST = 2.0
"""Times the entropy density of the switch, that matter begins with at least: what is colder makes no entropy."""
LONGEST = 10.0
"""Of ln tau / tau_0: matter of any density is colder than the switch by then."""


def entropy_growth(
    viscosities: np.ndarray,
    entropy: float,
    *,
    start_time: float,
    switching_temperature: float,
    matter: EquationOfState | None = None,
    coupling: Coupling = DNMR,
) -> np.ndarray:
    """Compute ln(tau s / tau_0 s_0) when matter is as cold as the switch, of each eta / s, (k,); it begins without shear.

    Arguments:
        viscosities: eta / s >= 0, (k,).
        entropy: s_0 in 1/fm^3.
        start_time: tau_0, fm.
        switching_temperature: GeV.
        matter: equation of state, the lattice's if not said.
        coupling: terms of second order.
    """
    matter = matter or hotqcd()
    cold = matter.energy_at_temperature(switching_temperature)
    coldest = np.interp(cold, matter.energy, matter.entropy_column)
    energy = float(matter.energy_at_entropy(np.maximum(entropy, LEAST * coldest)))
    damping = coupling.expansion + coupling.shear / 3

    def ends(x: float, values: np.ndarray, viscosity: float) -> float:
        return values[0] - cold

    def rates(x: float, values: np.ndarray, viscosity: float) -> list[float]:
        """Rates of e, phi = -tau^2 pi^{eta eta} and the logarithm with x = ln tau / tau_0."""
        e, phi, _ = values
        enthalpy = e + np.interp(e, matter.energy, matter.pressure)
        relaxation = relaxation_time(viscosity, np.interp(e, matter.energy, matter.temperature))
        gain = 4 / 3 * enthalpy / RELAXATION
        loss = start_time * np.exp(x) / relaxation + damping
        return [phi - enthalpy, gain - loss * phi, phi / enthalpy]

    ends.terminal = True
    options = {"method": "LSODA", "rtol": PRECISION, "atol": PRECISION, "events": ends}
    start = [energy, 0.0, 0.0]
    return np.array(
        [
            solve_ivp(rates, (0, LONGEST), start, args=(viscosity,), **options).y[2, -1] if viscosity else 0.0
            for viscosity in np.asarray(viscosities, float)
        ]
    )
