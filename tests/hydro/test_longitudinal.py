"""Entropy that longitudinal expansion makes: Bjorken's flow, and the first order of eta/s."""

import numpy as np
import pytest

from emulant.hydro.bjorken import bjorken
from emulant.hydro.chain import spectra_of
from emulant.hydro.conformal import conformal
from emulant.hydro.longitudinal import entropy_growth
from emulant.hydro.sources import DNMR
from emulant.hydro.units import HBARC
from tests.hydro.profiles import lumpy

START, HOT, COLD = 0.6, 0.4, 0.2


def growth(viscosities):
    """Of a conformal gas."""
    matter = conformal()
    entropy = np.interp(HOT, matter.temperature, matter.entropy_column)
    keys = {"start_time": START, "switching_temperature": COLD, "matter": matter}
    return entropy_growth(np.array(viscosities), entropy, **keys)


@pytest.mark.parametrize("viscosity", [0.05, 0.2])
def test_it_is_that_of_bjorkens_flow(viscosity):
    times = np.linspace(START, 8.0, 20001)
    flow = bjorken(times, HOT, viscosity, DNMR)
    end = np.searchsorted(-flow.temperature, -COLD)
    exact = 3 * np.log(flow.temperature[end] / HOT) + np.log(times[end] / START)
    assert growth([viscosity])[0] == pytest.approx(exact, rel=1e-3)


def test_a_little_viscosity_makes_the_entropy_of_the_first_order():
    """(4/3) eta/s integral dtau hbar c / (T tau^2) with the T of an ideal fluid; shear begins at zero: 5 % less at 0.002."""
    viscosity, power = 0.002, 2 / 3
    end = START * (HOT / COLD) ** 3
    first = 4 / 3 * viscosity * HBARC / (HOT * START) / power * (1 - (START / end) ** power)
    assert growth([0.0, viscosity]) == pytest.approx([0.0, first], rel=0.08)


def test_yields_of_events_are_a_parabola_of_it():
    """Between 0, 0.1 and 0.2 the yield at 0.15 follows to 0.05 %, where a parabola of eta/s is three times further off."""
    viscosities = np.array([0.0, 0.1, 0.2, 0.15])
    density = lumpy(32, 0.7, total=900.0)
    keys = {"start_time": 0.6, "switching_temperature": 0.15}
    result = spectra_of(np.stack([density] * 4), spacing=0.7, viscosity=viscosities, time_step=0.15, **keys)
    numbers = np.log(np.sum(result.values[:, 0] * (result.pt * result.pt_weights)[:, None], axis=(1, 2)))
    entropy = (density**2).sum() / density.sum() / 0.6
    missed = [
        abs(np.polyval(np.polyfit(x[:3], numbers[:3], 2), x[3]) - numbers[3])
        for x in (entropy_growth(viscosities, entropy, **keys), viscosities)
    ]
    assert missed[0] < 5e-4 and missed[1] > 3 * missed[0]
