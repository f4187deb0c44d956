"""Events from spectra: numbers, spectra and flow of what is drawn. Five errors: false alarm below 10^-5 in all."""

from dataclasses import replace

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.hydro.chain import Spectra
from emulant.hydro.particles import particles_of
from emulant.hydro.thermal import SPECIES

EVENTS, WINDOW, SLOPE, V2 = 120, 0.5, 0.2, 0.08


@pytest.fixture(scope="module")
def spectra():
    """exp(-m_T / SLOPE) (1 + 2 V2 cos 2 phi), 20 pions of each charge per unit of rapidity."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    pt, weights, phi = 2 * (nodes + 1), 2 * weights, 2 * np.pi * np.arange(32) / 32
    masses = np.array([species.mass for species in SPECIES])
    shape = np.exp(-np.hypot(masses[:, None], pt) / SLOPE)
    shape *= np.array([20.0, 5.0, 1.0])[:, None] / np.sum(shape * pt * weights, axis=1)[:, None] / (2 * np.pi)
    values = shape[:, :, None] * (1 + 2 * V2 * np.cos(2 * phi))
    none = np.zeros(EVENTS)
    return Spectra(np.tile(values, (EVENTS, 1, 1, 1)), pt, weights, phi, *[none] * 5)


@pytest.fixture(scope="module")
def events(spectra):
    return particles_of(spectra, window=WINDOW, seed=1)


def test_numbers_are_poissonian_with_the_mean_of_the_spectrum(events):
    mean = 2 * 26 * 2 * WINDOW
    assert events.counts.mean() == pytest.approx(mean, abs=5 * np.sqrt(mean / EVENTS))
    assert events.counts.var() / mean == pytest.approx(1, abs=5 * np.sqrt(2 / EVENTS))
    charges = np.sign(events.pdg)
    assert abs(charges.sum()) < 5 * np.sqrt(len(charges))
    assert not events.complete


@pytest.mark.parametrize("kind", range(3))
def test_momenta_have_the_spectrum(events, spectra, kind):
    chosen = np.abs(events.pdg) == SPECIES[kind].pdg
    pt, phi = events.pt[chosen], events.phi[chosen]
    weights = spectra.values[0, kind].sum(axis=1) * spectra.pt * spectra.pt_weights
    mean, square = (np.sum(weights * spectra.pt**k) / weights.sum() for k in (1, 2))
    error = np.sqrt((square - mean**2) / len(pt))
    assert pt.mean() == pytest.approx(mean, abs=5 * error)
    assert np.cos(2 * phi).mean() == pytest.approx(V2, abs=5 / np.sqrt(2 * len(phi)))
    assert abs(np.sin(2 * phi).mean()) < 5 / np.sqrt(2 * len(phi))
    assert events.mass[chosen] == pytest.approx(np.full(len(pt), SPECIES[kind].mass), abs=1e-6)


def test_rapidity_is_flat_in_the_window(events):
    rapidity = events.rapidity
    assert np.abs(rapidity).max() < WINDOW
    assert rapidity.var() == pytest.approx(WINDOW**2 / 3, rel=5 * np.sqrt(4 / 5 / len(rapidity)))


def test_an_event_is_the_same_alone(spectra, events):
    alone = replace(spectra, values=spectra.values[2:3])
    again = particles_of(alone, window=WINDOW, seed=1, first=2)
    assert np.array_equal(again.momenta, events[2:3].momenta)


def test_a_window_of_nothing_is_refused(spectra):
    with pytest.raises(InputError, match="window: expected a rapidity > 0"):
        particles_of(spectra, window=0.0, seed=1)
