"""Weights of events: read, averaged with, refused; the same law with and without them."""

from dataclasses import replace

import numpy as np
import pytest

from emulant.collisions.acceptance import COMMON
from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.event_distances import event_distances
from emulant.collisions.events import Events, concatenated, on_shell
from emulant.collisions.imported import import_half
from emulant.collisions.species import masses_of
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.tables import write_events
from emulant.contracts.source import REFERENCE
from emulant.errors import InputError
from emulant.forms.events import form
from emulant.judging.measure import measure
from emulant.judging.notes import notes_of
from emulant.judging.published import published_values
from emulant.stages.training import read_training
from emulant.systems import measured_observables
from emulant.systems.collision.system import Collision

from .foreign_files import write_hepmc

CARBON = {"projectile": [12, 6], "target": [12, 6], "energy": 10.0, "impact": [1.0, 1.0]}
ATTRIBUTES = {"system": "collision", "parameters": "{}", "sampler": "file", "seed": "1"}


@pytest.fixture(scope="module")
def sample():
    return concatenated(list(Surrogate(**CARBON).events(256, seed=1)))


def weights_below_the_median(events):
    """The issue's: a hundredth for events above the median multiplicity."""
    return np.where(events.counts > np.median(events.counts), 0.01, 1.0)


def imported(tmp_path, file, half="reference", **options):
    path = tmp_path / f"{half}.parquet"
    import_half(file, path, CARBON, ATTRIBUTES, half=half, **options)
    return path


def parquet(tmp_path, events, **facts):
    file = tmp_path / "mine.parquet"
    write_events(file, replace(events, facts={"impact_parameter": np.ones(len(events))} | facts), ATTRIBUTES)
    return file


def test_the_mean_multiplicity_of_weighted_events(tmp_path, sample):
    """HepMC's weights enter mean, error and number of samples; its record has weighted sums."""
    weights = weights_below_the_median(sample)
    write_hepmc(tmp_path / "a.hepmc", sample, weights=[[w, 7.0] for w in weights])
    system = Collision(CARBON)
    settings = {"sampler": "file", "file": str(tmp_path / "a.hepmc"), "complete": False}
    record = form.import_file(system, tmp_path / "out.parquet", settings=settings, seed=1, half="reference")
    w, n = weights[1::2], sample.counts[1::2]
    mean = np.average(n, weights=w)
    error = np.sqrt(np.sum((w * (n - mean)) ** 2)) / w.sum()
    size = w.sum() ** 2 / (w**2).sum()
    with EventEnsemble(tmp_path / "out.parquet") as ensemble:
        np.testing.assert_allclose(np.exp(ensemble.log_weight), w)
        rows = measure(ensemble, system, measured_observables(["multiplicity"], "collision")).rows
        literature = published_values([], "collision", CARBON, ())
        notes = notes_of(
            rows.assign(model="reference", variant=""), {REFERENCE: ensemble}, literature, True, {}
        )
    assert rows["value"][0] == pytest.approx(mean) and abs(mean - n.mean()) > 2
    assert rows["error"][0] == pytest.approx(error, rel=0.02)
    assert rows["samples"][0] == pytest.approx(size) == record["effective_samples"]
    energy = sample.sums(sample.momenta[:, 3])[1::2]
    assert record["sum_E_GeV"]["mean"] == pytest.approx(np.average(energy, weights=w))
    assert any("256 events have weights" in note for note in notes[REFERENCE])
    assert any("effective sample size" in note for note in notes[REFERENCE])
    assert any("several weights" in remark for remark in record["remarks"])


@pytest.mark.parametrize("name", ["weight", "log_weight"])
def test_weights_in_a_table_of_events(tmp_path, sample, name):
    """Both columns mean the same; an event of weight zero is left out; equal weights are none."""
    weights = weights_below_the_median(sample)
    column = weights if name == "weight" else np.log(weights)
    path = imported(tmp_path, parquet(tmp_path, sample, **{name: column}))
    with EventEnsemble(path) as ensemble:
        np.testing.assert_allclose(np.exp(ensemble.log_weight), weights[1::2])
    if name == "weight":
        weights[3] = 0
        with EventEnsemble(imported(tmp_path, parquet(tmp_path, sample, weight=weights))) as ensemble:
            assert ensemble.read().number.tolist() == [1, *range(5, 256, 2)]
    with EventEnsemble(
        imported(tmp_path, parquet(tmp_path, sample, **{name: np.full(256, 0.3)}))
    ) as ensemble:
        assert ensemble.log_weight is None and ensemble.recorded_log_weight is not None


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"weight": -0.5}, "weight, event 130: expected a weight >= 0 .*, got -0.5"),
        ({"weight": np.nan}, "weight, event 130: expected a finite number in every event"),
        ({"log_weight": np.nan}, "log_weight, event 130: expected a finite number"),
        ({"event_weight": 2.0}, "event_weight: expected weights of events in a column weight or log_weight"),
    ],
)
def test_what_is_refused(tmp_path, sample, facts, words):
    ((name, value),) = facts.items()
    column = np.ones(256)
    column[130] = value
    with pytest.raises(InputError, match=words):
        imported(tmp_path, parquet(tmp_path, sample, **{name: column}))
    assert not list(tmp_path.glob("reference*"))


def test_weights_of_some_events_are_refused(tmp_path, sample):
    """Be they missing in a file that began with them, or there in one that began without."""
    for weights in ([[0.5]] * 255 + [[]], [[]] * 255 + [[0.5]]):
        write_hepmc(tmp_path / "a.hepmc", sample, weights=weights)
        with pytest.raises(
            InputError,
            match=r"weight, event \d+: expected .*(in every event, or in none|all events or of none)",
        ):
            imported(tmp_path, tmp_path / "a.hepmc")


def test_weighted_events_train_nothing(tmp_path, sample):
    path = imported(tmp_path, parquet(tmp_path, sample, weight=weights_below_the_median(sample)), "training")
    with pytest.raises(
        InputError, match="log_weight: expected samples that count alike, as no family takes weights"
    ):
        read_training([path], Collision(CARBON), {"name": "heidi"})
    path = imported(tmp_path, parquet(tmp_path, sample, weight=np.ones(256)), "training")
    assert len(read_training([path], Collision(CARBON), {"name": "heidi"}).samples) == 128


def hadrons(number, scale, seed):
    """Events of 30 common hadrons whose momenta have a common scale (N,)."""
    generator = np.random.default_rng(seed)
    pdg = generator.choice(COMMON, 30 * number)
    momenta = generator.normal(size=(number, 30, 3)) * 0.3 * scale[:, None, None]
    momenta = on_shell(momenta.reshape(-1, 3), masses_of(pdg))
    return Events(np.arange(number), np.full(number, 30), pdg, momenta, {"impact_parameter": np.ones(number)})


def test_events_by_weight_are_of_the_law_that_the_weights_mean(tmp_path, monkeypatch):
    """Hot and cold events in equal numbers, with the weights of one in five: the tests of whole events see no difference to
    such a sample, and would without the weights. p > 0.0001 in each of six tests: a false alarm in 0.1 % of seeds."""
    monkeypatch.setattr("emulant.collisions.event_distances.ROWS", 128)
    monkeypatch.setattr("emulant.statistics.distances.PERMUTATIONS", 100)
    generator = np.random.default_rng(5)
    half, fifth = generator.random(480) < 0.5, generator.random(256) < 0.2
    biased, direct = hadrons(480, np.where(half, 2.0, 1.0), 6), hadrons(256, np.where(fifth, 2.0, 1.0), 7)
    weighted = replace(biased, facts=biased.facts | {"log_weight": np.log(np.where(half, 0.2, 0.8))})
    ensembles = {}
    for name, events in {"reference": direct, "weighted": weighted, "biased": biased}.items():
        write_events(tmp_path / f"{name}.parquet", events, ATTRIBUTES)
        ensembles[name] = EventEnsemble(tmp_path / f"{name}.parquet")
    p = {name: [test.p for _, test in tests] for name, tests in event_distances(ensembles, "reference", 3)}
    assert min(p["weighted"]) > 1e-4 and min(p["biased"]) < 1e-6
    taken = ensembles["weighted"].unweighted(10**6)
    assert abs(len(taken) / 480 - 0.625) < 4 * np.sqrt(0.625 * 0.375 / 480)
    assert ensembles["weighted"].unweighted(100).number.tolist() == taken.number[:100].tolist()
    assert np.isin(taken.number, weighted.number).all() and len(set(taken.number)) == len(taken)
