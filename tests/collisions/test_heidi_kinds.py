"""Cold nucleons as kinds of their own."""

import numpy as np
import pytest

from emulant.collisions.events import Events
from emulant.families.heidi.kinds import COLD, KINDS, TURNED, beam_rapidity, kind_counts, kinds_of

from .conftest import collision, stand_in


@pytest.fixture(scope="module")
def events():
    return stand_in()


def turned(events):
    return Events(events.number, events.counts, events.pdg, events.momenta * [-1, 1, -1, 1], events.facts)


def test_beam_rapidity(events):
    """Of 10 GeV a nucleon on a nucleon at rest, gamma^2 = 1 + 10 / (2 m)."""
    assert beam_rapidity(events) == pytest.approx(np.arccosh(np.sqrt(1 + 10 / 2 / 0.9389)), rel=1e-3)
    assert beam_rapidity(events, collision()) == pytest.approx(beam_rapidity(events), rel=1e-3)
    part = events.where(np.abs(events.rapidity) < 0.7)
    assert beam_rapidity(part, collision()) == beam_rapidity(events, collision()), (
        "an acceptance does not change the beam"
    )
    assert beam_rapidity(events.where(np.abs(events.pdg) < 1000)) == 0


def test_spectators_are_cold_and_few_others(events):
    """Those of the stand-in fly straight on; each has the kind of its charge and direction."""
    kinds = kinds_of(events, beam_rapidity(events))
    spectator = (events.pt == 0) & np.isin(events.pdg, (2212, 2112))
    assert spectator.sum() == events.facts["spectators"].sum() > 1000
    expected = COLD[2 * (events.pdg == 2112) + (events.momenta[:, 2] < 0)]
    np.testing.assert_array_equal(kinds[spectator], expected[spectator])
    assert (kinds[~spectator] >= COLD[0]).mean() < 0.02
    others = kinds < COLD[0]
    np.testing.assert_array_equal(kinds[others], events.species[others])
    np.testing.assert_array_equal(kinds_of(events, 0.0), events.species)


def test_half_a_turn_exchanges_the_kinds(events):
    beam = beam_rapidity(events)
    np.testing.assert_array_equal(kinds_of(turned(events), beam), TURNED[kinds_of(events, beam)])
    np.testing.assert_array_equal(TURNED[TURNED], np.arange(KINDS))


def test_counts_of_kinds(events):
    counts = kind_counts(kinds_of(events, beam_rapidity(events)), events)
    np.testing.assert_array_equal(counts.sum(axis=1), events.counts)
    assert counts.shape == (len(events), KINDS)
