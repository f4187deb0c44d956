"""Samplers of U(1): equilibrium by the Markov driver, and chains whose charge is frozen write nothing."""

from functools import partial

import numpy as np
import pytest

from emulant.errors import InputError
from emulant.markov.driver import equilibrium
from emulant.markov.thermalisation import NotEquilibrated
from emulant.storage.ensemble import open_ensemble
from emulant.systems.u1.reference import samplers
from emulant.systems.u1.system import U1
from tests.references import sample_reference


def written(system, folder, **block):
    settings = {"samples": 1024, "chains": 64} | block
    record = sample_reference(system, folder / "reference.h5", settings=settings, seed=3)
    with open_ensemble(folder / "reference.h5") as ensemble:
        return record, ensemble.read(), ensemble.chain[:]


def test_hybrid_monte_carlo_with_shifts(tmp_path):
    """<Q^2> and the plaquette within 5 errors of 64 chain means: false alarm 1e-5."""
    system = U1(2.0, (4, 6))
    record, links, chain = written(system, tmp_path, sampler="hmc", q_shift=True)
    assert record["q_shift"] and record["acceptance"] > 0.7 and record["equilibrated"]
    view = system.view(links)
    for exact, values in (
        (system.exact.charge_squared, view.charge**2),
        (system.exact.plaquette, view.wilson_loop(1, 1)),
    ):
        means = np.bincount(chain, values) / np.bincount(chain)
        assert abs(means.mean() - exact) < 5 * means.std(ddof=1) / np.sqrt(len(means))


def test_frozen_chains_write_nothing(tmp_path, monkeypatch):
    """Hot chains keep the charges that they cooled with, cold ones have none."""
    monkeypatch.setattr("emulant.systems.u1.reference.equilibrium", partial(equilibrium, patience=2))
    with pytest.raises(NotEquilibrated, match="hot against cold"):
        written(U1(9.0, (12, 12)), tmp_path, sampler="hmc", q_shift=False)
    assert not (tmp_path / "reference.h5").exists()


def test_the_exact_sampler_tells_its_acceptance(tmp_path):
    record, links, _ = written_exact(U1(5.0, (6, 6)), tmp_path)
    rate = record["expected_acceptance"]
    assert abs(record["acceptance"] - rate) < 4.5 * rate * np.sqrt((1 - rate) / 512)
    assert links.dtype == np.float64 and len(links) == 512


def written_exact(system, folder):
    record = samplers["exact"](system, folder / "r.h5", settings={"samples": 512}, seed=2)
    with open_ensemble(folder / "r.h5") as ensemble:
        return record, ensemble.read(), ensemble.chain


@pytest.mark.parametrize("beta", [0.0, -2.0])
def test_no_exact_sampler_without_a_positive_beta(beta, tmp_path):
    with pytest.raises(InputError, match="system: beta: expected a positive number"):
        written_exact(U1(beta, (4, 4)), tmp_path)


def test_conditions_without_a_positive_beta_are_named(tmp_path):
    settings = {"samples": 64, "conditions": {"beta": [1.0, 0.0]}}
    with pytest.raises(InputError, match=r"conditions\.beta: expected positive numbers .*, got 0\.0"):
        samplers["exact"](U1(2.0, (4, 4)), tmp_path / "r.h5", settings=settings, seed=2)


def test_the_exact_sampler_takes_couplings_in_turn(tmp_path):
    """Each has its own plaquette within 4.5 errors, 7e-6; the file says which coupling a configuration has."""
    system, betas = U1(2.0, (4, 4)), [1.0, 3.0, 2.0]
    settings = {"samples": 2500, "conditions": {"beta": betas}}
    record = samplers["exact"](system, tmp_path / "r.h5", settings=settings, seed=2)
    with open_ensemble(tmp_path / "r.h5") as ensemble:
        links, told = ensemble.read(), ensemble.facts["beta"][:]
        assert ensemble.attributes["parameters"]["beta"] == betas
    np.testing.assert_array_equal(told, np.resize(betas, 2500))
    for beta in betas:
        at = system.at({"beta": beta})
        loops = at.view(links[told == beta]).wilson_loop(1, 1)
        assert abs(loops.mean() - at.exact.plaquette) < 4.5 * loops.std(ddof=1) / np.sqrt(len(loops))
    assert record["acceptance"] == pytest.approx(record["expected_acceptance"], rel=0.1)


def test_chains_have_one_coupling(tmp_path):
    with pytest.raises(InputError, match="conditions: expected the sampler exact"):
        written(U1(2.0, (4, 4)), tmp_path, sampler="hmc", conditions={"beta": [1.0, 2.0]})
