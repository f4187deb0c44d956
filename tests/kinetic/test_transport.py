"""Whole events: conservation, independence of each other, survival of a charge separation, backgrounds."""

import numpy as np
import pytest

from emulant.kinetic.cascade import Stage
from emulant.kinetic.densities import AZIMUTH_EDGES, SHAPE
from emulant.kinetic.draws import stream_of
from emulant.kinetic.pair_correlations import pair_sums, pair_values
from emulant.kinetic.partons import InitialState
from emulant.kinetic.separation import asymmetry, separate
from emulant.kinetic.transport import SLICES, Transport
from tests.kinetic.gases import ellipse, gold

SURVIVAL = {0.0: (0.0942, 0.0942), 0.02: (0.0948, 0.0643), 0.05: (0.0954, 0.0415), 0.1: (0.0947, 0.0236)}
"""Cross section in fm^2 -> separation at the beginning and at 6 fm of a cascade that tried pairs in steps of 0.1 fm, 0.002
each, of 2000 partons in the ellipse of `gases`."""


def transport(cross_section=0.1, hadrons=1.0, impact=8.0, flow=0.2, local_charges=0.3):
    initial = InitialState(gold(impact), 37.0, 0.3, flow, local_charges)
    return Transport(
        initial,
        Stage(cross_section, 0.1, 1.0, "parton_cross_section"),
        Stage(hadrons, 0.1, 1.0, "hadron_cross_section"),
    )


def events(law, separation, count, seed):
    return [law.event(separation, np.random.SeedSequence(seed, spawn_key=(k,))) for k in range(count)]


@pytest.mark.parametrize("impact", [3.0, 8.0, 14.0])
def test_what_is_conserved_is_conserved_to_rounding(impact):
    history = transport(impact=impact).history(0.1, np.random.SeedSequence(1))
    sums = [(m.momentum.sum(axis=0), m.charge.sum()) for m in history]
    energy = sums[0][0][0]
    assert len(sums) == len(SLICES)
    for momentum, charge in sums:
        assert np.abs(momentum - sums[0][0])[1:3].max() < 1e-12 * energy
        assert charge == 0
    # p_z falls with the expansion only, and energy is lost to it and to nothing else.
    np.testing.assert_allclose(sums[6][0], sums[5][0], atol=1e-12 * energy)
    assert all(
        late[0][0] <= early[0][0] + 1e-12 * energy for early, late in zip(sums, sums[1:], strict=False)
    )


def test_an_event_is_the_same_whatever_else_is_made():
    law = transport()
    alone = law.event(0.1, np.random.SeedSequence(2, spawn_key=(3,)))
    among = events(law, 0.1, 5, 2)[3]
    np.testing.assert_array_equal(alone.slices, among.slices)
    np.testing.assert_array_equal(alone.pairs, among.pairs)
    assert alone.slices.shape == (len(SLICES), *SHAPE)


def test_without_collisions_slices_of_partons_stay():
    event = transport(cross_section=0.0).event(0.1, np.random.SeedSequence(3))
    for k in range(1, 6):
        np.testing.assert_array_equal(event.slices[k], event.slices[0])


@pytest.mark.parametrize("cross_section", SURVIVAL)
def test_separation_that_survives_the_partons(cross_section):
    """Within three combined errors of SURVIVAL, whose beginning and end have 0.002 each; false alarm 0.3 %."""
    stage, start, end = Stage(cross_section, 0.1, 1.0, "parton_cross_section"), [], []
    for event in range(150):
        generator = np.random.default_rng((4, event))
        matter = ellipse(2000, generator)
        separate(matter, 0.095, generator)
        start.append(asymmetry(matter))
        stage.evolve(matter, 0.4, 6.0, stream_of(np.random.SeedSequence((5, event))))
        end.append(asymmetry(matter))
    ratio = np.mean(end) / np.mean(start)
    error = np.std(np.array(end) - ratio * np.array(start)) / np.sqrt(150) / np.mean(start)
    before, after = SURVIVAL[cross_section]
    expected = after / before
    assert abs(ratio - expected) < 3 * np.hypot(error, 0.002 / before * np.hypot(1, expected))
    assert (ratio == 1) == (cross_section == 0)


def batched(sums, column):
    """Value and error over twenty batches of what `column` takes from `pair_values`."""
    parts = [column(pair_values(part.mean(axis=0))) for part in np.split(np.array(sums), 20)]
    return np.mean(parts), np.std(parts) / np.sqrt(20)


def test_local_charges_that_flow_fly_together():
    """delta_OS - delta_SS of the first partons: zero within three errors without local charges, above five with them.

    Matter that is not smooth flows to a side of its own in each event, which both deltas see.
    """
    values = []
    for local_charges in (0.0, 1.0):
        law = transport(flow=1.0, local_charges=local_charges)
        sequences = (np.random.SeedSequence(7, spawn_key=(k,)) for k in range(200))
        values.append(
            batched([pair_sums(next(law.history(0.0, s))) for s in sequences], lambda v: v[3] - v[4])
        )
    (none, error), (value, other) = values
    assert abs(none) < 3 * error
    assert value > 5 * other


def test_flow_and_local_charges_imitate_the_signal():
    """f = 0: Delta gamma is more than five errors above zero, the dipole is zero within three."""
    law = transport(0.05, hadrons=0.0, flow=2.0, local_charges=1.0)
    ensemble = events(law, 0.0, 120, 8)
    value, error = batched([event.pairs for event in ensemble], lambda v: v[2])
    assert value > 5 * error
    azimuthal = np.array([event.slices[-1].sum(axis=1) for event in ensemble])
    sines = azimuthal @ np.sin(0.5 * (AZIMUTH_EDGES[1:] + AZIMUTH_EDGES[:-1])) / azimuthal.sum(axis=-1)
    dipole = sines[:, 0] - sines[:, 1]
    assert abs(dipole.mean()) < 3 * dipole.std() / np.sqrt(120)
