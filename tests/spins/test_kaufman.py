"""Kaufman's solution: the published tables digit by digit, derivatives, symmetry of the torus, limits."""

import numpy as np
import pytest

from emulant.spins.kaufman import critical_coupling, spontaneous_magnetisation, square_torus

TABLE = {
    0.1: (-7.03231246279, -7.03231242286, -7.03231242286, -0.2033773911, 0.6828935),
    0.2: (-3.67266776737, -3.67265406164, -3.67265406138, -0.4282288387, 0.6488850),
    0.3: (-2.63590263011, -2.63519833675, -2.63519690319, -0.7045326709, 0.5791997),
    0.4: (-2.21091362345, -2.1995004566, -2.19843336856, -1.131317984, 0.4272730),
    0.44: (-2.13339160253, -2.11636405544, -2.11213185016, -1.447743465, 0.2941931),
    critical_coupling(): (-2.13238821464, -2.11532618792, -2.11106936692, -1.453064853, 0.2918498),
    0.5: (-2.07326818373, -2.05700164402, -2.05293942893, -1.745530669, 0.1557355),
    0.6: (-2.03493877233, -2.02139999082, -2.01801548305, -1.909086175, 0.0673883),
    0.7: (-2.02150278716, -2.00989875129, -2.00699774468, -1.963775612, 0.0322862),
    0.8: (-2.01580176685, -2.00564824357, -2.00310986278, -1.984851331, 0.0166375),
    0.9: (-2.01291168635, -2.00388633243, -2.00162999396, -1.993493518, 0.0093535),
    1.0: (-2.0111787084, -2.00305588987, -2.00102518524, -1.997160204, 0.0058957),
}
"""K -> -ln Z / KV at L = 8, 16, 32, and E/V and S/V at L = 16."""
COUPLINGS = (0.02, 0.3, critical_coupling(), 0.7, 2.0)


@pytest.mark.parametrize("coupling", TABLE)
def test_every_digit_of_the_table(coupling):
    *free, energy, entropy = TABLE[coupling]
    for length, value in zip((8, 16, 32), free, strict=True):
        exact = square_torus(coupling, (length, length))
        assert -exact.value / (coupling * length**2) == pytest.approx(value, abs=6e-12)
    exact = square_torus(coupling, (16, 16))
    assert -exact.slope / 256 == pytest.approx(energy, abs=6e-10)
    assert exact.entropy(coupling) / 256 == pytest.approx(entropy, abs=6e-8)


@pytest.mark.parametrize("coupling", COUPLINGS)
@pytest.mark.parametrize("shape", [(3, 3), (4, 7), (16, 5)])
def test_derivatives_and_the_exchange_of_axes(coupling, shape):
    """Central differences with step 1e-5, whose error is some 1e-10 of the third derivative."""
    low, exact, high = (square_torus(coupling + step, shape) for step in (-1e-5, 0, 1e-5))
    assert exact.slope == pytest.approx((high.value - low.value) / 2e-5, rel=1e-7, abs=1e-6)
    assert exact.curvature == pytest.approx((high.slope - low.slope) / 2e-5, rel=1e-6, abs=1e-5)
    np.testing.assert_allclose(square_torus(coupling, shape[::-1]), exact, rtol=1e-10, atol=1e-9)


def test_nothing_overflows():
    """Both ends: V ln 2 + V K^2 at small K, the two ground states at large K, at L = 256."""
    sites = 256**2
    assert square_torus(1e-4, (256, 256)).value == pytest.approx(sites * (np.log(2) + 1e-8), rel=1e-12)
    assert square_torus(20.0, (256, 256)).value == pytest.approx(np.log(2) + 40 * sites, rel=1e-14)
    assert 0 <= square_torus(20.0, (256, 256)).curvature < 1e-6


def test_the_magnetisation_of_the_infinite_lattice():
    below, above = spontaneous_magnetisation(np.array([0.44, 0.6]))
    # Three terms of the expansion in z = e^-4K: 1 - 2 z^2 - 8 z^3 - 34 z^4 - 152 z^5.
    z = np.exp(-2.4)
    assert below == 0 and above == pytest.approx(1 - 2 * z**2 - 8 * z**3 - 34 * z**4 - 152 * z**5, abs=1e-3)
