"""Free energies without models: XY by integration and series, ground states of the triangular antiferromagnet."""

import numpy as np
import pytest
import torch

from emulant.contracts.family import Samples
from emulant.contracts.study import StudyInputs
from emulant.errors import InputError
from emulant.spins.angles import energy, high_temperature
from emulant.spins.transfer_matrix import log_partition
from emulant.statistics.weights import minus_log_mean
from emulant.systems.ising.studies import WANNIER
from emulant.systems.ising.studies import studies as ising_studies
from emulant.systems.ising.system import from_settings as ising
from emulant.systems.xy.studies import studies as xy_studies
from emulant.systems.xy.system import from_settings as xy


def test_integration_of_the_energy():
    """On 6 x 6 at beta = 0.25 and 0.5: uniform angles and the series agree within 4.5 errors (2e-5 for three tests)."""
    system = xy({"beta": 0.5, "shape": [6, 6]})
    settings = {"betas": [0.5, 0.25], "chains": 64, "updates": 60}
    table = xy_studies["integration"](system, StudyInputs(settings, seed=1)).table
    assert table["beta"].tolist() == [0.25, 0.5]
    uniform = 2 * np.pi * np.random.default_rng(2).random((40000, 6, 6))
    for row in table.itertuples():
        exact, error = minus_log_mean(-row.beta * energy(uniform))
        assert abs(row.minus_log_z - exact) < 4.5 * np.hypot(row.minus_log_z_error, error)
    first = table.iloc[0]
    # The next orders of the series, and loops around the torus, are below u^6 times the volume: 2e-6 times 36.
    assert abs(first["minus_log_z"] - first["series"]) < 4.5 * first["minus_log_z_error"] + 36 * 2e-5
    assert high_temperature(0.4) == pytest.approx(0.0824, abs=2e-4)


class Oracle:
    """A model whose weights are those of a given -ln Z."""

    def __init__(self, system, log_z):
        self.system, self.log_z = system, log_z

    def sample(self, count, generator):
        spins = torch.ones(count, *self.system.site_shape, dtype=torch.int8)
        return Samples(spins, log_q=-self.system.action(spins) - self.log_z)


def test_ground_states_are_extrapolated():
    """With ln Z of 12 x 12 such that 1/L^2 leads to Wannier's value; the exact 6 x 6 has more for each site."""
    system = ising({"beta": 4.0, "coupling": -1.0, "lattice": "triangular", "shape": [12, 12]})
    few = log_partition(-4.0, (6, 6), "triangular").value / 36 - 4.0
    log_z = 144 * (4.0 + WANNIER + (few - WANNIER) / 4)
    inputs = StudyInputs({"samples": 64}, 1, None, {"m": Oracle(system, log_z)})
    table = ising_studies["ground_states"](system, inputs).table
    assert table["side"].tolist() == [6.0, 12.0, np.inf]
    assert table["entropy"].iloc[0] == pytest.approx(few) and few > WANNIER + 0.01
    assert table["entropy"].iloc[2] == pytest.approx(WANNIER, abs=1e-9)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"shape": [9, 9]}, "even multiple of 3"),
        ({"shape": [12, 18]}, "even multiple of 3"),
        ({"lattice": "square"}, "triangular"),
        ({"beta": 1.0}, "at most -3"),
    ],
)
def test_what_ground_states_need(changed, words):
    block = {"beta": 4.0, "coupling": -1.0, "lattice": "triangular", "shape": [12, 12]}
    with pytest.raises(InputError, match=words) as caught:
        ising_studies["ground_states"](ising(block | changed), StudyInputs({"samples": 64}, 1))
    assert "\n" not in str(caught.value)
