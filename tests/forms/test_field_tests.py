"""Two-sample tests of fields: what they test, and which configurations they take."""

import numpy as np
import pytest

from emulant.contracts.source import REFERENCE, TRAINING, Source
from emulant.forms.fields.two_sample import independent, two_sample_tests
from emulant.gauge.exact import Torus
from emulant.gauge.exact_sampler import exact_links, exact_plaquettes
from emulant.gauge.plaquettes import plaquette_sums
from emulant.statistics.means import mean_of_each
from emulant.storage.ensemble import EnsembleWriter, open_ensemble
from emulant.systems.u1.system import U1

ATTRIBUTES = {"system": "toy", "parameters": "{}", "sampler": "exact"}
MODEL, WEIGHTED = Source("flow"), Source("flow", "weighted")


class Tilted:
    """A system whose law is not symmetric."""


class Symmetric:
    """A system whose law does not change under phi -> -phi."""

    def odd(self, samples):
        return mean_of_each(samples)


@pytest.fixture
def ensembles(tmp_path):
    """Four open ensembles of white noise shifted by a third of its deviation, the last one with weights."""
    opened, rng = {}, np.random.default_rng(1)
    for source in (REFERENCE, TRAINING, MODEL, WEIGHTED):
        path, columns = tmp_path / f"{source.name}.h5", {}
        if source == WEIGHTED:
            columns = {"log_weight": np.zeros(512)}
        with EnsembleWriter(path, (2, 2), attributes=ATTRIBUTES, log_weight=bool(columns)) as writer:
            writer.append(rng.normal(1 / 3, 1.0, (512, 2, 2)), **columns)
        opened[source] = open_ensemble(path)
    yield opened
    for ensemble in opened.values():
        ensemble.file.close()


def p_values(system, ensembles):
    table = two_sample_tests(system, ensembles, dict.fromkeys(ensembles, 0.5), seed=1)
    return table.set_index(["model", "variant", "observable"])["p"]


def test_signs_are_tested_where_the_system_is_symmetric(ensembles):
    """A mean of 2/3 of its deviation is no fault of a tilted system, and one of a symmetric system."""
    tilted, symmetric = (p_values(system(), ensembles) for system in (Tilted, Symmetric))
    assert "sign_balance" not in tilted.index.get_level_values("observable")
    assert symmetric["reference", "", "sign_balance"] < 1e-10
    assert tilted["flow", "", "classifier"] == symmetric["flow", "", "classifier"] > 1e-3


def test_weighted_ensembles_are_left_out_and_memorisation_is_of_models(ensembles):
    table = p_values(Symmetric(), ensembles)
    assert "weighted" not in table.index.get_level_values("variant")
    assert [key for key in table.index if key[2] == "memorisation"] == [("flow", "", "memorisation")]


def test_configurations_of_a_chain_are_two_autocorrelation_times_apart(tmp_path):
    """Of two chains of 60 configurations with tau_int = 3, ten each; the number of the row is its content."""
    fields = np.arange(120.0).reshape(120, 1)
    with EnsembleWriter(tmp_path / "e.h5", (1,), attributes=ATTRIBUTES, chain=True) as writer:
        writer.append(fields, chain=np.arange(120) % 2)
    with open_ensemble(tmp_path / "e.h5") as ensemble:
        rows = independent(ensemble, 3.0, 100, seed=2)[:, 0]
        assert len(rows) == 20 and set(rows // 2 % 6) == {0}
        np.testing.assert_array_equal(independent(ensemble, 3.0, 100, seed=2)[:, 0], rows)


SHAPE = (2, 6, 6)


def gauge_links(beta, count, generator):
    return exact_links(exact_plaquettes(Torus(beta, 36), count, generator).angles, SHAPE, generator)


@pytest.fixture
def gauge_ensembles(tmp_path):
    """Reference and training at beta = 3, and as models: the same law, gauge copies of half the training, and beta = 2.4."""
    opened, rng = {}, np.random.default_rng(4)
    training = gauge_links(3.0, 600, rng)
    copied = np.concatenate([training[:300], gauge_links(3.0, 300, rng)])
    copies = exact_links(plaquette_sums(copied).reshape(600, -1), SHAPE, rng)
    rows = {
        REFERENCE: gauge_links(3.0, 1200, rng),
        TRAINING: training,
        Source("right"): gauge_links(3.0, 600, rng),
        Source("copies"): copies,
        Source("wrong"): gauge_links(2.4, 600, rng),
    }
    for source, links in rows.items():
        path = tmp_path / f"{source.name}.h5"
        with EnsembleWriter(path, SHAPE, attributes=ATTRIBUTES, dtype="float64") as writer:
            writer.append(links)
        opened[source] = open_ensemble(path)
    yield opened
    for ensemble in opened.values():
        ensemble.file.close()


def test_gauge_copies_are_copies_and_another_coupling_is_told(gauge_ensembles):
    """In links nothing is alike, in plaquettes everything: p below 1e-6 of what is wrong, above 1e-3 of what is right."""
    table = p_values(U1(3.0, (6, 6)), gauge_ensembles)
    assert table["copies", "", "memorisation"] < 1e-6 and table["wrong", "", "classifier"] < 1e-6
    for model, test in (("right", "classifier"), ("right", "memorisation"), ("copies", "classifier")):
        assert table[model, "", test] > 1e-3
    assert table["right", "", "sign_balance"] > 1e-3
