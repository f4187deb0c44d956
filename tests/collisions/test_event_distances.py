"""Distances of ensembles of events: the same law passes, independent particles fail."""

import numpy as np
import pandas as pd
import pytest

from emulant.collisions.acceptance import COMMON
from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.event_distances import event_distances
from emulant.collisions.events import Events, concatenated
from emulant.collisions.features import event_features, particle_features
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.tables import write_events
from emulant.contracts.source import Source
from emulant.judging.judge import judge
from emulant.judging.measure import measure
from emulant.systems import measured_observables
from emulant.systems.collision.system import Collision

NUCLEUS = {"projectile": [63, 29], "target": [63, 29], "energy": 10.0, "impact": [1.0, 1.0]}
EVENTS = 200


@pytest.fixture(scope="module")
def ensembles(tmp_path_factory):
    """The reference, the same law again, and its particles mixed among all events."""
    folder, system = tmp_path_factory.mktemp("opinions"), Collision(NUCLEUS)
    samples = {
        source: concatenated(list(Surrogate(**NUCLEUS).events(EVENTS, seed)))
        for source, seed in (("reference", 1), ("alike", 2))
    }
    alike = samples["alike"]
    mixed = np.random.default_rng(3).permutation(len(alike.pdg))
    samples["mixed"] = Events(alike.number, alike.counts, alike.pdg[mixed], alike.momenta[mixed], alike.facts)
    for source, events in samples.items():
        attributes = {"system": "collision", "parameters": "{}", "sampler": source, "seed": "1"}
        write_events(folder / f"{source}.parquet", events, attributes)
    return system, {source: EventEnsemble(folder / f"{source}.parquet") for source in samples}


def test_features_of_events_by_hand(events):
    features = event_features(events, np.random.default_rng(1))
    assert features.shape == (700, 1, 29)
    mine = events.owner == 5
    counts = [(events.pdg[mine] == pdg).sum() for pdg in COMMON]
    np.testing.assert_array_equal(features[5, 0, :16], [*counts, mine.sum() - sum(counts), mine.sum()])
    np.testing.assert_allclose(features[5, 0, 16:20], events.momenta[mine].sum(axis=0), atol=3)
    assert features[5, 0, 23] == pytest.approx(events.pt[mine].mean())
    px, py = events.momenta[mine, :2].T
    assert features[5, 0, 27] == pytest.approx(
        (np.sign(events.rapidity[mine]) * px).sum() / events.pt[mine].sum()
    )
    assert features[5, 0, 28] == pytest.approx((px**2 - py**2).sum() / (px**2 + py**2).sum())
    np.testing.assert_array_equal(features[2, 0, 23:], 0)


def test_features_of_particles_belong_to_their_events(events):
    """The third event is empty and left out; each particle is of one kind."""
    features = particle_features(events, 4, np.random.default_rng(1))
    assert features.shape == (699, 4, 11)
    np.testing.assert_allclose(features[..., 4:].sum(axis=2), 1)
    np.testing.assert_allclose(np.hypot(features[..., 0], features[..., 1]), features[..., 2])
    assert set(features[3, :, 0]) <= set(events.momenta[events.owner == 4, 0])


def test_equal_laws_pass_and_independent_particles_fail(ensembles):
    """With 12 tests of right sources, one below 1e-4 is a false alarm of 0.12 %."""
    _, opened = ensembles
    results = {source: dict(tests) for source, tests in event_distances(opened, "reference", seed=1)}
    names = {
        f"{kind}_{name}" for kind in ("event", "particle") for name in ("classifier", "frechet", "kernel")
    }
    assert all(set(tests) == names for tests in results.values())
    assert min(test.p for source in ("reference", "alike") for test in results[source].values()) > 1e-4
    assert all(results["mixed"][f"event_{name}"].p < 1e-8 for name in ("classifier", "frechet"))
    assert results["mixed"]["event_classifier"].statistic > 0.7
    # Each particle alone is as in the reference: only events give the mixture away.
    assert results["mixed"]["particle_classifier"].p > 1e-4


def test_rounding_of_conserved_sums_is_no_difference(ensembles):
    """Transverse sums of 1e-13 and of 1e-6 GeV are the same to any user."""
    _, opened = ensembles
    events = opened["reference"].read()
    moved = events.momenta.copy()
    moved[:, :2] += np.random.default_rng(4).normal(scale=1e-7, size=(len(moved), 2))
    shaken = Events(events.number, events.counts, events.pdg, moved, events.facts)
    one, two = (event_features(part, np.random.default_rng(1)) for part in (events, shaken))
    np.testing.assert_allclose(one, two, atol=1e-4)


def test_the_judge_counts_them(ensembles):
    system, opened = ensembles
    opened = {Source(name): ensemble for name, ensemble in opened.items()}
    wanted = measured_observables(["multiplicity"], "collision")
    measurements = {source: measure(ensemble, system, wanted) for source, ensemble in opened.items()}
    rows = pd.concat([m.rows.assign(experiment="copper", **s._asdict()) for s, m in measurements.items()])
    result = judge(rows, {s: r.jackknife for s, r in measurements.items()}, opened, system, seed=1)
    verdicts = result.verdicts.set_index("model")
    assert verdicts["verdict"].to_dict() == {"reference": "pass", "alike": "pass", "mixed": "fail"}
    assert verdicts.loc["mixed", "tests"] == 7
    assert set(result.two_sample["model"]) == {source.model for source in opened}
    assert result.two_sample["null"].notna().all()
