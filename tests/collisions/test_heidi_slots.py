"""Events as tensors and back."""

import numpy as np
import pytest
import torch

from emulant.collisions.species import EMPTY, MASSES
from emulant.families._slots import CHANNELS, Slots


def test_round_trip_is_exact(events):
    slots = Slots.fit(events, margin=0.1)
    assert slots.size == int(np.ceil(events.counts.max() * 1.1))
    cloud = slots.encode(events, torch.float64)
    assert cloud.shape == (len(events), slots.size, CHANNELS)
    back = slots.decode(cloud, events.facts)
    np.testing.assert_array_equal(back.counts, events.counts)
    np.testing.assert_array_equal(back.pdg, events.pdg)
    np.testing.assert_array_equal(back.momenta[:, :3], events.momenta[:, :3])
    np.testing.assert_allclose(back.momenta[:, 3], events.momenta[:, 3], rtol=1e-12)
    assert events.counts[2] == back.counts[2] == 0


def test_identity_is_the_largest_number_and_momenta_are_of_order_one(events):
    slots = Slots.fit(events)
    cloud = slots.encode(events)
    occupied = cloud[..., 3:].argmax(-1) != EMPTY
    assert cloud[occupied][:, :3].std(0).numpy() == pytest.approx(1, abs=0.42)
    assert not cloud[~occupied][:, :3].any()
    noisy = cloud + 0.3 * torch.rand(cloud.shape)
    np.testing.assert_array_equal(slots.decode(noisy).pdg, events.pdg)


def test_saved_slots_are_the_same(events):
    slots = Slots.fit(events)
    assert slots.masses == pytest.approx(tuple(MASSES), abs=1e-6)
    assert Slots.load(slots.tensors()) == slots


def test_too_many_particles_and_foreign_species_are_refused(events):
    slots = Slots(10, (1.0, 1.0, 1.0), tuple(MASSES))
    with pytest.raises(ValueError, match=r"event 0 has \d+ particles, the cloud 10 slots"):
        slots.encode(events)
    foreign = events[:3]
    foreign.pdg[4] = 11
    with pytest.raises(ValueError, match="event 0 has a particle 11, none of the 26 species"):
        Slots(100, (1.0, 1.0, 1.0), tuple(MASSES)).encode(type(events)(*vars_of(foreign)))


def vars_of(events):
    return events.number, events.counts, events.pdg.copy(), events.momenta
