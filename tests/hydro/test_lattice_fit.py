"""The lattice's equation of state against numbers computed from the published formula by another program."""

import numpy as np
import pytest

from emulant.hydro.lattice_fit import hotqcd, scaled_pressure, trace_anomaly
from emulant.hydro.units import HBARC

# T in GeV, P / T^4, (e - 3 P) / T^4, s / T^3, c_s^2.
TABLE = np.array(
    [
        [0.130, 0.44131724, 1.02082261, 2.78609158, 0.160737],
        [0.145, 0.59012413, 1.78246943, 4.14296596, 0.144640],
        [0.150, 0.65598236, 2.10842341, 4.73235284, 0.144685],
        [0.154, 0.71501978, 2.38004928, 5.24012841, 0.146590],
        [0.200, 1.62236273, 4.04755987, 10.53701080, 0.219576],
        [0.300, 3.08190556, 2.95275125, 15.28037347, 0.282254],
        [0.500, 4.16915513, 1.42688678, 18.10350731, 0.313003],
    ]
)


def test_pressure_and_trace_anomaly():
    t, pressure, trace, entropy, _ = TABLE.T
    values = scaled_pressure(t), trace_anomaly(t), trace_anomaly(t) + 4 * scaled_pressure(t)
    assert np.abs(np.array(values) - [pressure, trace, entropy]).max() < 1e-8


@pytest.mark.parametrize("row", TABLE[1:], ids=lambda row: f"{row[0]} GeV")
def test_the_speed_of_sound(row):
    matter = hotqcd()
    low, high = row[0] - 1e-3, row[0] + 1e-3
    change = matter.pressure_at_temperature(high) - matter.pressure_at_temperature(low)
    square = change / (matter.energy_at_temperature(high) - matter.energy_at_temperature(low))
    assert square == pytest.approx(row[-1], abs=2e-4)


def test_below_the_fit_the_gas_is_continuous_and_consistent():
    matter = hotqcd()
    assert np.all(np.diff(matter.entropy_column) > 0)
    assert matter.energy_at_temperature(0.150) == pytest.approx(4.07637048 * 0.15**4 / HBARC**3, rel=1e-6)
