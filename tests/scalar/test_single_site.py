"""References of single-site systems: exact ensembles in files, and exact values of every observable."""

import numpy as np
import pytest

from emulant.scalar.fields import Fields
from emulant.storage.ensemble import open_ensemble
from emulant.systems import measured_observables
from emulant.systems.quartic_well.system import QuarticWell
from emulant.systems.two_peak.system import TwoPeak
from tests.references import sample_reference

SYSTEMS = [TwoPeak(), QuarticWell(1.0, 0.4), QuarticWell(-1.0, 0.4)]


@pytest.mark.parametrize("system", SYSTEMS, ids=str)
def test_reference_is_exact_repeatable_and_labelled(system, tmp_path):
    settings = {"sampler": "exact", "samples": 300_000}
    files = [tmp_path / name for name in ("a.h5", "b.h5")]
    for file in files:
        diagnostics = sample_reference(system, file, settings=settings, seed=5, checkpoint=tmp_path / "none")
    assert files[0].read_bytes() == files[1].read_bytes()
    assert diagnostics["equilibrated"]
    assert diagnostics["samples"] == 300_000
    with open_ensemble(files[0], site_shape=(1,)) as ensemble:
        assert len(ensemble) == 300_000
        assert ensemble.attributes["sampler"] == "exact"
        assert ensemble.attributes["system"] == system.kind
        assert ensemble.attributes["parameters"] == system.parameters
        fields = ensemble.read().astype(float)
    assert np.abs((fields**2).mean() - system.moments()[1]) < 4.5 * (fields**2).std() / 300_000**0.5
    assert len(np.unique(fields)) > 0.95 * 300_000


@pytest.mark.parametrize("system", SYSTEMS, ids=str)
def test_exact_values_are_those_of_samples(system):
    """Every exact value within 4.5 jackknife errors (7e-6 each) of 400 000 samples; none is missing."""
    samples = system.sample(400_000, np.random.default_rng(6)).reshape(100, 4000, 1)
    exact = {(row["observable"], row["index"]): row["value"] for row in system.exact_values()}
    for observable in measured_observables(None, system.kind):
        means = np.array([observable.primaries(Fields(block, system)).mean(axis=0) for block in samples])
        left_out = observable.value((means.sum(axis=0) - means) / 99, (1,))
        error = np.sqrt(99 * left_out.var(axis=0))
        value = observable.value(means.mean(axis=0), (1,))
        for i, index in enumerate(observable.indices((1,))):
            assert abs(value[i] - exact[observable.name, index]) < 4.5 * error[i], observable.name


def test_every_observable_of_a_single_site_has_an_exact_value():
    names = {row["observable"] for row in TwoPeak().exact_values()}
    assert names == {observable.name for observable in measured_observables(None, TwoPeak().kind)}
