"""Halving a closed chain: every point once, each between two that are there."""

import pytest

from emulant.transport.bisection import bisection


@pytest.mark.parametrize("points", [2, 3, 8, 20, 37, 100])
def test_every_point_is_the_middle_of_one_gap(points):
    drawn = {0}
    for level in bisection(points):
        for left, middle, right, before, after in zip(*level, strict=True):
            assert {left, right % points} <= drawn and middle not in drawn
            assert middle == left + before and (middle + after) % points == right
            # No point between the ends is there.
            assert not drawn & set(range(left + 1, left + before + after))
        drawn |= set(level.middle.tolist())
    assert drawn == set(range(points))
