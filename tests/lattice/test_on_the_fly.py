import numpy as np
import pytest

from emulant.lattice.on_the_fly import OnTheFly
from emulant.lattice.sampler import Chains
from emulant.lattice.trajectory import Trajectory
from emulant.systems import observables_of
from emulant.systems.phi4.system import Phi4

SHAPE = (6, 4)
OBSERVABLES = observables_of("phi4")


def test_values_are_those_of_all_configurations():
    fields = np.random.default_rng(1).normal(size=(40, *SHAPE))
    run = OnTheFly([OBSERVABLES["susceptibility"], OBSERVABLES["kappa_ratio"]], Phi4(0.2, 0.1, SHAPE))
    for part in np.split(fields, 2):
        run.add(part, np.arange(20))
    magnetisation = fields.mean((1, 2))
    values = run.values()
    assert values["susceptibility"].value[0] == pytest.approx(24 * magnetisation.var())
    fourth, square = (fields**4).mean(), (fields**2).mean()
    assert values["kappa_ratio"].value[0] == pytest.approx(fourth / square**2 - 3)
    assert values["susceptibility"].samples.shape == (20, 1)


def test_errors_account_for_autocorrelation():
    """With chains as blocks, frozen chains have the error of one configuration each."""
    fields = np.random.default_rng(2).normal(size=(64, *SHAPE))
    errors = []
    for repeats in (1, 10):
        run = OnTheFly([OBSERVABLES["field_squared"]], Phi4(0.2, 0.1, SHAPE))
        for _ in range(repeats):
            run.add(fields, np.arange(64))
        errors.append(run.values()["field_squared"].error[0])
    assert errors[0] == pytest.approx(errors[1])


def test_following_chains():
    stream = Chains(SHAPE, 0.2, 0.1, np.zeros((8, *SHAPE)), seed=1)
    run = OnTheFly([OBSERVABLES["magnetisation"]], Phi4(0.2, 0.1, SHAPE))
    run.follow(stream, Trajectory(4, 0.2), sweeps=3, thin=2)
    twin, configurations = Chains(SHAPE, 0.2, 0.1, np.zeros((8, *SHAPE)), seed=1), []
    for _ in range(3):
        twin.advance(Trajectory(4, 0.2), 2)
        configurations.append(twin.fields)
    assert run.sweeps == 3
    assert run.values()["magnetisation"].value[0] == pytest.approx(
        np.mean(configurations, dtype=float), abs=1e-7
    )
