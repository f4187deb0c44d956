import numpy as np
import pytest

from emulant.errors import InputError
from emulant.initial.cross_section import constituent_spread, partonic_cross_section


@pytest.mark.parametrize(("cross_section", "value"), [(7.0, 16.369648805), (4.23, 6.484793478)])
def test_nucleons_meet_as_often_as_measured(cross_section, value):
    """Solved independently at w = 0.5 fm, and the integral over the plane by a fine sum."""
    sigma = partonic_cross_section(cross_section, 0.5)
    assert sigma == pytest.approx(value, rel=1e-9)
    b = (np.arange(200_000) + 0.5) * 3.0 / 200_000
    probability = 1 - np.exp(-sigma * np.exp(-(b**2) / (4 * 0.25)) / (4 * np.pi * 0.25))
    assert 2 * np.pi * (probability * b).sum() * 3.0 / 200_000 == pytest.approx(cross_section, rel=1e-8)


def test_constituents_as_wide_as_the_nucleon_are_the_nucleon():
    """To 0.5 %, the Monte Carlo error of the solution."""
    sigma = partonic_cross_section(7.0, 0.5, 3, 0.5)
    assert sigma == pytest.approx(partonic_cross_section(7.0, 0.5), rel=5e-3)


def test_lumpy_nucleons_need_denser_ones():
    """1 - exp(-x) is concave: where the overlap fluctuates, less of it counts."""
    assert partonic_cross_section(7.0, 0.5, 3, 0.3) > partonic_cross_section(7.0, 0.5)


def test_constituents_give_the_width_of_the_nucleon():
    """Of m positions shifted to their mean the variance is 1 - 1/m of the drawn one."""
    spread = constituent_spread(0.7, 0.4, 4)
    assert spread**2 * (1 - 1 / 4) + 0.4**2 == pytest.approx(0.7**2)


def test_a_cross_section_that_no_nucleon_has_is_refused():
    with pytest.raises(InputError, match="cross_section"):
        partonic_cross_section(100.0, 0.5)
