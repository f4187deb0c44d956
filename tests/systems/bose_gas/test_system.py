"""The Bose gas as a system: complex Langevin at two chemical potentials against the transfer matrix."""

import numpy as np
import pandas as pd
import pytest

from emulant.judging.measure import measure
from emulant.storage.ensemble import open_ensemble
from emulant.systems import measured_observables
from emulant.systems.bose_gas.langevin import langevin
from emulant.systems.bose_gas.reference import FALSE_ALARM, imaginary_parts
from emulant.systems.bose_gas.silver_blaze import silver_blaze
from emulant.systems.bose_gas.system import from_settings
from tests.references import sample_reference

SETTINGS = {"kind": "bose_gas", "mass": 1.0, "lambda": 1.0, "shape": [6], "mu": [0.4, 0.9]}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """What is measured of 128 walkers, and the system."""
    system, file = from_settings(SETTINGS), tmp_path_factory.mktemp("bose") / "reference.h5"
    settings = {"sampler": "complex_langevin", "samples": 128, "langevin_time": 40.0}
    record = sample_reference(system, file, settings=settings, seed=3, checkpoint=file.with_suffix(".npz"))
    assert record["trusted"] and record["trusted_0.9"] and len(record["identities"]) == 6
    with open_ensemble(file, site_shape=system.site_shape) as ensemble:
        assert ensemble.read().shape == (128, 2, 4, 6)
        measured = measure(ensemble, system, measured_observables(None, system.kind), lambda *_: None).rows
    return system, measured.set_index(["observable", "index"])


def test_every_observable_is_that_of_the_transfer_matrix(rows):
    """12 pulls below 4.2. False alarm: 3e-4."""
    system, measured = rows
    table = pd.DataFrame(silver_blaze(SETTINGS["mu"], [6], mass=1.0, coupling=1.0)).assign(method="worldline")
    exact = system.exact_values() + system.simulated_values(table)
    assert len(exact) == len(measured) == 12
    for row in exact:
        mine = measured.loc[(row["observable"], row["index"])]
        assert abs(mine["value"] - row["value"]) < 4.2 * np.hypot(mine["error"], row["error"])


def test_the_density_grows_with_mu(rows):
    _, measured = rows
    low, high = (measured.loc[("charge_density", k)] for k in (1, 2))
    assert high["value"] - low["value"] > 5 * np.hypot(low["error"], high["error"])


def test_an_imaginary_part_that_strayed_walkers_carry_is_not_trusted():
    """Three of 128 walkers far off, in one sense: 1.7 ordinary errors, which widen with them."""
    run = langevin(from_settings(SETTINGS).gases[0], 128, 10.0, seed=1)
    assert not any(result.failures(FALSE_ALARM) for result in imaginary_parts(run).values())
    run.averages[:3, 0] += 50j
    density = run.averages[:, 0].imag
    assert density.mean() < 2 * density.std(ddof=1) / np.sqrt(len(density))
    assert imaginary_parts(run)["charge_density"].failures(FALSE_ALARM) == ["mean", "worst"]
