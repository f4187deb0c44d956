"""Equations of state: thermodynamics of the table, and what a user's own must be."""

import numpy as np
import pytest
import torch

from emulant.errors import InputError
from emulant.hydro.conformal import conformal
from emulant.hydro.equation_of_state import EquationOfState
from emulant.hydro.lattice_fit import hotqcd
from emulant.hydro.table import pressure_and_speed, temperature


def tensors(table):
    return table._replace(
        **{name: torch.as_tensor(getattr(table, name)) for name in ("pressure", "temperature", "speed")}
    )


@pytest.mark.parametrize("matter", [hotqcd(), conformal()], ids=lambda matter: matter.name)
def test_the_table_gives_back_the_columns(matter):
    inside = (matter.temperature > 0.14) & (matter.temperature < 0.7)
    energy = torch.as_tensor(matter.energy[inside])
    pressure, _ = pressure_and_speed(tensors(matter.table), energy)
    assert np.allclose(pressure.numpy(), matter.pressure[inside], rtol=3e-6)
    assert np.allclose(
        temperature(tensors(matter.table), energy).numpy(), matter.temperature[inside], rtol=3e-6
    )


def test_entropy_and_energy_are_inverse_of_each_other():
    matter = hotqcd()
    assert np.allclose(matter.energy_at_entropy(matter.entropy_column), matter.energy, rtol=1e-10)
    assert matter.energy_at_entropy(np.zeros(1)) == 0


def test_of_a_conformal_gas_entropy_is_the_power_three_quarters():
    matter = conformal()
    assert matter.energy_at_entropy(np.array([16.0])) / matter.energy_at_entropy(
        np.array([2.0])
    ) == pytest.approx(16)


def rows(exponent=4.0, scale=1.0):
    """P = T^exponent, e = (exponent - 1) P."""
    t = np.linspace(0.1, 0.6, 200)
    return np.column_stack([t, t**exponent, scale * (exponent - 1) * t**exponent])


def test_a_users_table_is_taken():
    assert EquationOfState.of_rows("mine", rows()).table.speed[100] == pytest.approx(1 / 3, abs=1e-3)


@pytest.mark.parametrize(
    "table, words",
    [
        (rows()[::-1], "temperature: expected positive numbers that ascend"),
        (rows()[:, :2], "three columns"),
        (rows(scale=1.3), "dP = s dT"),
        (rows(exponent=2.2), "slower than light, got 0.833"),
        (np.where(np.arange(200)[:, None] == 7, np.nan, rows()), "positive numbers that ascend"),
    ],
)
def test_a_wrong_table_is_refused_in_one_line(table, words):
    with pytest.raises(InputError, match=words) as error:
        EquationOfState.of_rows("mine", table)
    assert "\n" not in str(error.value)
