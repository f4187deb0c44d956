"""Densities of ideal gases against quadrature of the Bose and Fermi functions, and moments of Boltzmann factors."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import kn

from emulant.hydro.bessel import bessel_table, rapidity_moments
from emulant.hydro.thermal import SPECIES, density
from emulant.hydro.units import HBARC


@pytest.mark.parametrize("species", SPECIES, ids=lambda species: str(species.pdg))
def test_density_is_the_integral_over_momenta(species):
    temperature = 0.15
    integral, _ = quad(
        lambda p: p**2 / (np.exp(np.hypot(p, species.mass) / temperature) - species.sign), 0, 8
    )
    exact = species.spins * integral / (2 * np.pi**2 * HBARC**3)
    assert density(species, temperature) == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("z", [0.6, 0.93, 3.3, 40.0, 200.0])
def test_moments_are_bessel_functions(z):
    k = kn(np.arange(4), z)
    exact = [2 * k[0], 2 * k[1], k[2] + k[0], (k[3] + 3 * k[1]) / 2]
    assert np.allclose(rapidity_moments(z, bessel_table()), exact, rtol=1e-8)
