"""Events in the workflow: the surrogate through the system, measured by the same code as fields."""

import numpy as np
import pytest

from emulant.collisions.acceptance import COMMON, RAPIDITY_EDGES, places
from emulant.collisions.counts import species_counts
from emulant.collisions.records import conserved_record
from emulant.collisions.spectra import rapidity_density
from emulant.collisions.tables import write_events
from emulant.collisions.windows import Window
from emulant.errors import InputError
from emulant.forms import open_samples
from emulant.judging.measure import measure
from emulant.systems import measured_observables, system_from
from emulant.systems.collision.system import Collision
from tests.references import sample_reference

SETTINGS = {
    "kind": "collision",
    "projectile": [63, 29],
    "target": [63, 29],
    "energy": 10.0,
    "impact": [1.0, 1.0],
}
EVENTS = 300


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    system, file = system_from(SETTINGS), tmp_path_factory.mktemp("events") / "reference.parquet"
    settings = {"sampler": "surrogate", "samples": EVENTS}
    record = sample_reference(system, file, settings=settings, seed=4, checkpoint=file.with_suffix(".npz"))
    return system, file, record


def test_the_record_says_what_is_conserved(sampled):
    _, _, record = sampled
    assert record["sum_B"] == {"mean": 126.0, "deviation": 0.0}
    assert record["sum_Q"] == {"mean": 58.0, "deviation": 0.0}
    assert record["sum_S"] == {"mean": 0.0, "deviation": 0.0}
    assert record["sum_px_GeV"]["deviation"] < 1e-9


def test_observables_are_functions_of_means_over_events(sampled):
    """Means, a variance, a correlation and a spectrum as NumPy finds them, and their errors to 2 %."""
    system, file, _ = sampled
    with open_samples(file, system) as ensemble:
        assert len(ensemble) == EVENTS and len(ensemble.read(10, 25)) == 15
        rows = measure(ensemble, system, measured_observables(None, system.kind)).rows.set_index(
            ["observable", "index"]
        )
        events = ensemble.read()
    counts = species_counts(events)[:, places(COMMON)]
    for k, pdg in enumerate(COMMON):
        row = rows.loc[("species_mean", pdg)]
        assert row["value"] == pytest.approx(counts[:, k].mean(), rel=1e-12)
        assert row["error"] == pytest.approx(counts[:, k].std(ddof=1) / EVENTS**0.5, rel=0.1)
        assert rows.loc[("species_variance", pdg), "value"] == pytest.approx(counts[:, k].var(), rel=1e-9)
    proton, neutron = counts[:, COMMON.index(2212)], counts[:, COMMON.index(2112)]
    correlation = rows.loc[("correlation_proton_neutron", 0), "value"]
    assert correlation == pytest.approx(np.corrcoef(proton, neutron)[0, 1], rel=1e-9)
    spectrum = rapidity_density(events, RAPIDITY_EDGES, Window(pdg=(2212,))).mean(axis=0)
    np.testing.assert_allclose(rows.loc["rapidity_proton"]["value"], spectrum, rtol=1e-12)
    for (one, other), value in np.ndenumerate(np.cov(counts.T, bias=True)):
        if one < other:
            covariance = rows.loc[("species_covariance", 100 * (one + 1) + other + 1), "value"]
            assert covariance == pytest.approx(value, rel=1e-9, abs=1e-9)
    rare = ~np.isin(events.pdg, COMMON)
    assert rows.loc[("rare_mean", 0), "value"] == pytest.approx(rare.sum() / EVENTS, rel=1e-12)
    assert rows.loc["rare_species_mean"]["value"].sum() == pytest.approx(rare.sum() / EVENTS, rel=1e-12)
    fast = (np.abs(events.rapidity) < 0.5) & (events.pt >= 0.4) & (events.pt < 2)
    charge = events.sums(events.charges[:, 1] * fast)
    for index, value in ((1, charge.mean()), (2, charge.var())):
        assert rows.loc[("net_charge_pt_cut", index), "value"] == pytest.approx(value, rel=1e-9)
    assert rows.loc[("multiplicity", 0), "value"] == pytest.approx(events.counts.mean(), rel=1e-12)


def test_an_event_with_other_charges_is_refused(sampled, tmp_path):
    system, file, _ = sampled
    with open_samples(file, system) as ensemble:
        events = ensemble.read()
    mask = np.ones(len(events.pdg), bool)
    mask[np.flatnonzero(events.pdg == 2212)[0]] = False
    write_events(
        tmp_path / "cut.parquet", events.where(mask), {"system": "collision", "parameters": "{}", "seed": "1"}
    )
    with pytest.raises(InputError, match="B: expected 126 in every event"):
        conserved_record(tmp_path / "cut.parquet", system, "surrogate")


def test_an_unknown_nucleus_is_named(tmp_path):
    settings = {"sampler": "surrogate", "samples": 1}
    with pytest.raises(InputError, match="projectile"):
        sample_reference(
            Collision(SETTINGS | {"projectile": [10, 20]}),
            tmp_path / "x.parquet",
            settings=settings,
            seed=0,
            checkpoint=tmp_path / "x.npz",
        )


def test_training_events_at_several_impact_parameters(tmp_path):
    """Batches of 64 in turn; the system's own impact parameter is left to the reference."""
    settings = {"sampler": "surrogate", "samples": 160, "conditions": {"impact": [1.0, 3.0]}}
    sample_reference(
        Collision(SETTINGS),
        tmp_path / "training.parquet",
        settings=settings,
        seed=4,
        checkpoint=tmp_path / "training.npz",
    )
    with open_samples(tmp_path / "training.parquet", system_from(SETTINGS)) as ensemble:
        assert ensemble.attributes["parameters"]["impact"] == [1.0, 3.0]
        events = ensemble.read()
    assert events.facts["impact_parameter"].tolist() == [1.0] * 64 + [3.0] * 64 + [1.0] * 32
    assert events.number.tolist() == list(range(160))
