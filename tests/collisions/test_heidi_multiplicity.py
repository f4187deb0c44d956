"""Numbers of particles: exact charges, and the training events' means and correlations."""

import numpy as np
import pytest
import torch

from emulant.collisions.conserved import event_totals
from emulant.collisions.counts import species_counts
from emulant.collisions.events import concatenated
from emulant.collisions.species import CHARGES, MASSES
from emulant.collisions.surrogate import Surrogate
from emulant.families._slots import masses_in, slots_for
from emulant.families.heidi.gaussian import KindMaps
from emulant.families.heidi.kinds import COLD, beam_rapidity, kind_counts, kinds_of
from emulant.families.heidi.multiplicity import Multiplicity
from emulant.families.heidi.symmetry import Symmetry

from .conftest import stand_in


def seeded(seed=3):
    return torch.Generator().manual_seed(seed)


def of(impact, count, seed):
    return concatenated(list(Surrogate(impact=(impact, impact)).events(count, seed)))


def at(model, impact, count):
    """Conditions of events at an impact parameter and the only beam."""
    return np.column_stack([np.broadcast_to(impact, count), np.full(count, model.nodes[0, 1])])


@pytest.fixture(scope="module")
def training():
    return of(1.0, 256, 1)


@pytest.fixture(scope="module")
def totals(training):
    model = Multiplicity.fit(training, masses_in(training), slots_for(training.counts, 0.1))
    return model.sample(at(model, 1.0, 4000), seeded())


def test_charges_and_energies_are_exact(training, totals):
    expected = event_totals(training)
    assert totals.counts.min() >= 0
    np.testing.assert_array_equal(totals.species @ CHARGES, np.tile([394, 158, 0], (4000, 1)))
    np.testing.assert_allclose(totals.facts[:, 5], expected[0, 3], rtol=1e-12)
    np.testing.assert_allclose(totals.facts[:, 2:5], 0, atol=1e-9)
    assert set(totals.facts[:, 1]) <= set(np.arange(1000.0))


def test_means_and_variances(training, totals):
    counts = species_counts(training)
    spread = counts.std(axis=0)
    assert (np.abs(totals.species.mean(axis=0) - counts.mean(axis=0)) <= 0.1 * spread + 1e-3).all()
    common = counts.mean(axis=0) > 1
    assert totals.species.var(axis=0)[common] == pytest.approx(counts.var(axis=0)[common], rel=0.12)


def test_correlations_of_drawn_and_of_fixed_species(training, totals):
    """p, n, pi+, pi0, pi-, K+, K0; n, pi- and K0 follow from the charges."""
    chosen = [0, 1, 18, 19, 20, 22, 23]
    expected = np.corrcoef(species_counts(training)[:, chosen].T)
    np.testing.assert_allclose(np.corrcoef(totals.species[:, chosen].T), expected, atol=0.08)


def test_cold_nucleons_are_what_training_events_have():
    """Means within a tenth of their deviation, and the correlation with the number of all particles."""
    training = of(5.0, 256, 1)
    cold = kind_counts(kinds_of(training, beam_rapidity(training)), training)[:, COLD]
    model = Multiplicity.fit(training, masses_in(training), 2000)
    generated = model.sample(at(model, 5.0, 4000), seeded()).counts
    assert cold.mean(axis=0).min() > 5
    assert (np.abs(generated[:, COLD].mean(axis=0) - cold.mean(axis=0)) < 0.1 * cold.std(axis=0)).all()
    expected = np.corrcoef(cold.sum(axis=1), training.counts)[0, 1]
    correlation = np.corrcoef(generated[:, COLD].sum(axis=1), generated.sum(axis=1))[0, 1]
    assert expected < -0.5 and correlation == pytest.approx(expected, abs=0.15)


def test_half_a_turn_leaves_the_law_alone():
    """One-sided training events: turned copies give both sides the same numbers of cold nucleons, and pz no mean."""
    training = stand_in(projectile=(197, 79))
    model = Multiplicity.fit(training, masses_in(training), 2000, symmetry=Symmetry(half_turn=True))
    generated = model.sample(at(model, 2.0, 4000), seeded())
    cold = generated.counts[:, COLD].mean(axis=0)
    assert abs(event_totals(training)[:, 2].mean()) > 100
    np.testing.assert_allclose(cold[[0, 2]], cold[[1, 3]], rtol=0.1)
    assert abs(generated.facts[:, 4].mean()) < 4 * generated.facts[:, 4].std() / 4000**0.5


def test_between_impact_parameters():
    """Trained at 1 and 5 fm, asked at 3: numbers between both, with the charges of any; beyond both refused."""
    training = concatenated([of(1.0, 100, 1), of(5.0, 100, 2)])
    model = Multiplicity.fit(training, MASSES, 2000)
    assert model.nodes[:, 0].tolist() == [1, 5]
    means = [model.sample(at(model, b, 500), seeded()).counts.sum(axis=1).mean() for b in (1.0, 3.0, 5.0)]
    assert means[0] > means[1] > means[2]
    assert means[1] == pytest.approx((2 * means[0] + means[2]) / 3, rel=0.01), "linear in b^2"
    with pytest.raises(ValueError, match=r"impact parameter 6.0 fm: trained from 1 to 5"):
        model.sample(at(model, 6.0, 1), seeded())


def test_numbers_between_impact_parameters_follow_a_curve():
    """Trained at 1, 3 and 5 fm, asked at 4: a parabola in b^2 through the means of each species, if charges allow."""
    parts = [of(b, 64, seed) for seed, b in enumerate((1.0, 3.0, 5.0))]
    model = Multiplicity.fit(concatenated(parts), MASSES, 2000)
    generated = model.sample(at(model, 4.0, 4000), seeded()).species
    one, three, five = (species_counts(part).mean(axis=0) for part in parts)
    curve = -21 / 64 * one + 135 / 128 * three + 35 / 128 * five
    straight = (9 * three + 7 * five) / 16
    error = generated.std(axis=0) / np.sqrt(len(generated))
    common = generated.mean(axis=0) > 2
    assert (np.abs(generated.mean(axis=0) - curve) < 4 * error + 0.01 * curve)[common].all()
    assert np.abs(generated.sum(axis=1).mean() - curve.sum()) < 0.3 * abs(straight.sum() - curve.sum())


def test_a_range_of_impact_parameters():
    """Where all differ, the trend within and between groups is kept."""
    training = concatenated(list(Surrogate(impact=(0.0, 6.0)).events(300, 4)))
    model = Multiplicity.fit(training, MASSES, 2000)
    assert len(model.nodes) == 3
    b = training.facts["impact_parameter"]
    generated = model.sample(at(model, b, len(b)), seeded()).counts.sum(axis=1)
    for near in (b < 3, b > 5):
        error = training.counts[near].std() / np.sqrt(near.sum())
        assert generated[near].mean() == pytest.approx(training.counts[near].mean(), abs=4 * error)
    assert generated.std() == pytest.approx(training.counts.std(), rel=0.1)


def test_images_are_in_the_groups_of_maps():
    """As many tables as the maps of momenta have, at the same impact parameters, and every event's there once."""
    training = stand_in((0.0, 4.0), 320, 4)
    masses = masses_in(training)
    model = Multiplicity.fit(training, masses, 2000, symmetry=Symmetry(half_turn=True))
    np.testing.assert_array_equal(model.nodes, KindMaps.fit(training, masses, half_turn=True).nodes)
    assert len(model.trained) == 320


def test_too_few_slots_are_no_endless_loop(training):
    with pytest.raises(RuntimeError, match="no possible numbers of particles"):
        model = Multiplicity.fit(training, MASSES, 10)
        model.sample(at(model, 1.0, 1), seeded())


def test_saved_is_loaded(training):
    model = Multiplicity.fit(training, MASSES, 2000)
    again = Multiplicity.load(model.tensors())
    one, two = (m.sample(at(m, 1.0, 20), seeded()) for m in (model, again))
    np.testing.assert_array_equal(one.counts, two.counts)
    np.testing.assert_array_equal(one.facts, two.facts)
