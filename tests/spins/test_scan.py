"""The scan: values and errors of chains against exact ones."""

import pytest

from emulant.contracts.study import StudyInputs
from emulant.systems.ising.studies import studies
from emulant.systems.ising.system import from_settings


def test_energy_and_specific_heat_on_exact_lines():
    """Six pulls below 4.5 where errors are right, of size one: false alarm 4e-5."""
    system = from_settings({"beta": 0.44, "shape": [6, 6]})
    settings = {"betas": [0.2, 0.44, 0.7], "chains": 96, "updates": 60}
    table, record = studies["scan"](system, StudyInputs(settings, seed=2))
    assert list(table["observable"].unique()) == ["energy_density", "specific_heat", "order_parameter"]
    solved = table[table["exact"].notna()]
    pulls = (solved["value"] - solved["exact"]) / solved["error"]
    assert len(pulls) == 6 and pulls.abs().max() < 4.5 and (pulls**2).mean() > 0.05
    assert record["largest_pull"] == pytest.approx(pulls.abs().max())
