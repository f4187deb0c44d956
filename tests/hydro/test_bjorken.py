"""Longitudinal expansion: our solution against an independent one, and the scheme against it."""

import numpy as np
import pytest

from emulant.hydro.bjorken import bjorken
from emulant.hydro.conformal import conformal
from emulant.hydro.matter import Matter
from emulant.hydro.numba_fluid import NumbaFluid
from emulant.hydro.sources import DNMR, ISRAEL_STEWART
from emulant.hydro.state import at_rest
from tests.hydro.profiles import UNLIMITED

TIMES = np.array([0.6, 1.0, 2.0, 5.0, 10.0])
# T in GeV, phi / P and P_L / P_T at 1, 2, 5 and 10 fm from T = 0.5 GeV at 0.6 fm; another program.
TABLE = {
    (0.08, ISRAEL_STEWART): (
        [0.42429184, 0.34007709, 0.25245888, 0.20101701],
        [0.19716614, 0.13441210, 0.06965928, 0.04302267],
        [0.73079030, 0.81107852, 0.89902790, 0.93682497],
    ),
    (0.08, DNMR): (
        [0.42415726, 0.33973072, 0.25211598, 0.20072858],
        [0.18304049, 0.12629235, 0.06755387, 0.04225040],
        [0.74846024, 0.82181328, 0.90198001, 0.93793552],
    ),
    (0.2, ISRAEL_STEWART): (
        [0.42537016, 0.34485495, 0.25915683, 0.20738427],
        [0.33906599, 0.34223473, 0.18176395, 0.10861359],
        [0.56512643, 0.56165615, 0.75006835, 0.84547156],
    ),
    (0.2, DNMR): (
        [0.42513253, 0.34378502, 0.25778502, 0.20618226],
        [0.30731349, 0.29769293, 0.16730743, 0.10382172],
        [0.60042687, 0.61131500, 0.76841205, 0.85195269],
    ),
}


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_the_solution_is_that_of_another_program(case):
    solution = bjorken(TIMES, 0.5, *case)
    values = np.array([solution.temperature, solution.stress, solution.anisotropy])[:, 1:]
    assert np.abs(values - TABLE[case]).max() < 1e-8


def test_an_ideal_fluid_cools_with_the_cube_root_of_time():
    assert bjorken(TIMES, 0.5, 0.0, DNMR).temperature[-1] == pytest.approx(0.19574338, abs=1e-8)


@pytest.mark.parametrize("viscosity, coupling", [(0.0, DNMR), *TABLE], ids=str)
def test_the_scheme_follows_it(viscosity, coupling):
    """Uniform matter: T, phi / P and P_L / P_T to 10^-4 at 2 fm in steps of 0.01 fm."""
    matter, step = conformal(), 0.01
    energy = np.full((1, 8, 8), matter.energy_at_temperature(0.5))
    fluid = NumbaFluid(Matter(matter.table, viscosity, coupling, UNLIMITED), 0.5)
    state = fluid.start(*at_rest(energy, 3 if viscosity == 0 else 6), 0.6)
    for _ in range(140):
        state = fluid.advance(state, step)
    exact = bjorken(np.array([0.6, state.time]), 0.5, viscosity, coupling)
    cell = np.pad(state.interior[0, :, 4, 4], (0, 6 - state.interior.shape[1]))
    temperature = matter.temperature_at_energy(cell[0])
    # pi^xx = pi^yy = phi / 2.
    stress = 2 * cell[3] / (cell[0] / 3)
    anisotropy = (1 - stress) / (1 + stress / 2)
    assert np.abs(cell[1:3]).max() < 1e-12
    assert temperature == pytest.approx(exact.temperature[-1], rel=1e-4)
    assert stress == pytest.approx(exact.stress[-1], abs=1e-4)
    assert anisotropy == pytest.approx(exact.anisotropy[-1], abs=1e-4)
