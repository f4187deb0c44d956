"""Matter for tests: gases in a box, and a Gaussian ellipse of massless particles."""

import numpy as np

from emulant.initial.nuclei import NUCLEI
from emulant.initial.trento import Trento
from emulant.kinetic.cascade import Matter
from emulant.kinetic.partons import thermal_momenta

ECCENTRICITY = (2.6**2 - 2.0**2) / (2.6**2 + 2.0**2)


def massless(directions, energy):
    """Momenta (N, 4) of given energies along unit vectors (N, 3)."""
    return np.column_stack([energy, directions * energy[:, None]])


def neutral(position, momentum):
    """Massless matter whose charges do not matter."""
    count = len(momentum)
    signs = np.resize([1, -1], count)
    return Matter(position, momentum, np.zeros(count), signs, signs)


def ellipse(count, generator):
    """Partons of a Gaussian of 2.0 and 2.6 fm at T = 0.3 GeV, whose eccentricity is ECCENTRICITY."""
    position = generator.standard_normal((count, 2)) * [2.0, 2.6]
    return neutral(position, thermal_momenta(count, 0.3, generator))


def gold(impact):
    """Initial states of two gold nuclei at this impact parameter, on cells of half a nucleon's width."""
    return Trento(NUCLEI["Au"], NUCLEI["Au"], (impact, impact), 4.2, cells=64, spacing=0.25)


def mixed(count, generator):
    """Pions and heavier clusters with momenta of some hundred MeV."""
    mass = np.where(generator.random(count) < 0.5, 0.13957, generator.uniform(0.3, 1.0, count))
    p = generator.normal(0, 0.4, (count, 3))
    momentum = np.column_stack([np.sqrt((p**2).sum(axis=1) + mass**2), p])
    charge = generator.choice([-3, 0, 3], count)
    return Matter(generator.normal(0, 2, (count, 2)), momentum, mass, charge, np.zeros(count, int))


def off_shell(matter):
    """Largest violation of E^2 = p^2 + m^2, over the largest E^2."""
    squares = matter.momentum**2
    return np.abs(squares[:, 0] - squares[:, 1:].sum(axis=1) - matter.mass**2).max() / squares[:, 0].max()
