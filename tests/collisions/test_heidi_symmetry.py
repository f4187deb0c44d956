"""Which images of events are as likely as they are."""

import numpy as np
import pytest

from emulant.families._slots import masses_in
from emulant.families.heidi.gaussian import KindMaps
from emulant.families.heidi.kinds import KINDS, TURNED
from emulant.families.heidi.symmetry import Symmetry

from .conftest import collision, stand_in

GOLD = (197, 79)


@pytest.fixture(scope="module")
def events():
    return stand_in()


def test_equal_nuclei_have_both(events):
    assert Symmetry.of(events, collision()) == Symmetry(mirror=True, half_turn=True)
    assert Symmetry.of(events, None) == Symmetry(mirror=True, half_turn=False)
    assert Symmetry.of(stand_in(projectile=GOLD), collision(GOLD)) == Symmetry(mirror=True, half_turn=False)


@pytest.mark.parametrize(
    ("axis", "expected"),
    [(0, Symmetry(mirror=True, half_turn=False)), (1, Symmetry(mirror=False, half_turn=True))],
)
def test_an_acceptance_of_one_side_across_has_what_it_leaves(events, axis, expected):
    assert Symmetry.of(events.where(events.momenta[:, axis] > 0), collision()) == expected


def test_an_acceptance_of_one_side_along_the_beam_has_no_half_turn(events):
    accepted = events.where(events.rapidity > -0.5)
    assert Symmetry.of(accepted, collision()) == Symmetry(mirror=True, half_turn=False)


def test_images():
    images = {tuple(signs) for signs in Symmetry(mirror=True, half_turn=True).images}
    assert images == {(1, 1, 1), (1, -1, 1), (-1, 1, -1), (-1, -1, -1)}
    assert len(Symmetry(mirror=False).images) == 1


def test_maps_of_turned_events_are_turned(events):
    """Rapidities of a kind are minus those of the turned kind; v_1 is odd and v_2 even in rapidity."""
    maps = KindMaps.fit(events, masses_in(events), half_turn=True)
    common = [0, 1, 18, 19, 20, *range(26, KINDS)]
    np.testing.assert_allclose(maps.rapidity, -maps.rapidity[TURNED][:, :, ::-1], atol=0.05)
    for kind in common:
        np.testing.assert_allclose(maps.pt[kind], maps.pt[TURNED[kind]], atol=1e-12)
    directed = maps.flow[common][:, :12].reshape(len(common), 2, 6)
    assert np.abs(directed[:5, :, ::2]).max() < 0.02
    elliptic = maps.flow[common][:, 12:].reshape(len(common), 2, 5)
    assert np.abs(elliptic[:5, :, 1::2]).max() < 0.02
