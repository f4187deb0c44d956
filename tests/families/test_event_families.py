"""Families of whole events: found by name, trained and run by the same scripts as fields, streaming, conditioned on b."""

import shutil
import weakref
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
import pytest
import torch
from safetensors.torch import load_file

from emulant.collisions.conserved import event_totals
from emulant.collisions.events import concatenated
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.tables import read_events, write_events
from emulant.errors import InputError
from emulant.families import build_model, load_model
from emulant.forms import form_of
from emulant.storage.provenance import provenance
from emulant.storage.records import read_json
from emulant.systems import samplers_of
from emulant.systems.collision.system import Collision
from emulant.training.loop import TrainingSettings, train
from tests.scripts import script

ROOT = Path(__file__).parents[2]
SYSTEM = {"kind": "collision", "projectile": [12, 6], "target": [12, 6], "energy": 10.0, "impact": [0.5, 1.5]}
TRAINING = {"steps": 6, "batch": 8, "report_every": 3, "checkpoint_every": 3, "validation_fraction": 0.2}
HEIDI = {
    "name": "heidi",
    "family": "heidi",
    "network": {"channels": 8, "blocks": 1, "heads": 2},
    "training": TRAINING,
    "generation": {"steps": 2, "samples": 70, "batch": 32},
}
BASELINE = HEIDI | {
    "name": "heidi_baseline",
    "family": "heidi_baseline",
    "network": {"latent": 4, "layers": 2, "hidden": 8, "encoder": [8], "heads": [8], "decoder": [8, 8]},
}
FILES = ("weights.safetensors", "model.json", "training.csv", "cost.json")


def seeded(seed=3):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    """Carbon on carbon at 0, 1 and 2 fm."""
    path = tmp_path_factory.mktemp("events") / "training.parquet"
    settings = {"sampler": "surrogate", "samples": 192, "conditions": {"impact": [0.0, 1.0, 2.0]}}
    sampler = samplers_of("collision")["surrogate"]
    sampler(Collision(SYSTEM), path, settings=settings, seed=4, checkpoint=path.with_suffix(".npz"))
    return path


def train_by_script(folder, training, settings):
    files = [folder / name for name in FILES]
    script("train").main(
        [training],
        *files,
        system=SYSTEM,
        settings=settings,
        seed=1,
        code="x",
        checkpoint=folder / "checkpoint",
        threads=1,
    )


@pytest.fixture(scope="module")
def events(training):
    """The events of the training."""
    return read_events(training)


@pytest.fixture(scope="module")
def built(events):
    """A model before its training."""
    return build_model(HEIDI, events)


@pytest.fixture
def model(built):
    """A copy of it that a test may change."""
    return deepcopy(built)


@pytest.fixture(scope="module")
def trained(training, tmp_path_factory):
    """Folder of a model that the script has trained."""
    folder = tmp_path_factory.mktemp("trained")
    train_by_script(folder, training, HEIDI)
    return folder


def generate_by_script(folder, variant=""):
    file = folder / f"ensemble_{variant}.parquet"
    script("generate").main(
        folder / "weights.safetensors",
        file,
        folder / "cost.json",
        system=SYSTEM,
        seed=2,
        threads=1,
        variant=variant,
    )
    return read_events(file)


@pytest.mark.parametrize("settings", [HEIDI, BASELINE])
def test_the_scripts_of_fields_train_and_generate_events(tmp_path, training, settings):
    train_by_script(tmp_path, training, settings)
    curve = pd.read_csv(tmp_path / "training.csv")
    assert curve["step"].tolist() == [3, 6] and np.isfinite(curve["validation_loss"]).all()
    events = generate_by_script(tmp_path)
    impact = events.facts["impact_parameter"]
    assert events.number.tolist() == list(range(70))
    assert impact.min() >= 0.5 and impact.max() <= 1.5 and len(np.unique(impact)) == 70
    if settings is HEIDI:
        np.testing.assert_array_equal(event_totals(events)[:, 4:], np.tile([24, 12, 0], (70, 1)))


def test_training_uses_the_symmetry_of_equal_nuclei(trained):
    """So that events turned about the y axis are as likely; the script tells the model its system."""
    assert load_file(trained / "weights.safetensors")["symmetry"].tolist() == [True, True]


def test_a_resumed_training_ends_where_an_uninterrupted_one_does(tmp_path, events):
    runs = []
    for stop in (None, 4):
        torch.manual_seed(1)
        for after in {stop, None}:
            model = build_model(HEIDI, events)
            weights, curve = train(
                model,
                model.examples(events, 1),
                TrainingSettings(**TRAINING),
                seed=1,
                checkpoint=tmp_path / str(stop),
                stamp="one",
                stop_after=after,
            )
        runs.append((weights, curve))
    (one, first), (two, second) = runs
    assert first == second
    for name, tensor in one.items():
        torch.testing.assert_close(tensor, two[name], rtol=0, atol=0)


def test_the_first_batches_are_made_again_without_their_projection(tmp_path, training):
    """40 asked for, batches of 32: 64 events, the same but for the last step."""
    settings = HEIDI | {"generation": HEIDI["generation"] | {"unprojected": 40}}
    train_by_script(tmp_path, training, settings)
    generated = []
    for variant in ("", "unprojected"):
        generated.append(generate_by_script(tmp_path, variant))
        cost = read_json(tmp_path / "cost.json")
        assert (cost["stage"], cost["model"], cost["variant"]) == ("generate", "heidi", variant)
    after, before = generated
    assert (len(after), len(before)) == (70, 64)
    np.testing.assert_array_equal(before.counts, after.counts[:64])
    np.testing.assert_array_equal(before.pdg, after.pdg[: len(before.pdg)])
    widths = [event_totals(events)[:, 0].std() for events in generated]
    assert widths[0] < 1e-9 < 0.1 < widths[1]
    # One shift an event: particles keep their directions, but for a part of their spread.
    assert np.corrcoef(before.momenta[:, 0], after.momenta[: len(before.pdg), 0])[0, 1] > 0.9


def test_held_out_events_are_shown_in_chunks_of_a_batch(tmp_path, events, model):
    loss, sizes = model.loss, []
    model.loss = lambda x, generator: (sizes.append(len(x)), loss(x, generator))[1]
    train(
        model,
        model.examples(events, 1),
        TrainingSettings(**TRAINING | {"steps": 1}),
        seed=1,
        checkpoint=tmp_path / "c",
        stamp="one",
    )
    assert sizes == [8, 8, 8, 8, 8, 6]


def test_examples_are_in_random_order(events, model):
    """The first are held out, and the file has one impact parameter after another."""
    held_out = model.rows(events, 1)[:38, -1, 0]
    assert set(held_out.tolist()) == {0, 1, 2}


def test_impact_parameters_of_a_range_have_the_weight_b_db(model):
    model.settings["generation"]["batch"] = 4000
    (part,) = model.stream(4000, seeded(), {"impact": [1.0, 2.0]})
    squared = part.facts["impact_parameter"] ** 2
    assert squared.min() >= 1 and squared.max() <= 4
    assert squared.mean() == pytest.approx(2.5, abs=4 * 3 / np.sqrt(12 * 4000))
    assert squared.std() == pytest.approx(3 / np.sqrt(12), rel=0.05)


@pytest.mark.parametrize("impact", [4.0, [1.0, 2.5], [-1.5, -1.0]])
def test_impact_parameters_beyond_the_training_are_refused(model, impact):
    with pytest.raises(InputError, match="heidi: impact parameter: expected 0 to 2 fm"):
        next(model.stream(1, seeded(), {"impact": impact}))


def test_the_edge_of_a_range_that_chance_left_out_is_no_fault():
    events = concatenated(
        list(Surrogate(projectile=(12, 6), target=(12, 6), impact=(0.0, 2.0)).events(64, 1))
    )
    assert events.facts["impact_parameter"].max() < 2
    (part,) = build_model(HEIDI, events).stream(8, seeded(), {"impact": [0.0, 2.0]})
    assert part.facts["impact_parameter"].max() <= events.facts["impact_parameter"].max()


def test_events_that_are_written_are_let_go(tmp_path, model):
    """Of 16 batches no more than two live on, and Arrow holds no more than ten: any number of events fits into memory."""
    model.settings["generation"]["batch"] = 250
    attributes = provenance(system="collision", parameters={}, sampler="heidi", seed=1)
    like, alive = model.sample(1, seeded()).values, []
    before = pyarrow.total_allocated_bytes()
    with form_of("collision").writer(tmp_path / "ensemble.parquet", attributes, like) as writer:
        for part in model.stream(4000, seeded(), {"impact": 1.0}):
            writer.append(part)
            alive = [*(array for array in alive if array() is not None), weakref.ref(part.momenta)]
            assert len(alive) <= 2
            assert pyarrow.total_allocated_bytes() - before < 10 * part.momenta.nbytes
    assert len(read_events(tmp_path / "ensemble.parquet")) == 4000


def test_events_without_a_particle_are_refused(tmp_path, training):
    events = read_events(training)
    empty = events.where(np.zeros(len(events.pdg), bool))
    write_events(
        tmp_path / "empty.parquet",
        empty,
        provenance(system="collision", parameters={}, sampler="none", seed=1),
    )
    for settings in (HEIDI, BASELINE):
        with pytest.raises(InputError, match="particles: expected events with particles, got 192 without"):
            train_by_script(tmp_path, tmp_path / "empty.parquet", settings)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["empty.events.parquet", "empty.parquet"]


def test_more_particles_than_slots_are_refused(events):
    longer = concatenated(list(Surrogate(projectile=(32, 16), target=(32, 16)).events(64, 1)))
    for settings in (HEIDI, BASELINE):
        with pytest.raises(ValueError, match=r"event \d+ has \d+ particles, the cloud \d+ slots"):
            build_model(settings, events).examples(longer, 1)


def test_unknown_settings_of_the_network_are_refused(events):
    for settings in (HEIDI, BASELINE):
        with pytest.raises(TypeError, match="chanels"):
            build_model(settings | {"network": {"chanels": 8}}, events)


def test_a_cut_model_is_named(tmp_path, trained):
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    assert load_model(tmp_path).facts == ("impact_parameter", "spectators", "beam_energy")
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(Exception, match=r"(?i)header|deserializ"):
        load_model(tmp_path)
