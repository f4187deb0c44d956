r"""Spectra of hadrons from a surface: F. Cooper, G. Frye, Phys. Rev. D 10 (1974) 186, exact in rapidity.

dN / (dy p_T dp_T dphi) = g / (2 pi hbar c)^3 sum of elements int deta p.dsigma (f_0 + delta f), with the 14-moment
correction of shear, delta f = f_0 (1 +- f_0) p_m p_n pi^mn / (2 T^2 (e + P)). In f_0 = sum_k (+-1)^(k-1) exp(-k p.u / T)
each term is a polynomial of cosh(y - eta) times exp(-z cosh(y - eta)), z = k m_T u^tau / T, whose integrals are Bessel
functions.

The correction grows as p_T^2. Where it would exceed f_0 (1 +- f_0) at y = eta, where particles are most, it is scaled down
to that.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from scipy.special import k0e, k1e

from emulant.hydro.equation_of_state import EquationOfState
from emulant.hydro.surface import Surface
from emulant.hydro.thermal import SPECIES, ThermalSpecies
from emulant.hydro.units import HBARC

__all__ = ["Switch", "spectra", "switch_at"]

AT_ONCE = 512
"""Elements whose Bessel functions are in memory at once, 10 MB of them."""
FAST = {"reassoc", "contract", "nsz", "arcp"}


class Switch(NamedTuple):
    """Matter on the surface.

    Attributes:
        temperature: GeV.
        energy, pressure: GeV / fm^3.
    """

    temperature: float
    energy: float
    pressure: float

    @property
    def entropy(self) -> float:
        """Entropy density in 1/fm^3."""
        return (self.energy + self.pressure) / self.temperature


def switch_at(matter: EquationOfState, temperature: float) -> Switch:
    """Return the matter of an equation of state at a temperature in GeV."""
    return Switch(
        temperature, matter.energy_at_temperature(temperature), matter.pressure_at_temperature(temperature)
    )


def spectra(
    surface: Surface,
    switch: Switch,
    pt: np.ndarray,
    phi: np.ndarray,
    species: Sequence[ThermalSpecies] = SPECIES,
) -> tuple[np.ndarray, np.ndarray]:
    """Compute dN / (dy p_T dp_T dphi) in 1/GeV^2 of one charge state of each species.

    Arguments:
        surface: elements.
        switch: temperature and enthalpy on it.
        pt: GeV, (nodes,).
        phi: azimuths, (angles,).
        species: of which.

    Returns:
        spectra (species, nodes, angles), and of each species the part of the equilibrium yield on these points whose
        correction was scaled down, (species,).
    """
    values = np.zeros((len(species), len(pt), len(phi)))
    sums = np.zeros((len(species), 2))
    tt, tx, ty, nn = surface.completed_shear
    elements = np.column_stack([surface.normal, surface.flow, surface.shear, tt, tx, ty, nn])
    kinds = np.array([(kind.mass, kind.sign, kind.terms) for kind in species])
    cosine, sine = np.cos(phi), np.sin(phi)
    for first in range(0, len(surface), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        integrals = _rapidity_integrals(surface.lorentz[part], pt, species, switch.temperature)
        _add(elements[part], integrals, kinds, pt, cosine, sine, switch, values, sums)
    spins = np.array([kind.spins for kind in species])[:, None, None]
    return values * spins / (2 * np.pi * HBARC) ** 3, sums[:, 1] / np.maximum(sums[:, 0], 1e-300)


def _rapidity_integrals(
    lorentz: np.ndarray, pt: np.ndarray, species: Sequence[ThermalSpecies], temperature: float
) -> np.ndarray:
    """Compute int deta cosh^n(eta) exp(-z cosh eta), n = 0 ... 3, (M, nodes, all terms of all species, 4)."""
    factors = [k * np.hypot(kind.mass, pt) for kind in species for k in range(1, kind.terms + 1)]
    z = lorentz[:, None, None] * np.stack(factors, axis=1) / temperature
    decay = np.exp(-z)
    k0, k1 = k0e(z) * decay, k1e(z) * decay
    k2 = k0 + 2 * k1 / z
    k3 = k1 + 4 * k2 / z
    return np.stack([2 * k0, 2 * k1, k2 + k0, (k3 + 3 * k1) / 2], axis=-1)


@njit(fastmath=FAST, error_model="numpy", cache=True, nogil=True)
def _add(elements, integrals, kinds, pt, cosine, sine, switch, values, sums):
    """Add the yields of elements; `sums` gets |equilibrium| and the part of it whose correction was scaled down."""
    scratch = np.empty((6, cosine.size))
    boost, scaled, a0, a1, along, power = (
        scratch[0],
        scratch[1],
        scratch[2],
        scratch[3],
        scratch[4],
        scratch[5],
    )
    temperature = switch.temperature
    scale = 1 / (2 * temperature**2 * (switch.energy + switch.pressure))
    for m in range(len(elements)):
        st, sx, sy, ux, uy, xx, xy, yy, tt, tx, ty, nn = elements[m]
        for i in range(pt.size):
            p = pt[i]
            for j in range(cosine.size):
                boost[j] = np.exp(p * (ux * cosine[j] + uy * sine[j]) / temperature)
                along[j] = p * (sx * cosine[j] + sy * sine[j])
            term = 0
            for s in range(len(kinds)):
                mass, sign = kinds[s, 0], kinds[s, 1]
                square = mass * mass + p * p
                mt = np.sqrt(square)
                a2 = scale * square * (tt + nn)
                for j in range(cosine.size):
                    c, d = p * cosine[j], p * sine[j]
                    a0[j] = scale * (c * c * xx + 2 * c * d * xy + d * d * yy - square * nn)
                    a1[j] = -2 * scale * mt * (c * tx + d * ty)
                    excess = max(abs(a0[j] + a1[j] + a2), 1.0)
                    scaled[j] = 1 / excess
                    power[j] = 1.0
                weight = 1.0
                for k in range(1, int(kinds[s, 2]) + 1):
                    one, first, second, third = integrals[m, i, term]
                    term += 1
                    for j in range(cosine.size):
                        power[j] *= boost[j]
                        equilibrium = mt * st * first + along[j] * one
                        correction = along[j] * (a0[j] * one + a1[j] * first + a2 * second)
                        correction += mt * st * (a0[j] * first + a1[j] * second + a2 * third)
                        values[s, i, j] += weight * power[j] * (equilibrium + k * scaled[j] * correction)
                        size = abs(weight * power[j] * equilibrium) * p
                        sums[s, 0] += size
                        sums[s, 1] += size * (scaled[j] < 1)
                    weight *= sign
