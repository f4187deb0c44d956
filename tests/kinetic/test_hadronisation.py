"""Hadronisation and decays: four-momentum and charge to rounding, isotropy, what becomes of whom."""

import numpy as np
import pytest

from emulant.kinetic.cascade import Matter, Stage
from emulant.kinetic.draws import stream_of
from emulant.kinetic.hadronisation import PION, coalesced, decayed
from emulant.kinetic.partons import thermal_momenta
from tests.kinetic.gases import mixed, off_shell


def stream(seed):
    return stream_of(np.random.SeedSequence(seed))


def quarks(pairs, seed):
    """Partons after an expansion, many of whose pairs are light."""
    generator = np.random.default_rng(seed)
    signs = np.repeat([1, -1], pairs)
    charge = signs * np.tile(np.where(generator.random(pairs) < 0.5, 2, -1), 2)
    momentum = thermal_momenta(2 * pairs, 0.3, generator)
    matter = Matter(generator.normal(0, 2, (2 * pairs, 2)), momentum, np.zeros(2 * pairs), charge, signs)
    Stage(0.1, 0.1, 1.0, "sigma").evolve(matter, 0.4, 6.0, stream(seed))
    return matter


def assert_conserved(before, after):
    total = before.momentum.sum(axis=0)
    assert np.abs(after.momentum.sum(axis=0) - total).max() < 1e-12 * total[0]
    assert after.charge.sum() == before.charge.sum()
    assert after.baryon.sum() == before.baryon.sum()
    assert off_shell(after) < 1e-13


@pytest.mark.parametrize("pairs", [1, 2, 5, 500])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_step_conserves_energy_momentum_and_charge(pairs, seed):
    matter = quarks(pairs, seed)
    hadrons = coalesced(matter)
    assert len(hadrons) == pairs
    assert_conserved(matter, hadrons)
    pions = decayed(hadrons, stream(seed))
    assert_conserved(hadrons, pions)
    assert set(np.unique(pions.charge)) <= {-3, 0, 3}


def test_all_that_is_left_are_pions():
    hadrons = coalesced(quarks(500, 4))
    light = hadrons.mass < 2 * PION
    assert 0.2 < light.mean() < 0.8
    assert (hadrons.mass[light] == PION).all()
    pions = decayed(hadrons, stream(5))
    assert (pions.mass == PION).all()
    assert len(pions) == light.sum() + 2 * (~light).sum()


def test_a_light_pair_without_a_partner_keeps_its_mass():
    matter = Matter(
        np.zeros((2, 2)),
        np.array([[1.0, 1.0, 0, 0], [1.0, 1.0, 0, 0]]),
        np.zeros(2),
        np.array([2, 1]),
        np.array([1, -1]),
    )
    hadrons = coalesced(matter)
    assert hadrons.mass[0] == 0 and hadrons.charge[0] == 3
    assert len(decayed(hadrons, stream(6))) == 1


def test_quarks_meet_the_nearest_antiquarks():
    position = np.array([[0, 0], [5.0, 0], [5.1, 0], [0.1, 0]])
    momentum = thermal_momenta(4, 1.0, np.random.default_rng(7))
    matter = Matter(position, momentum, np.zeros(4), np.array([2, -1, -2, 1]), np.array([1, 1, -1, -1]))
    hadrons = coalesced(matter)
    np.testing.assert_allclose(hadrons.position[:, 0], [0.05, 5.05])
    assert hadrons.charge.tolist() == [3, -3]


def test_clusters_decay_isotropically_into_the_charges_that_they_have():
    """<cos^2> = 1/3 of either axis in the rest frame, three errors; neutral clusters make pi+ pi-, positive ones pi+ pi0."""
    count = 20_000
    momentum = np.column_stack([np.full(count, 0.8), np.zeros((count, 3))])
    charge = np.resize([0, 3], count)
    matter = Matter(np.zeros((count, 2)), momentum, np.full(count, 0.8), charge, np.zeros(count, int))
    pions = decayed(matter, stream(8))
    first, second = pions.momentum[:count], pions.momentum[count:]
    np.testing.assert_allclose(first[:, 1:], -second[:, 1:], atol=1e-15)
    cosines = first[:, 1:] / np.linalg.norm(first[:, 1:], axis=1)[:, None]
    assert np.abs((cosines**2).mean(axis=0) - 1 / 3).max() < 3 * np.sqrt(4 / 45 / count)
    assert pions.charge[:4].tolist() == [3, 3, 3, 3]
    assert pions.charge[count : count + 4].tolist() == [-3, 0, -3, 0]


def test_hadrons_rescatter_without_loss():
    matter = mixed(1000, np.random.default_rng(9))
    before = matter.momentum.sum(axis=0)
    assert Stage(2.0, 0.1, 1.0, "sigma").evolve(matter, 6.0, 10.0, stream(10)) > 100
    assert np.abs(matter.momentum.sum(axis=0) - before)[1:3].max() < 1e-12 * before[0]
    assert off_shell(matter) < 1e-13
