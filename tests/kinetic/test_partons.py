"""The initial state: neutral events, isotropy, flow along the short axis."""

import dataclasses

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.kinetic.partons import InitialState, flowing, thermal_momenta
from tests.kinetic.gases import gold, off_shell

GOLD = InitialState(gold(8.0), 37.0, 0.3, 0.0, 0.0)


def drawn(seed, **changes):
    return dataclasses.replace(GOLD, **changes).draw(np.random.default_rng(seed))


def test_partons_are_where_t_rento_leaves_entropy():
    """One event by its own random numbers: number, centre, mean squares of 10^5 points of its density, four errors."""
    generator = np.random.default_rng(6)
    states = GOLD.collision.events((0,), int(generator.integers(2**62)))
    matter = drawn(6, partons=2000.0)
    density, spacing = states.densities[0], states.spacing
    assert len(matter) == 2 * round(1000 * states.multiplicity[0])
    middles = spacing * (np.arange(len(density)) - 0.5 * (len(density) - 1))
    for axis in range(2):
        weights = density.sum(axis=1 - axis) / density.sum()
        moments = [weights @ (middles - weights @ middles) ** power for power in (0, 1, 2, 3, 4)]
        expected = (0.0, moments[2] + spacing**2 / 12)
        for power, value, width in ((1, expected[0], moments[2]), (2, expected[1], moments[4])):
            points = matter.position[:, axis] ** power
            assert abs(points.mean() - value) < 4 * np.sqrt(width / len(points))


def test_events_are_neutral_and_flavours_come_in_pairs():
    matter = drawn(1)
    assert matter.charge.sum() == 0 and matter.baryon.sum() == 0
    assert (matter.charge > 0).sum() == (matter.charge < 0).sum() == len(matter) / 2
    assert off_shell(matter) < 1e-15


@pytest.mark.parametrize("fraction", [0.0, 0.3, 1.0])
def test_antiquarks_are_born_beside_their_quarks_as_often_as_wanted(fraction):
    """A binomial number, four errors."""
    matter = drawn(2, local_charges=fraction)
    pairs = len(matter) // 2
    together = (matter.position[:pairs] == matter.position[pairs:]).all(axis=1).mean()
    assert abs(together - fraction) <= 4 * np.sqrt(fraction * (1 - fraction) / pairs)


def test_flow_is_stronger_along_the_short_axis():
    """v_2 of flow alone is positive where the overlap is long in y; it vanishes, within three errors, without."""
    values = {flow: [] for flow in (0.0, 0.5)}
    for flow, moments in values.items():
        for seed in range(40):
            px, py = drawn((3, seed), flow=flow).momentum[:, 1:3].T
            moments.append(np.mean((px**2 - py**2) / (px**2 + py**2)))
    error = np.std(values[0.0]) / np.sqrt(40)
    assert abs(np.mean(values[0.0])) < 3 * error
    assert np.mean(values[0.5]) > 6 * error


def test_boosts_are_lorentz_transformations():
    """An isotropic gas boosted by u has <E> = gamma E_0 and <p> = u E_0, to the errors of 200,000 particles."""
    generator = np.random.default_rng(4)
    momenta, velocity = thermal_momenta(200_000, 0.3, generator), np.array([0.6, -0.3])
    total = flowing(momenta, np.tile(velocity, (len(momenta), 1))).mean(axis=0)
    assert total[0] == pytest.approx(np.sqrt(1 + (velocity**2).sum()) * 0.9, rel=0.01)
    np.testing.assert_allclose(total[1:3], velocity * 0.9, rtol=0.02)


def test_nuclei_that_never_meet_are_one_line():
    with pytest.raises(InputError, match=r"^system: impact: .* these nuclei still meet.* got \[40"):
        gold(40.0).check()
