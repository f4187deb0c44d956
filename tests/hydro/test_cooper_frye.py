"""Spectra of single elements against quadrature over rapidity, and their sum against the density of the gas."""

import numpy as np
import pytest

from emulant.hydro.cooper_frye import Switch, conserved, spectra
from emulant.hydro.surface import Surface
from emulant.hydro.thermal import SPECIES, density
from emulant.hydro.units import HBARC

SWITCH = Switch(0.15, 0.2686, 0.0432)
PHI = 2 * np.pi * np.arange(32) / 32
PT = 2 * (np.polynomial.legendre.leggauss(24)[0] + 1)
WEIGHTS = 2 * np.polynomial.legendre.leggauss(24)[1]


def elements(count=20, shear=0.01):
    """Elements with all kinds of normals, flow below 0.7, and shear below a tenth of the pressure."""
    generator = np.random.default_rng(3)
    normal = generator.normal([2.0, 0.0, 0.0], size=(count, 3))
    flow = generator.uniform(-0.5, 0.5, (count, 2))
    return Surface(np.zeros((count, 3)), normal, flow, shear * generator.uniform(-1, 1, (count, 3)) / 3)


def by_quadrature(surface, species, pt, phi):
    """dN / (dy p_T dp_T dphi) by a sum over rapidities, with all terms of the quantum statistics."""
    eta = np.linspace(-9, 9, 2001)
    t, (x, y), (xx, xy, yy) = (
        surface.lorentz[:, None],
        surface.flow.T[:, :, None],
        surface.shear.T[:, :, None],
    )
    tt, tx, ty, nn = (part[:, None] for part in surface.completed_shear)
    e, px, py = np.hypot(species.mass, pt) * np.cosh(eta), pt * np.cos(phi), pt * np.sin(phi)
    z = np.hypot(species.mass, pt) * np.sinh(eta)
    normal = surface.normal.T[:, :, None]
    flux = e * normal[0] + px * normal[1] + py * normal[2]
    exponent = (e * t - px * x - py * y) / SWITCH.temperature
    f = np.exp(-exponent) / (1 - species.sign * np.exp(-exponent))
    stress = e**2 * tt - 2 * e * (px * tx + py * ty) + px**2 * xx + 2 * px * py * xy + py**2 * yy + z**2 * nn
    enthalpy = SWITCH.energy + SWITCH.pressure
    change = f * (1 + species.sign * f) * stress / (2 * SWITCH.temperature**2 * enthalpy)
    sums = np.trapezoid(flux * (f + change), eta, axis=1).sum()
    return species.spins * sums / (2 * np.pi * HBARC) ** 3


@pytest.mark.parametrize("kind", range(3))
def test_spectra_are_the_integral_over_rapidity(kind):
    """The terms that are left out of the Bose function are below 10^-3 where pions are slowest."""
    surface = elements()
    values, *_ = spectra(surface, SWITCH, PT, PHI, largest=np.inf)
    for i, j in ((0, 3), (5, 17), (12, 8), (20, 30)):
        assert values[kind, i, j] == pytest.approx(
            by_quadrature(surface, SPECIES[kind], PT[i], PHI[j]), rel=1e-3
        )


def test_the_yield_is_the_density_times_the_volume_whatever_the_shear():
    """Shear changes no scalar density: dN / dy = n u . dsigma to 10^-4; what is above 4 GeV is less."""
    surface = elements(shear=0.02)
    values, clipped, _ = spectra(surface, SWITCH, PT, PHI, largest=np.inf)
    numbers = np.sum(values * (PT * WEIGHTS)[:, None], axis=(1, 2)) * 2 * np.pi / len(PHI)
    exact = [density(species, SWITCH.temperature) * surface.volumes.sum() for species in SPECIES]
    assert numbers == pytest.approx(exact, rel=1e-4)
    assert np.all(clipped == 0)


def test_a_correction_larger_than_the_spectrum_is_scaled_down_and_counted():
    surface = elements(count=1, shear=0.2)
    free, *_ = spectra(surface, SWITCH, PT, PHI, largest=np.inf)
    bounded, clipped, _ = spectra(surface, SWITCH, PT, PHI)
    still = Surface(surface.position, surface.normal, surface.flow, 0 * surface.shear)
    equilibrium, none, *_ = spectra(still, SWITCH, PT, PHI)
    excess = np.abs(free / equilibrium - 1).max(), np.abs(bounded / equilibrium - 1).max()
    assert excess[0] > 10 and excess[1] < 3
    assert np.all(clipped > 0) and np.all(clipped < 1) and np.all(none == 0)


def test_what_the_cut_takes_away_is_returned():
    """Yields are n u . dsigma to 10^-4 also where corrections are cut, by per cents."""
    surface = elements(shear=0.12)
    emission = spectra(surface, SWITCH, PT, PHI)
    exact = [density(species, SWITCH.temperature) * surface.volumes.sum() for species in SPECIES]
    wholes = [
        2 * np.pi / len(PHI) * np.sum(values * (PT * WEIGHTS)[:, None], axis=(1, 2))
        for values in (emission.values, conserved(emission, PT * WEIGHTS))
    ]
    assert abs(wholes[0][2] / exact[2] - 1) > 0.01
    assert wholes[1] == pytest.approx(exact, rel=1e-4)


def test_a_rotation_of_the_surface_rotates_the_spectrum():
    surface = elements()
    quarter = np.array([[0, -1], [1, 0]])
    normal = np.column_stack([surface.normal[:, 0], surface.normal[:, 1:] @ quarter.T])
    xx, xy, yy = surface.shear.T
    turned = Surface(surface.position, normal, surface.flow @ quarter.T, np.stack([yy, -xy, xx], axis=1))
    one, *_ = spectra(surface, SWITCH, PT, PHI)
    two, *_ = spectra(turned, SWITCH, PT, PHI)
    assert np.allclose(two, np.roll(one, 8, axis=2), rtol=1e-9, atol=1e-12 * one.max())
