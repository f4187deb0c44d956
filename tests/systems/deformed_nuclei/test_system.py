"""Bags of deformed nuclei: features are invariants, sizes are right, shards change nothing, bad blocks are refused."""

import numpy as np
import pytest
from scipy import stats

from emulant.errors import InputError
from emulant.initial.trento import InitialStates
from emulant.storage.pairs import open_pairs
from emulant.systems import system_from
from emulant.systems.deformed_nuclei.checks import check
from emulant.systems.deformed_nuclei.features import COLUMNS, ECCENTRICITIES, event_features
from emulant.systems.deformed_nuclei.images import event_images
from emulant.systems.deformed_nuclei.nucleons import nucleon_posterior
from tests.references import sample_reference

BLOCK = {
    "kind": "deformed_nuclei",
    "prior": {"beta2": {"uniform": [-0.4, 0.4]}},
    "nucleus": {"mass_number": 238, "radius": 6.81, "diffuseness": 0.6},
    "impact": [0.0, 0.0],
    "share": 1.0,
    "events": 8,
    "cross_section": 4.23,
    "nucleon_width": 0.6,
    "fluctuation": 1.6,
    "reduced_p": 0.0,
    "cells": 24,
    "spacing": 0.8,
}


def test_features_do_not_see_rotations_and_reflections():
    density = np.random.default_rng(1).random((1, 10, 10))
    turned = [density, np.rot90(density, axes=(1, 2)), density[:, ::-1], density.swapaxes(1, 2)]
    states = (InitialStates(d, np.zeros(1), np.array([7]), np.zeros(1), 0.5) for d in turned)
    rows = np.concatenate([event_features(state, 20) for state in states])
    np.testing.assert_allclose(rows, np.tile(rows[:1], (4, 1)), rtol=1e-10, atol=1e-14)
    assert rows[0, COLUMNS.index("participants")] == 7 / 20 and rows.shape == (4, len(COLUMNS) - 1)


def test_an_ellipse_has_its_eccentricity_and_size():
    """A Gaussian of widths a and b along the axes: eps_2 = (a^2 - b^2) / (a^2 + b^2) in magnitude, <r^2> = a^2 + b^2."""
    axis = (np.arange(80) - 39.5) * 0.25
    density = np.exp(-0.5 * (axis[:, None] / 2.0) ** 2 - 0.5 * (axis / 1.0) ** 2)[None]
    states = InitialStates(density, np.zeros(1), np.array([1]), np.zeros(1), 0.25)
    row = dict(zip(COLUMNS[:-1], event_features(states, 2)[0], strict=True))
    np.testing.assert_allclose([row["e2^2"], row["r^2"]], [0.36, 5.0], rtol=1e-3)


def test_the_most_central_events_are_in_the_bag():
    """Of b up to 8 fm a quarter has larger multiplicities than all events together."""
    wide = BLOCK | {"impact": [0.0, 8.0], "events": 16}
    system, narrow = system_from(wide), system_from(wide | {"share": 0.25})
    column = COLUMNS.index("multiplicity")
    every, central = (s.bag(np.array([0.0]), np.random.default_rng(1))[:, column] for s in (system, narrow))
    assert len(every) == len(central) == 16 and central.min() > np.median(every)


def test_a_bag_is_the_same_whatever_lies_beside_it(tmp_path):
    system = system_from(BLOCK)
    for name, samples in (("few", 2), ("many", 4)):
        settings = {"sampler": "prior", "samples": samples}
        sample_reference(system, tmp_path / f"{name}.h5", settings=settings, seed=3)
    with open_pairs(tmp_path / "few.h5") as few, open_pairs(tmp_path / "many.h5") as many:
        np.testing.assert_array_equal(few.read().inputs, many.read(0, 2).inputs)


def test_magnitudes_are_seen_and_signs_are_in_the_correlation_with_size():
    """At |beta2| = .4 e2^2 is five times that of spheres; its correlation with r^2 has the sign of beta2 (400 events).

    The means of eccentricities are the same at both signs, within five errors, so that they know none.
    """
    system = system_from(BLOCK | {"events": 400})
    bags = {b: system.bag(np.array([b]), np.random.default_rng(2)) for b in (-0.4, 0.0, 0.4)}
    means = {b: bag[:, 0].mean() for b, bag in bags.items()}
    assert min(means[-0.4], means[0.4]) > 3 * means[0.0]
    size = COLUMNS.index("r^2")
    correlation = {b: np.corrcoef(bag[:, 0], bag[:, size])[0, 1] for b, bag in bags.items()}
    assert correlation[0.4] - correlation[-0.4] > 5 * np.sqrt(2 / 400)
    for column in ECCENTRICITIES:
        columns = [bags[b][:, column] for b in (-0.4, 0.4)]
        error = np.sqrt(sum(values.var() for values in columns) / 400)
        assert abs(columns[0].mean() - columns[1].mean()) < 5 * error


def test_images_turn_with_their_event_wherever_it_lies():
    """A lump of three by five cells, moved by whole cells or turned by a right angle: its image is the same, and turned."""
    lump = np.zeros((16, 16))
    lump[6:9, 5:10] = np.random.default_rng(1).random((3, 5))
    moved = np.roll(lump, (3, -2), (0, 1))
    states = InitialStates(
        np.stack([lump, moved, np.rot90(lump)]), np.zeros(3), np.array([7, 7, 7]), np.zeros(3), 0.5
    )
    rows = event_images(states, 20, 8)
    first, second, turned = rows[:, :64].reshape(3, 8, 8)
    np.testing.assert_allclose(second, first, atol=1e-12)
    np.testing.assert_allclose(turned, np.rot90(first), atol=1e-12)
    np.testing.assert_allclose(np.expm1(rows[:, :64]).sum(1), lump.sum() / 4, rtol=1e-10)
    np.testing.assert_allclose(rows[:, 64:], np.tile([lump.sum() * 0.25 / 20, 7 / 20], (3, 1)))


def test_a_partner_stands_beside():
    """The first nucleus has the events that it has alone; its partner, which is smaller, has others."""
    prior = BLOCK["prior"] | {"beta2_partner": {"uniform": [-0.4, 0.4]}}
    partner = {"mass_number": 200, "radius": 6.0, "diffuseness": 0.5}
    both = system_from(BLOCK | {"prior": prior, "partner": partner})
    alone = system_from(BLOCK).bag(np.array([0.2]), np.random.default_rng(1))
    bag = both.bag(np.array([0.2, 0.0]), np.random.default_rng(1))
    assert bag.shape == both.input_shape == (8, 15) and (bag[:, -1] == 1).all()
    assert [n.beta2 for n in both.nuclei(np.array([0.2, -0.1]))] == [0.2, -0.1]
    order = np.argsort(alone[:, 0]), np.argsort(bag[:, 0])
    np.testing.assert_array_equal(alone[order[0], :7], bag[order[1], :7])
    size = COLUMNS.index("r^2")
    assert bag[:, 7 + size].mean() < bag[:, size].mean()


def test_posteriors_of_nucleons_are_exact():
    """Ranks of 64 truths among 63 draws, of one event and of three, are uniform (four tests at one false alarm in 1000)."""
    prior = BLOCK["prior"] | {"beta4": {"uniform": [-0.2, 0.2]}}
    system, generator = system_from(BLOCK | {"prior": prior}), np.random.default_rng(1)
    truth = system.prior.sample(64, generator)
    posterior = nucleon_posterior(system, truth, [1, 3], 63, generator)
    for draws in posterior.values():
        ranks = ((draws < truth).sum(0) + generator.random(truth.shape)) / 64
        for column in ranks.T:
            assert stats.kstest(column, "uniform").pvalue > 1e-3
    deviations = [posterior[size].std(0)[:, 0].mean() for size in (1, 3)]
    assert deviations[1] < 0.75 * deviations[0] < 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prior": {"beta2_partner": {"uniform": [-0.1, 0.1]}}}, "partner: expected a second nucleus"),
        ({"pixels": 9}, "pixels: expected a divisor of 24 cells"),
        ({"prior": {"beta2": {"uniform": [0.4, -0.4]}}}, "lower edge below"),
        ({"impact": [0.0, 40.0]}, "impact"),
        ({"cells": 8}, "at least"),
        ({"prior": {"beta2": {"uniform": [-2.0, 2.0]}}}, "deformation"),
    ],
)
def test_what_no_collision_has(change, message):
    with pytest.raises(InputError, match=message):
        check(BLOCK | change)
