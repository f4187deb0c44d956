"""The initial state: neutral events, isotropy, flow along the short axis."""

import dataclasses

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.kinetic.partons import InitialState, flowing, thermal_momenta
from tests.kinetic.gases import off_shell

LEAD = InitialState((197, 79), (197, 79), (8.0, 8.0), 4.2, 14.0, 0.3, 0.0, 0.0)


def drawn(seed, **changes):
    return dataclasses.replace(LEAD, **changes).draw(np.random.default_rng(seed))


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
    with pytest.raises(InputError, match=r"^system: impact: .* no participants"):
        drawn(5, impact=(40.0, 41.0))
    with pytest.raises(InputError, match="system: impact"):
        dataclasses.replace(LEAD, impact=(40.0, 41.0)).check()
    with pytest.raises(InputError, match=r"system: projectile: .*known nucleus"):
        dataclasses.replace(LEAD, projectile=(197, 190)).check()
