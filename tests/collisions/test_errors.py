"""Errors of observables of events: the jackknife over events against the bootstrap over events.

The judge needs more of an error than its size: the covariance of a set, the degrees of freedom behind it, the bias
that tells where a function is not linear. Leaving out blocks gives all three without noise of their own, 256 replicas
whatever the number of events; as many bootstrap replicas have 4 % of noise in each error and none of the degrees of
freedom. So the workflow keeps the jackknife, and this shows that both are the same error for every observable of events.
"""

import numpy as np
import pytest

from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.events import concatenated
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.tables import write_events
from emulant.judging.measure import measure
from emulant.statistics.bootstrap import bootstrap
from emulant.statistics.jackknife import covariance
from emulant.systems import observables_of
from emulant.systems.collision.system import Collision

NUCLEUS = {"projectile": [40, 18], "target": [40, 18], "energy": 10.0, "impact": [1.0, 1.0]}
EVENTS, RESAMPLES = 800, 1000
ROUNDING = 1e-9
SHAPES = ("species_skewness", "species_kurtosis")
KNOWN = observables_of("collision")


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Events, and what is measured on them."""
    path, system = tmp_path_factory.mktemp("errors") / "reference.parquet", Collision(NUCLEUS)
    events = concatenated(list(Surrogate(**NUCLEUS).events(EVENTS, seed=1)))
    write_events(path, events, {"system": "collision", "parameters": "{}", "seed": "1"})
    with EventEnsemble(path) as ensemble:
        return events, measure(ensemble, system, list(KNOWN.values()))


@pytest.mark.parametrize("name", KNOWN)
def test_jackknife_and_bootstrap_agree(measured, name):
    """Within 20 %; skewness and kurtosis, which few events decide, within 25 %.

    Where numbers are normal 1000 resamples know an error to 2.2 %, 256 blocks to 4.4 %: 20 % are four deviations of both.
    """
    events, measurement = measured
    observable = KNOWN[name]
    resampled = bootstrap(
        observable.primaries(events), lambda means: observable.value(means, ()), seed=2, resamples=RESAMPLES
    )
    rows = measurement.rows[measurement.rows["observable"] == name]
    np.testing.assert_allclose(rows["value"], resampled.value, rtol=1e-9, atol=1e-12)
    filled = resampled.error > ROUNDING * np.abs(resampled.value)
    # Every event of the stand-in has the same sums.
    assert filled.any() != name.startswith("sum_")
    assert (rows["error"][~filled] <= ROUNDING * np.abs(resampled.value[~filled])).all()
    tolerance = 0.25 if name in SHAPES else 0.2
    np.testing.assert_allclose(rows["error"][filled], resampled.error[filled], rtol=tolerance)
    indices, samples = measurement.jackknife[name]
    assert indices == observable.indices(())
    assert len(samples) == 256


@pytest.mark.parametrize("name", ["species_mean", "pt_proton", "net_baryon"])
def test_they_agree_on_what_is_correlated(measured, name):
    """Correlation matrices of sets that are judged together: within 4.5 errors of 1 / sqrt(256) each."""
    events, measurement = measured
    observable = KNOWN[name]
    resampled = bootstrap(
        observable.primaries(events), lambda means: observable.value(means, ()), seed=2, resamples=RESAMPLES
    )
    matrices = []
    for matrix in (covariance(measurement.jackknife[name][1]), np.cov(resampled.samples, rowvar=False)):
        spread = np.sqrt(np.diag(matrix))
        keep = spread > 0
        matrices.append(matrix[np.ix_(keep, keep)] / np.outer(spread[keep], spread[keep]))
    assert np.abs(matrices[0] - matrices[1]).max() < 4.5 / np.sqrt(256)
