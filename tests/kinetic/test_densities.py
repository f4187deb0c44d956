"""Densities of charges in p_T and azimuth."""

import numpy as np
import pytest

from emulant.kinetic.densities import CELL, charge_density
from emulant.kinetic.partons import thermal_momenta
from tests.kinetic.gases import ellipse, neutral


def test_densities_count_every_charge_once():
    matter = neutral(np.zeros((1000, 2)), thermal_momenta(1000, 1.0, np.random.default_rng(12)))
    density = charge_density(matter)
    assert density.sum() * CELL == pytest.approx(len(matter))
    matter.charge[:] = np.where(matter.charge > 0, 1, 0)
    assert charge_density(matter)[1].sum() == 0


def test_half_a_turn_shifts_the_density():
    matter = ellipse(1000, np.random.default_rng(13))
    density = charge_density(matter)
    matter.momentum[:, 1:3] *= -1
    np.testing.assert_allclose(charge_density(matter), np.roll(density, 12, axis=2))
