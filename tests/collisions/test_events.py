"""Events in memory: kinematics and sums by hand."""

import numpy as np
import pytest

from emulant.collisions.events import Events, concatenated, on_shell


def two_events():
    pdg = np.array([2212, -211, 2112])
    momenta = on_shell(
        np.array([[3.0, 4.0, 0.0], [0.0, -0.3, 0.4], [0.0, 0.0, -1.0]]), np.array([0.938, 0.14, 0.94])
    )
    return Events(
        np.array([7, 8, 9]), np.array([2, 0, 1]), pdg, momenta, {"impact_parameter": np.array([1.0, 2, 3])}
    )


def test_kinematics():
    events = two_events()
    np.testing.assert_allclose(events.pt, [5, 0.3, 0])
    np.testing.assert_allclose(events.phi[:2], [np.arctan2(4, 3), -np.pi / 2])
    energy = np.sqrt(0.25 + 0.14**2)
    np.testing.assert_allclose(events.rapidity[1], 0.5 * np.log((energy + 0.4) / (energy - 0.4)))
    np.testing.assert_allclose(events.eta, [0, np.arctanh(0.8), -np.inf])


def test_sums_over_events_where_one_is_empty():
    events = two_events()
    np.testing.assert_array_equal(events.owner, [0, 0, 2])
    np.testing.assert_allclose(events.sums(events.momenta[:, :3]), [[3, 3.7, 0.4], [0, 0, 0], [0, 0, -1]])
    np.testing.assert_array_equal(events.sums(events.charges), [[1, 0, 0], [0, 0, 0], [1, 0, 0]])
    np.testing.assert_array_equal(events.sums(), [2, 0, 1])


def test_sums_without_any_particle_are_zero():
    nothing = two_events().where(np.zeros(3, bool))
    np.testing.assert_array_equal(nothing.sums(nothing.pt), np.zeros(3))
    np.testing.assert_array_equal(nothing.sums(nothing.momenta), np.zeros((3, 4)))


def test_parts_of_events():
    events = two_events()
    charged = events.where(events.charges[:, 1] != 0)
    assert charged.counts.tolist() == [2, 0, 0]
    last = events[1:]
    assert (last.number.tolist(), last.pdg.tolist(), last.facts["impact_parameter"].tolist()) == (
        [8, 9],
        [2112],
        [2, 3],
    )
    assert len(events[2:1]) == 0
    again = concatenated([events[:1], last])
    np.testing.assert_array_equal(again.momenta, events.momenta)
    np.testing.assert_array_equal(again.counts, events.counts)


def test_boosts_shift_rapidity():
    """An exact property of the definition: y -> y + artanh(beta)."""
    events, beta = two_events(), 0.6
    px, py, pz, energy = events.momenta.T
    gamma = 1 / np.sqrt(1 - beta**2)
    boosted = np.column_stack([px, py, gamma * (pz + beta * energy), gamma * (energy + beta * pz)])
    moved = Events(events.number, events.counts, events.pdg, boosted)
    np.testing.assert_allclose(moved.rapidity - events.rapidity, np.arctanh(beta))


def test_arrays_that_do_not_fit():
    with pytest.raises(ValueError, match="shapes"):
        Events(np.arange(2), np.array([1, 1]), np.array([211]), np.zeros((2, 4)))
    with pytest.raises(ValueError, match="2 entries"):
        Events(
            np.arange(2),
            np.zeros(2, int),
            np.zeros(0, int),
            np.zeros((0, 4)),
            {"impact_parameter": np.zeros(3)},
        )
