"""Errors of pairs whose inputs come again: those of independent inputs."""

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.judging.measure import measure
from emulant.storage.pairs import INPUTS, Pairs, PairsWriter, open_pairs
from emulant.storage.provenance import provenance
from emulant.systems import measured_observables, system_from
from tests.systems.linear_gaussian.test_system import BLOCK

INPUTS_SHOWN, DRAWS = 400, 16


def write(path, attributes, seed):
    """Draws of the exact posterior, all observations one after another and again."""
    system, rng = system_from(BLOCK), np.random.default_rng(seed)
    observations = system.simulate(system.prior.sample(INPUTS_SHOWN, rng), rng)
    draws = system.posterior(observations, DRAWS, rng).reshape(-1, 2)
    described = provenance(system=system.kind, parameters={}, sampler="exact", seed=seed) | attributes
    with PairsWriter(path, (3,), (2,), attributes=described) as writer:
        writer.append(Pairs(np.tile(observations, (DRAWS, 1)), draws))
    return system


def pull(path, attributes, seed):
    system = write(path, attributes, seed)
    with open_pairs(path) as file:
        measurement = measure(file, system, measured_observables(["parameter_means"], system.kind))
    row = measurement.rows.iloc[0]
    return row["value"] / row["error"], row["samples"]


def test_errors_are_those_of_the_inputs(tmp_path):
    """Pulls of 60 files on the prior's mean have unit variance (chi^2, false alarm 1e-3); without groups more than three."""
    pulls, samples = zip(
        *(pull(tmp_path / "p.h5", {INPUTS: INPUTS_SHOWN}, seed) for seed in range(60)), strict=True
    )
    assert set(samples) == {INPUTS_SHOWN}
    assert 32.0 < np.square(pulls).sum() < 99.6
    apart = [pull(tmp_path / "p.h5", {}, seed)[0] for seed in range(20)]
    assert np.square(apart).mean() > 3


@pytest.mark.parametrize("number", [0, "many"])
def test_a_number_of_inputs_that_is_none(tmp_path, number):
    write(tmp_path / "p.h5", {INPUTS: number}, 1)
    with open_pairs(tmp_path / "p.h5") as file, pytest.raises(InputError, match="positive whole number"):
        _ = file.groups
