"""Decays: exact conservation, isotropy, multiplicities. Five errors: false alarm below 10^-4 in all."""

import numpy as np
import pytest

from emulant.collisions.events import Events, on_shell
from emulant.collisions.observables.multiplicity import observable as multiplicity
from emulant.collisions.species import charges_of, masses_of
from emulant.hydro.resonances import CHANNELS, RESONANCES, _decayed, fed_down
from emulant.hydro.thermal import density

COUNT = 4000
by_resonance = pytest.mark.parametrize("resonance", RESONANCES, ids=lambda resonance: str(resonance.pdg))


def parents(resonance, sign=1):
    """One event of moving resonances, (COUNT, 4)."""
    momenta = on_shell(np.random.default_rng(1).normal(size=(COUNT, 3)), np.full(COUNT, resonance.mass))
    return Events(np.array([0]), np.array([COUNT]), np.full(COUNT, sign * resonance.pdg), momenta, {}, False)


@by_resonance
def test_a_decay_conserves_momentum_and_energy_and_charges(resonance):
    events = parents(resonance)
    for channel in CHANNELS[resonance.pdg]:
        masses = masses_of(np.array(channel.daughters))
        daughters = _decayed(events.momenta, masses, np.random.default_rng(2))
        assert sum(daughters) == pytest.approx(events.momenta, abs=1e-9)
        for daughter, mass in zip(daughters, masses, strict=True):
            square = daughter[:, 3] ** 2 - np.sum(daughter[:, :3] ** 2, axis=1)
            assert square == pytest.approx(np.full(COUNT, mass**2), abs=1e-8)
        charge = charges_of(np.array(channel.daughters)).sum(axis=0)
        # Strangeness of a neutral kaon is that of its quarks.
        assert np.all(charge == charges_of(np.array([resonance.pdg]))[0])
    assert 0.59 < sum(channel.ratio for channel in CHANNELS[resonance.pdg]) < 1 + 1e-9


@by_resonance
def test_charged_daughters_are_as_many_as_their_branching_ratios_say(resonance):
    for sign in (1, -1)[: resonance.states]:
        pdg = fed_down(parents(resonance, sign), seed=3).pdg
        for daughter in (211, -211, 321, 2212):
            means = [c.ratio * c.daughters.count(daughter) for c in CHANNELS[resonance.pdg]]
            error = np.sqrt(COUNT) * 0.5
            assert np.sum(pdg == sign * daughter) == pytest.approx(COUNT * sum(means), abs=5 * error)


def test_two_body_decays_are_isotropic():
    at_rest = on_shell(np.zeros((COUNT, 3)), np.full(COUNT, 0.77526))
    cosine, other = (
        p[:, 2] / np.linalg.norm(p[:, :3], axis=1)
        for p in _decayed(at_rest, masses_of(np.array([211, -211])), np.random.default_rng(4))
    )
    assert cosine == pytest.approx(-other)
    assert abs(cosine.mean()) < 5 / np.sqrt(3 * COUNT)
    assert np.mean(cosine**2) == pytest.approx(1 / 3, abs=5 * np.sqrt(4 / 45 / COUNT))


def test_three_body_decays_fill_phase_space_uniformly():
    """No daughter is favoured by the order in which pairs are drawn: equal masses have equal energies, M / 3."""
    at_rest = on_shell(np.zeros((COUNT, 3)), np.full(COUNT, 0.547862))
    energies = [p[:, 3] for p in _decayed(at_rest, np.full(3, 0.13498), np.random.default_rng(5))]
    for energy in energies:
        assert energy.mean() == pytest.approx(0.547862 / 3, abs=5 * energy.std() / np.sqrt(COUNT))
    assert np.std(energies[0]) == pytest.approx(np.std(energies[2]), rel=5 / np.sqrt(COUNT))


def test_stable_particles_stay_and_observables_of_events_are_had():
    momenta = on_shell(np.ones((3, 3)), masses_of(np.array([211, -321, 2212])))
    events = Events(np.array([4, 7]), np.array([2, 1]), np.array([211, -321, 2212]), momenta, {}, False)
    again = fed_down(events, seed=1)
    assert np.array_equal(again.pdg, events.pdg) and np.array_equal(again.momenta, events.momenta)
    assert np.array_equal(again.counts, events.counts) and not again.complete
    assert np.all(np.isfinite(multiplicity.primaries(again)))


def test_densities_order_as_masses_and_spins_say():
    """At 0.15 GeV a rho+ is more frequent than an omega by their masses alone, and half as frequent as a kaon at most."""
    numbers = {species.pdg: density(species, 0.15) for species in RESONANCES}
    assert numbers[213] == numbers[113] > numbers[223] > numbers[323] > numbers[2224]
