"""Transverse and longitudinal expansion of a conformal gas with an exact symmetry: an ordinary differential equation.

S. S. Gubser, Phys. Rev. D 82 (2010) 085027; with shear of second order H. Marrochio et al., Phys. Rev. C 91 (2015) 014903.
With sinh(rho) = -(1 - q^2 (tau^2 - r^2)) / (2 q tau) the flow is u^r = sinh artanh(2 q^2 tau r / (1 + q^2 (tau^2 + r^2))),
T = hat T(rho) / tau and tau^2 pi^{eta eta} = hat pi(rho) (e + P), where

    hat T' = hat T tanh(rho) (hat pi - 2) / 3,
    hat pi' = (4 / (3 C) - (4/3) hat pi^2 + (tau_pipi / 3 tau_pi) hat pi) tanh(rho) - hat pi hat T / (C eta/s).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.integrate import OdeSolution, solve_ivp

from emulant.hydro.conformal import QUARKS_AND_GLUONS
from emulant.hydro.sources import RELAXATION, Coupling
from emulant.hydro.units import HBARC

__all__ = ["Gubser"]

PRECISION = 1e-12
RANGE = 12.0
"""Largest |rho| of the solution; the edge of a box of 20 fm at 1 fm has 6.7 with q = 1 / fm."""


@dataclass(frozen=True)
class Gubser:
    """The flow with hat pi(0) = 0.

    Attributes:
        temperature: hat T(0).
        viscosity: eta / s; at 0 hat T = hat T(0) / cosh(rho)^(2/3).
        coupling: terms of second order, with delta_pipi / tau_pi = 4/3.
        scale: q in 1/fm.
        pressure: P / T^4.
    """

    temperature: float
    viscosity: float
    coupling: Coupling
    scale: float = 1.0
    pressure: float = QUARKS_AND_GLUONS

    def rho(self, tau: np.ndarray, r: np.ndarray) -> np.ndarray:
        """Compute rho at tau and r in fm."""
        q = self.scale
        return np.arcsinh(-(1 - q**2 * (tau**2 - r**2)) / (2 * q * tau))

    def radial_flow(self, tau: np.ndarray, r: np.ndarray) -> np.ndarray:
        """Compute u^r."""
        v = 2 * self.scale**2 * tau * r / (1 + self.scale**2 * (tau**2 + r**2))
        return v / np.sqrt(1 - v**2)

    def temperature_and_stress(self, tau: np.ndarray, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Compute T in 1/fm and tau^2 pi^{eta eta} / (e + P)."""
        rho = self.rho(tau, r)
        if self.viscosity == 0:
            return self.temperature / np.cosh(rho) ** (2 / 3) / tau, np.zeros_like(rho)
        before, after = self._solutions
        flat = rho.ravel()
        logarithm, stress = np.where(flat < 0, before(np.minimum(flat, 0)), after(np.maximum(flat, 0)))
        return np.exp(logarithm).reshape(rho.shape) / tau, stress.reshape(rho.shape)

    def fields(self, tau: float, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Compute e, u_x, u_y, pi^xx, pi^xy, pi^yy in GeV / fm^3 at positions of one shape, (6, *shape)."""
        r = np.hypot(x, y)
        temperature, stress = self.temperature_and_stress(np.full_like(r, tau), r)
        energy = 3 * self.pressure * temperature**4 * HBARC
        along = self.radial_flow(tau, r) / np.maximum(r, 1e-30)
        u, v, half = along * x, along * y, -stress * 4 / 3 * energy / 2
        return np.stack([energy, u, v, half * (1 + u * u), half * u * v, half * (1 + v * v)])

    @cached_property
    def _solutions(self) -> tuple[OdeSolution, OdeSolution]:
        """Solutions for ln hat T and hat pi on both sides of rho = 0."""

        def rates(rho: float, values: np.ndarray) -> list[float]:
            tanh, stress = np.tanh(rho), values[1]
            relaxation = np.exp(values[0]) / (RELAXATION * self.viscosity)
            gain = 4 / (3 * RELAXATION) - 4 / 3 * stress**2 + self.coupling.shear / 3 * stress
            return [tanh * (stress - 2) / 3, tanh * gain - stress * relaxation]

        start = [np.log(self.temperature), 0.0]
        options = {"method": "DOP853", "rtol": PRECISION, "atol": PRECISION, "dense_output": True}
        before, after = (solve_ivp(rates, (0, end), start, **options).sol for end in (-RANGE, RANGE))
        return before, after
