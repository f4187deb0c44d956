"""Expansion with collisions: free streaming exactly, response to the shape against opacity."""

import numpy as np
import pytest
from scipy.integrate import quad

from emulant.errors import InputError
from emulant.kinetic.cascade import Stage, stream_freely
from emulant.kinetic.draws import stream_of
from emulant.kinetic.partons import thermal_momenta
from tests.kinetic.gases import ECCENTRICITY, ellipse, neutral, off_shell

START, END = 0.4, 12.0
TABLE = {0.02: (0.550, 0.0293, 0.0020), 0.1: (2.851, 0.1023, 0.0031), 0.3: (8.786, 0.1667, 0.0035)}
"""Cross section in fm^2 -> collisions of a parton, v_2 / epsilon and its error, of a cascade that tried pairs of a cell in
steps of 0.1 fm: 600 events of 2000 partons in the ellipse of `gases`."""


def stage(cross_section, step=0.1):
    return Stage(cross_section, step, 1.0, "parton_cross_section")


def stream(seed):
    return stream_of(np.random.SeedSequence(seed))


def pressure_ratio(a):
    """P_L / P_T of massless matter that was isotropic at a proper time a times the present one, a < 1."""

    def s(c):
        return np.sqrt(1 - (1 - a * a) * c * c)

    return quad(lambda c: a * a * c * c / s(c), 0, 1)[0] / quad(lambda c: (1 - c * c) / (2 * s(c)), 0, 1)[0]


def elliptic(matter):
    squares = matter.momentum[:, 1:3] ** 2
    return np.mean((squares[:, 0] - squares[:, 1]) / squares.sum(axis=1))


def response(cross_section, events, seed):
    """v_2 / epsilon with its error, from the change of each event, and collisions of a parton."""
    changes, collisions = [], 0
    for event in range(events):
        matter = ellipse(2000, np.random.default_rng((seed, event)))
        before = elliptic(matter)
        collisions += stage(cross_section).evolve(matter, START, END, stream((seed, event)))
        changes.append(elliptic(matter) - before)
    value, error = np.mean(changes), np.std(changes) / np.sqrt(events)
    return value / ECCENTRICITY, error / ECCENTRICITY, 2 * collisions / (2000 * events)


@pytest.mark.parametrize(
    ("ratio", "exact"), [(2.5, 0.21963110), (5, 0.06448386), (10, 0.01779862), (30, 0.00213260)]
)
def test_pressures_of_free_streaming_are_exact(ratio, exact):
    """Three errors, over batches, of p_z^2 / E against p_T^2 / 2 E in one sample of 40,000."""
    assert pressure_ratio(1 / ratio) == pytest.approx(exact, abs=1e-8)
    matter = neutral(np.zeros((40_000, 2)), thermal_momenta(40_000, 0.3, np.random.default_rng(1)))
    stage(0.0).evolve(matter, START, ratio * START, stream(2))
    e, px, py, pz = matter.momentum.T
    batches = (pz**2 / e / np.mean((px**2 + py**2) / 2 / e)).reshape(40, -1).mean(axis=1)
    assert abs(batches.mean() - exact) < 3 * batches.std() / np.sqrt(40)


def test_without_collisions_transverse_momenta_stay_and_paths_are_straight():
    matter = ellipse(1000, np.random.default_rng(3))
    before, position = matter.momentum.copy(), matter.position.copy()
    assert stage(0.0).evolve(matter, START, END, stream(4)) == 0
    np.testing.assert_array_equal(matter.momentum[:, 1:3], before[:, 1:3])
    np.testing.assert_allclose(matter.momentum[:, 3], before[:, 3] * START / END, rtol=1e-12)
    moved = matter.position - position
    np.testing.assert_allclose(moved[:, 0] * before[:, 2], moved[:, 1] * before[:, 1], atol=1e-12)
    # With p_z = 0 they move at the speed of light.
    flat = before.copy()
    flat[:, 3], flat[:, 0] = 0, np.hypot(before[:, 1], before[:, 2])
    stream_freely(position, flat, matter.mass, 1.0, 2.0)
    np.testing.assert_allclose(np.linalg.norm(flat[:, 1:3], axis=1), flat[:, 0])


def test_a_particle_goes_as_far_as_its_velocity_says():
    """x = p_T integral of dtau / sqrt(p_T^2 + p_z^2 tau_0^2 / tau^2), in steps of a tenth of ln tau to a thousandth."""
    momentum = np.array([[np.sqrt(2.0), 1.0, 0.0, 1.0]])
    matter = neutral(np.zeros((1, 2)), momentum)
    stage(0.0).evolve(matter, START, END, stream(5))
    exact = quad(lambda tau: 1 / np.sqrt(1 + (START / tau) ** 2), START, END)[0]
    assert matter.position[0, 0] == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize(("cross_section", "events"), [(0.02, 500), (0.1, 300), (0.3, 150)])
def test_flow_against_opacity(cross_section, events):
    """Within three combined errors of TABLE, false alarm 0.3 % each; collisions of a parton to 2 % (steps differ)."""
    collisions, expected, error = TABLE[cross_section]
    value, own_error, number = response(cross_section, events, 6)
    assert number == pytest.approx(collisions, rel=0.02)
    assert abs(value - expected) < 3 * np.hypot(error, own_error)


def test_rare_collisions_make_flow_in_proportion_to_their_number():
    """v_2 / epsilon = 0.061(3) a collision in the single-hit limit, from fits of 0.061 N / (1 + N / 3.9); three errors."""
    value, error, number = response(0.01, 500, 7)
    assert number < 0.3
    slope = 0.061 / (1 + number / 3.9)
    assert abs(value / number - slope) < 3 * np.hypot(error / number, 0.003)


def test_momentum_stays_and_expansion_takes_energy():
    matter = ellipse(2000, np.random.default_rng(8))
    before = matter.momentum.sum(axis=0)
    stage(0.3).evolve(matter, START, END, stream(9))
    after = matter.momentum.sum(axis=0)
    assert np.abs(after[1:3] - before[1:3]).max() < 1e-12 * before[0]
    assert after[3] == pytest.approx(before[3] * START / END, abs=1e-12 * before[0])
    assert after[0] < before[0]
    assert off_shell(matter) < 1e-14


def test_a_step_of_many_mean_free_paths_is_one_line():
    matter = ellipse(2000, np.random.default_rng(10))
    with pytest.raises(
        InputError, match=r"^system: parton_cross_section: expected at most [\d.]+ fm\^2 .* got 50"
    ):
        stage(50.0).evolve(matter, START, END, stream(11))
