"""Nuclei that exist and meet."""

import pytest

from emulant.collisions.nuclei import nucleus_exists, touching_distance


@pytest.mark.parametrize(
    "nucleus", [(197, 79), (208, 82), (238, 92), (63, 29), (12, 6), (2, 1), (1, 1), (1, 0)]
)
def test_nuclei_of_experiments_exist(nucleus):
    assert nucleus_exists(*nucleus)


@pytest.mark.parametrize("nucleus", [(197, 97), (79, 197), (4, 0), (5000, 100)])
def test_others_do_not(nucleus):
    assert not nucleus_exists(*nucleus)


def test_gold_touches_where_urqmds_own_table_ends():
    """15.26 fm is the bdist that chromo sets for Au+Au."""
    assert touching_distance(197, 197) == pytest.approx(15.26, abs=0.01)
