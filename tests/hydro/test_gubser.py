"""Gubser's flow: our solution against an independent one, and the scheme against it at two resolutions."""

import numpy as np
import pytest

from emulant.hydro.gubser import Gubser
from emulant.hydro.sources import DNMR, ISRAEL_STEWART
from tests.hydro.profiles import gubser_errors

# tau, r, rho, u^r; hat T / tau of the ideal fluid; of Israel and Stewart and of DNMR with its hat pi. q = 1 / fm,
# hat T(0) = 1.2, eta/s = 0.2, from another program with a relative tolerance of 10^-12.
TABLE = np.array(
    [
        [1.0, 0.5, -0.12467675, 0.49613894, 1.19381432, 1.19381764, 0.00217405, 1.19381765, 0.00217815],
        [1.0, 3.0, -2.20934771, 0.65079137, 0.43323972, 0.50174947, 0.52568427, 0.52247142, 0.72537883],
        [1.2, 2.0, -1.18548251, 1.11798547, 0.67858477, 0.69295929, 0.22861777, 0.69459656, 0.26726051],
        [1.5, 1.0, 0.08323718, 0.99654576, 0.79815668, 0.79815709, 0.00089278, 0.79815709, 0.00089351],
        [2.0, 0.0, 0.69314718, 0.0, 0.51706433, 0.51800155, 0.04639744, 0.51803212, 0.04867737],
        [2.0, 3.0, -1.19476322, 1.66410059, 0.40506383, 0.41388915, 0.23190141, 0.41490883, 0.27163871],
        [3.0, 2.0, 0.62514512, 1.66410059, 0.35385585, 0.35429886, 0.03906513, 0.35431084, 0.04065540],
    ]
)
DIGITS = 1e-8


@pytest.mark.parametrize(
    "viscosity, coupling, columns", [(0.0, DNMR, (4,)), (0.2, ISRAEL_STEWART, (5, 6)), (0.2, DNMR, (7, 8))]
)
def test_the_solution_is_that_of_another_program(viscosity, coupling, columns):
    flow, (tau, r) = Gubser(1.2, viscosity, coupling), TABLE[:, :2].T
    values = [flow.rho(tau, r), flow.radial_flow(tau, r), *flow.temperature_and_stress(tau, r)]
    wanted = TABLE[:, [2, 3, *columns]].T
    assert np.abs(np.array(values[: len(wanted)]) - wanted).max() < DIGITS


def test_the_fields_are_a_traceless_tensor_of_the_rest_frame():
    """In a frame at rest pi^rr = pi^phiphi = -pi^eta eta / 2, which boosts to pi^xx on the x axis as (1 + u^2)."""
    flow = Gubser(1.2, 0.2, DNMR)
    energy, u, v, xx, xy, yy = flow.fields(1.5, np.array([2.0]), np.array([0.0]))
    assert v == 0 and xy == 0
    assert xx / yy == pytest.approx(1 + u**2, rel=1e-12)
    _, stress = flow.temperature_and_stress(np.array([1.5]), np.array([2.0]))
    assert yy / (energy * 4 / 3) == pytest.approx(-stress / 2, rel=1e-12)


@pytest.mark.parametrize("viscosity, coupling", [(0.0, DNMR), (0.2, ISRAEL_STEWART), (0.2, DNMR)])
def test_the_scheme_converges_to_it(viscosity, coupling):
    """From 1 to 2 fm on grids of 0.2 and 0.1 fm.

    pi^{ij} is in the frame of the grid, where u^2 = 4 enlarges it. All are of second order.
    """
    coarse, fine = (gubser_errors(viscosity, coupling, spacing) for spacing in (0.2, 0.1))
    assert np.all(fine < np.array([0.005, 0.0025, 0.002, 0.002])[: len(fine)])
    assert np.all(np.log2(coarse / fine) > 2)
