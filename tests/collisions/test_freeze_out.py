"""The stand-in at other energies of the beam: spectators, sums, and how numbers, slopes and rapidities change."""

import numpy as np
import pytest

from emulant.collisions.events import concatenated
from emulant.collisions.freeze_out import beam_rapidity_at, energy_at, freeze_out, stand_in_at
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.urqmd_types import NUCLEON

ENERGIES = (4.0, 10.0, 20.0)
NUCLEI = {"projectile": (63, 29), "target": (63, 29), "impact": (3.0, 3.0)}


@pytest.fixture(scope="module")
def events():
    """64 events at each energy."""
    return {energy: concatenated(list(stand_in_at(energy, **NUCLEI).events(64, 5))) for energy in ENERGIES}


def test_the_freeze_out_curve():
    """At 10 GeV a nucleon sqrt(s) = 4.72 GeV, mu = 0.572 and T = 0.115 GeV; at infinite energy T = 0.166."""
    temperature, potential = freeze_out(10.0)
    assert potential == pytest.approx(1.308 / (1 + 0.273 * 4.72), rel=1e-3)
    assert temperature == pytest.approx(0.1149, abs=1e-4)
    assert freeze_out(1e9) == pytest.approx((0.166, 0), abs=1e-3)
    assert stand_in_at(10.0) == Surrogate()


@pytest.mark.parametrize("energy", ENERGIES)
def test_rapidity_and_energy_of_the_beam(energy):
    """cosh^2 y = 1 + E / 2m, and back."""
    rapidity = beam_rapidity_at(energy)
    assert np.cosh(rapidity) ** 2 == pytest.approx(1 + energy / (2 * NUCLEON), rel=1e-12)
    assert energy_at(rapidity) == pytest.approx(energy, rel=1e-12)


def test_everything_is_conserved_and_spectators_fly_on(events):
    for energy, drawn in events.items():
        momentum = np.sqrt(NUCLEON * energy / 2)
        np.testing.assert_array_equal(drawn.sums(drawn.charges), [[126, 58, 0]] * 64)
        proton, neutron = np.hypot(momentum, [0.93827, 0.93957])
        sums = drawn.sums(drawn.momenta)
        np.testing.assert_allclose(sums[:, 3], 58 * proton + 68 * neutron, rtol=1e-4)
        np.testing.assert_allclose(sums[:, :3], 0, atol=1e-9)
        spectators = drawn.pt == 0
        np.testing.assert_allclose(np.abs(drawn.momenta[spectators, 2]), momentum, rtol=1e-12)
        assert (drawn.facts["beam_energy"] == energy).all()


def test_numbers_slopes_and_widths_grow_with_the_energy(events):
    """Pions, their transverse momenta and the width of their rapidities, and K- over K+."""
    pions, slopes, widths = [], [], []
    for drawn in events.values():
        pion = np.abs(drawn.pdg) == 211
        pions.append(pion.sum())
        slopes.append(drawn.pt[pion].mean())
        widths.append(drawn.rapidity[pion].std())
    for values in (pions, slopes, widths):
        assert np.all(np.diff(values) > 0.05 * np.array(values[1:]))
    strange = [np.sum(drawn.pdg == -321) / np.sum(drawn.pdg == 321) for drawn in events.values()]
    assert np.all(np.diff(strange) > 0), "the baryon chemical potential falls"
