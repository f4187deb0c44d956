"""The table of species against the quark model."""

import numpy as np
import pytest

from emulant.collisions.species import (
    CHARGES,
    EMPTY,
    MASSES,
    PDG,
    SPECIES,
    charges_of,
    masses_of,
    species_index,
    species_of,
)


def test_there_are_26_species_and_an_empty_slot():
    assert len(SPECIES) == len(set(PDG.tolist())) == EMPTY == 26
    assert CHARGES.shape == (26, 3)
    assert 0.1 < MASSES.min() < MASSES.max() < 1.7


def test_the_gell_mann_nishijima_relation_gives_half_integer_isospin():
    """Q = I3 + (B + S) / 2, with |I3| at most 1 in these multiplets."""
    baryon, charge, strangeness = CHARGES.T
    twice_isospin = 2 * charge - baryon - strangeness
    assert set(np.abs(twice_isospin).tolist()) == {0, 1, 2}
    assert all(abs(b) == 1 and -3 <= s * b <= 0 for b, s in zip(baryon[:18], strangeness[:18], strict=True))


def test_antiparticles_have_opposite_charges_and_equal_masses():
    for species in SPECIES:
        if species.pdg in (111, 221):
            assert (species.baryon, species.charge, species.strangeness) == (0, 0, 0)
            continue
        other = SPECIES[species_index(np.array([-species.pdg]))[0]]
        assert (other.baryon, other.charge, other.strangeness) == (
            -species.baryon,
            -species.charge,
            -species.strangeness,
        )
        assert other.mass == species.mass


def test_the_sum_over_all_species_is_neutral():
    assert CHARGES.sum(axis=0).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("pdg", "charges"),
    [
        (2224, (1, 2, 0)),
        (333, (0, 0, 0)),
        (22, (0, 0, 0)),
        (-11, (0, 1, 0)),
        (431, (0, 1, 1)),
        (1000020040, (4, 2, 0)),
        (-3334, (-1, 1, 3)),
        (12, (0, 0, 0)),
        (-16, (0, 0, 0)),
        (310, (0, 0, 0)),
        (130, (0, 0, 0)),
        (1010010030, (3, 1, -1)),
        (-1010010030, (-3, -1, 1)),
        (-1000020040, (-4, -2, 0)),
        (1020020060, (6, 2, -2)),
        (1010000020, (2, 0, -1)),
        (1000010060, (6, 1, 0)),
    ],
)
def test_charges_of_other_particles(pdg, charges):
    assert tuple(charges_of(np.array([pdg]))[0]) == charges


def test_particles_are_found_by_number():
    pdg = np.array([-311, 22, 2212, -2212, 99999999, -99999999])
    assert species_index(pdg).tolist() == [25, -1, 0, 9, -1, -1]
    np.testing.assert_array_equal(masses_of(PDG), MASSES)
    np.testing.assert_array_equal(charges_of(PDG), CHARGES)
    assert len(masses_of(np.zeros(0, int))) == len(charges_of(np.zeros(0, int))) == 0


@pytest.mark.parametrize(
    ("pdg", "words"),
    [
        (0, "no particle"),
        (99999, "no particle"),
        (1, "whole charge"),
        (1000030020, "no nucleus: 3 charges and 0 Lambdas in 2 baryons"),
        (1020010020, "no nucleus: 1 charges and 2 Lambdas in 2 baryons"),
        (1000000000, "no nucleus"),
        (1200010030, "no particle"),
    ],
)
def test_what_is_no_hadron_is_refused(pdg, words):
    with pytest.raises(ValueError, match=words):
        species_of(pdg)


def test_masses_of_what_the_table_lacks():
    """Neutrinos have none; the hypertriton 2.99116 GeV, its deuteron and Lambda being bound by 0.13 MeV."""
    assert masses_of(np.array([12, -14, 16])).tolist() == [0, 0, 0]
    assert masses_of(np.array([1010010030]))[0] == pytest.approx(2.99116, rel=2e-3)
    assert masses_of(np.array([1000020040]))[0] == pytest.approx(3.7284, rel=1e-3)
    assert masses_of(np.array([310]))[0] == pytest.approx(0.4976, rel=1e-3)
