r"""Spectra of hadrons from a surface: F. Cooper, G. Frye, Phys. Rev. D 10 (1974) 186, exact in rapidity.

dN / (dy p_T dp_T dphi) = g / (2 pi hbar c)^3 sum of elements int deta p.dsigma (f_0 + delta f), with the 14-moment
correction of shear, delta f = f_0 (1 +- f_0) p_m p_n pi^mn / (2 T^2 (e + P)). In f_0 = sum_k (+-1)^(k-1) exp(-k p.u / T)
each term is a polynomial of cosh(y - eta) times exp(-z cosh(y - eta)), z = k m_T u^tau / T, whose integrals are Bessel
functions.

The correction grows as p_T^2. Where it would exceed f_0 (1 +- f_0) at y = eta, where particles are most, it is scaled down
to that. Whole, it makes no particles and loses none; `conserved` returns what the cut takes away.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from emulant.hydro.bessel import bessel_table, rapidity_moments
from emulant.hydro.equation_of_state import EquationOfState
from emulant.hydro.surface import Surface
from emulant.hydro.thermal import SPECIES, ThermalSpecies
from emulant.hydro.units import HBARC

__all__ = ["Emission", "Switch", "conserved", "spectra", "switch_at"]

NEGLIGIBLE = 14.0
"""Terms whose Boltzmann factor is below exp(-NEGLIGIBLE) = 10^-6 of the first one everywhere are left out."""
TINY = 1e-300
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


class Emission(NamedTuple):
    """What a surface emits.

    Attributes:
        values: dN / (dy p_T dp_T dphi) in 1/GeV^2 of one charge state of each species, (species, nodes, angles).
        clipped: part of the equilibrium yield on these points whose correction was scaled down, (species,).
        uncut: sum of the values over angles with the whole correction, (species, nodes).
    """

    values: np.ndarray
    clipped: np.ndarray
    uncut: np.ndarray


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
    largest: float = 1.0,
) -> Emission:
    """Compute dN / (dy p_T dp_T dphi) in 1/GeV^2 of one charge state of each species.

    Arguments:
        surface: elements.
        switch: temperature and enthalpy on it.
        pt: GeV, (nodes,).
        phi: azimuths, (angles,).
        species: of which.
        largest: |delta f| at y = eta over f_0 (1 +- f_0), above which it is scaled down.
    """
    values = np.zeros((len(species), len(pt), len(phi)))
    sums, uncut = np.zeros((len(species), 2)), np.zeros((len(species), len(pt)))
    elements = np.column_stack([surface.normal, surface.flow, surface.shear, *surface.completed_shear])
    kinds = np.array([(kind.mass, kind.sign, kind.terms) for kind in species])
    _add(elements, kinds, pt, np.cos(phi), np.sin(phi), switch, bessel_table(), largest, values, sums, uncut)
    unit = np.array([kind.spins for kind in species])[:, None] / (2 * np.pi * HBARC) ** 3
    clipped = sums[:, 1] / np.maximum(sums[:, 0], TINY)
    return Emission(values * unit[:, :, None], clipped, uncut * unit)


def conserved(emission: Emission, measure: np.ndarray) -> np.ndarray:
    """Return the spectra, each species enlarged by one factor to the yield that it has with the whole correction.

    Shear changes no number of particles, and so no ratio of species at one temperature; cut corrections would: of protons
    at eta/s = 0.2 by per cents.

    Arguments:
        measure: p_T dp_T of each node, (nodes,).
    """
    factor = (emission.uncut @ measure) / (emission.values.sum(axis=2) @ measure)
    return emission.values * factor[:, None, None]


@njit(fastmath=FAST, error_model="numpy", cache=True, nogil=True)
def _correction(element, p, mass, cosine, sine, scale, largest, a0, a1, scaled):
    """Write the parts of the correction, a_0 + a_1 cosh + a_2 cosh^2, and the factor that scales it down; returns a_2."""
    _, _, _, _, _, xx, xy, yy, tt, tx, ty, nn = element
    square = mass * mass + p * p
    mt, a2 = np.sqrt(square), scale * square * (tt + nn)
    for j in range(cosine.size):
        c, d = p * cosine[j], p * sine[j]
        a0[j] = scale * (c * c * xx + 2 * c * d * xy + d * d * yy - square * nn)
        a1[j] = -2 * scale * mt * (c * tx + d * ty)
        scaled[j] = min(1.0, largest / max(abs(a0[j] + a1[j] + a2), TINY))
    return a2


@njit(fastmath=FAST, error_model="numpy", cache=True, nogil=True)
def _add_term(factor, energy, moments, along, power, a0, a1, a2, scaled, out):
    """Add a Boltzmann term of a species at one p_T.

    Returns its equilibrium yield, the part that was scaled down, and its yield with the whole correction.

    `factor` is k and the sign of the term, `energy` is m_T d sigma_tau, `moments` are those of the rapidity.
    """
    k, sign = factor
    one, first, second, third = moments
    whole, part, uncut = 0.0, 0.0, 0.0
    for j in range(out.size):
        equilibrium = energy * first + along[j] * one
        shear = along[j] * (a0[j] * one + a1[j] * first + a2 * second)
        shear += energy * (a0[j] * first + a1[j] * second + a2 * third)
        out[j] += sign * power[j] * (equilibrium + k * scaled[j] * shear)
        size = power[j] * abs(equilibrium)
        whole += size
        part += size * (scaled[j] < 1)
        uncut += sign * power[j] * (equilibrium + k * shear)
    return whole, part, uncut


@njit(fastmath=FAST, error_model="numpy", cache=True, nogil=True)
def _add(elements, kinds, pt, cosine, sine, switch, table, largest, values, sums, uncut):
    """Add the yields of elements; `sums` gets |equilibrium| and the part of it whose correction was scaled down."""
    scratch = np.empty((6, cosine.size))
    boost, along, power, a0, a1, scaled = (
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
        st, sx, sy, ux, uy = elements[m, :5]
        transverse = np.hypot(ux, uy)
        lorentz = np.sqrt(1 + transverse * transverse)
        for i in range(pt.size):
            p = pt[i]
            boost[:] = np.exp(p / temperature * (ux * cosine + uy * sine))
            along[:] = p * (sx * cosine + sy * sine)
            for s in range(len(kinds)):
                mass, mt = kinds[s, 0], np.sqrt(kinds[s, 0] ** 2 + p * p)
                a2 = _correction(elements[m], p, mass, cosine, sine, scale, largest, a0, a1, scaled)
                # The largest exponent of a Boltzmann factor, per term.
                least = (mt * lorentz - p * transverse) / temperature
                power[:] = 1
                for k in range(1, int(kinds[s, 2]) + 1):
                    if (k - 1) * least > NEGLIGIBLE:
                        break
                    power *= boost
                    moments = rapidity_moments(k * mt * lorentz / temperature, table)
                    factor = k, kinds[s, 1] ** (k - 1)
                    out = values[s, i]
                    added = _add_term(factor, mt * st, moments, along, power, a0, a1, a2, scaled, out)
                    sums[s, 0] += p * added[0]
                    sums[s, 1] += p * added[1]
                    uncut[s, i] += added[2]
