"""The system of slices: its exact dipole, samples that do not depend on what else is made, lines for bad input."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from emulant.configuration.experiments import Overrides, load_experiment
from emulant.contracts.sampler import ShardedSampler
from emulant.contracts.study import StudyInputs
from emulant.errors import InputError
from emulant.forms.pairs import form
from emulant.kinetic.transport import Transport
from emulant.storage.pairs import Pairs, open_pairs
from emulant.systems import measured_observables
from emulant.systems.charge_transport.checks import check
from emulant.systems.charge_transport.figures import background, slice_maps
from emulant.systems.charge_transport.reference import LABEL, samplers
from emulant.systems.charge_transport.studies import studies
from tests.systems.charge_transport.small import SMALL, system

ROOT = Path(__file__).parents[3]
CONFIG, SCHEMA = ROOT / "config", ROOT / "workflow/schemas/experiment.schema.yaml"
SETTINGS = {"sampler": "transport", "samples": 20}
sampler = samplers["transport"]


def whole(folder, samples=20, **changes):
    path = folder / f"{samples}.h5"
    settings = SETTINGS | {"samples": samples}
    sampler(system(**changes), path, settings=settings, seed=5, checkpoint=folder / "c.npz")
    return path


def value(name, pairs):
    (observable,) = measured_observables([name], "charge_transport")
    return observable.value(observable.primaries(pairs).mean(axis=0), ())


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    path = whole(tmp_path_factory.mktemp("slices"), 200)
    with open_pairs(path) as file:
        assert file.attributes["label"] == LABEL
        return file.read()


def test_the_first_dipole_is_exact(pairs):
    """Without flow, within three errors over twenty batches; collisions then take most of it."""
    (row,) = system().exact_values()
    parts = [value("dipole_response", pairs[k::20]) for k in range(20)]
    mean, error = np.mean(parts, axis=0), np.std(parts, axis=0) / np.sqrt(20)
    assert abs(mean[0] - row["value"]) < 3 * error[0]
    assert mean[5] < mean[0] - 3 * error[0]
    assert not system(flow=0.3).exact_values()


def test_separations_fill_their_range(pairs):
    f = pairs.conditions["separation"]
    assert -0.5 <= f.min() < -0.4 and 0.4 < f.max() <= 0.5
    assert abs(f.mean()) < 4 * 0.5 / np.sqrt(3 * 200)


def test_exchanged_charges_reverse_the_dipole(pairs):
    other = dataclasses.replace(pairs, inputs=pairs.inputs[:, ::-1], outputs=pairs.outputs[:, :, ::-1])
    np.testing.assert_allclose(value("dipole_response", other), -value("dipole_response", pairs), rtol=1e-12)
    np.testing.assert_allclose(value("positive_dipole", other), value("negative_dipole", pairs), rtol=1e-12)
    np.testing.assert_allclose(value("elliptic_flow", other), value("elliptic_flow", pairs), rtol=1e-6)


def test_half_a_turn_reverses_dipoles_and_leaves_flow(pairs):
    turned = Pairs(np.roll(pairs.inputs, 12, axis=-1), np.roll(pairs.outputs, 12, axis=-1), pairs.conditions)
    np.testing.assert_allclose(
        value("positive_dipole", turned), -value("positive_dipole", pairs), rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(value("elliptic_flow", turned), value("elliptic_flow", pairs), rtol=1e-9)


def test_a_signal_is_seen_in_pairs(pairs):
    """Delta gamma of separations of up to one half is above zero by five errors over batches."""
    parts = [value("delta_gamma", pairs[k::20])[0] for k in range(20)]
    assert np.mean(parts) > 5 * np.std(parts) / np.sqrt(20)


def test_a_sample_does_not_depend_on_how_many_are_made(tmp_path, pairs):
    with open_pairs(whole(tmp_path, 20)) as file:
        few = file.read()
    np.testing.assert_array_equal(few.outputs, pairs.outputs[:20])
    np.testing.assert_array_equal(few.conditions["pairs"], pairs.conditions["pairs"][:20])


@pytest.mark.parametrize("size", [7, 16])
def test_the_bytes_do_not_depend_on_the_shards_nor_on_a_kill(tmp_path, monkeypatch, size):
    assert isinstance(sampler, ShardedSampler)
    expected, event, calls = whole(tmp_path).read_bytes(), Transport.event, []

    def dying(self, *arguments):
        calls.append(arguments)
        if len(calls) == 25:
            raise KeyboardInterrupt
        return event(self, *arguments)

    monkeypatch.setattr(Transport, "event", dying)
    files = [tmp_path / f"{k}.h5" for k in range(-(-20 // size))]
    for shard, file in enumerate(files):
        job = {"settings": SETTINGS, "seed": 5, "checkpoint": tmp_path / f"{shard}.npz"}
        for _ in range(2):
            try:
                sampler.shard(system(), file, **job, shard=shard, size=size)
            except KeyboardInterrupt:
                continue
            break
    assert len(calls) > 40
    merged = tmp_path / "merged.h5"
    sampler.merge(system(), merged, files, settings=SETTINGS, seed=5)
    assert merged.read_bytes() == expected


def test_fields_of_either_sign_leave_no_dipole(tmp_path, pairs):
    """Half of the events are turned: the response is zero within four errors, what half a turn leaves alone is the same."""
    with open_pairs(whole(tmp_path, 60, reaction_plane="unoriented")) as file:
        turned = file.read()
    assert not system(reaction_plane="unoriented").exact_values()
    parts = [value("dipole_response", turned[k::20])[0] for k in range(20)]
    assert abs(np.mean(parts)) < 4 * np.std(parts) / np.sqrt(20)
    np.testing.assert_array_equal(turned.conditions["pairs"], pairs.conditions["pairs"][:60])
    np.testing.assert_array_equal(turned.conditions["separation"], pairs.conditions["separation"][:60])
    both = (part.outputs[..., :12] + part.outputs[..., 12:] for part in (turned, pairs[:60]))
    np.testing.assert_allclose(*both, rtol=1e-6)


def test_a_sample_is_the_mean_of_its_own_events(pairs):
    """Slices of a fresh walk through each event of the last sample: the input is the last of them and nothing else."""
    number, law = len(pairs) - 1, system().law
    f = pairs.conditions["separation"][number]
    events = [law.event(f, np.random.SeedSequence(5, spawn_key=(number, k))) for k in range(SMALL["events"])]
    slices = np.mean([event.slices for event in events], axis=0).astype(np.float32)
    np.testing.assert_array_equal(pairs.inputs[number], slices[-1])
    np.testing.assert_array_equal(pairs.outputs[number], slices[:-1])


def test_cross_sections_fill_their_range(tmp_path):
    """Each sample has one of its own, uniform within the range; no other number depends on it."""
    with open_pairs(whole(tmp_path, 40, parton_cross_section=[0.0, 0.2], events=1)) as file:
        sizes = file.read().conditions["parton_cross_section"]
    assert sizes.min() < 0.03 and sizes.max() > 0.17
    assert abs(sizes.mean() - 0.1) < 4 * 0.2 / np.sqrt(12 * 40)


def test_the_form_opens_what_the_sampler_writes(tmp_path):
    with form.open(whole(tmp_path), system()) as file:
        assert len(file) == 20


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"separation": [-1.0, 0.1]}, "system.separation"),
        ({"events": 0}, "system.events"),
        ({"partons": 0.0}, "system.partons"),
        ({"nucleon_width": 0.01}, "system.nucleon_width"),
        ({"local_charges": 1.5}, "system.local_charges"),
        ({"parton_cross_section": -0.1}, "system.parton_cross_section"),
        ({"parton_cross_section": [0.1]}, "system.parton_cross_section"),
        ({"reaction_plane": "random"}, "system.reaction_plane"),
    ],
)
def test_what_the_schema_refuses_is_one_line(block, words):
    overrides = Overrides({"cme_unfolding": {"system": block}}, CONFIG / "config.yaml")
    with pytest.raises(InputError) as caught:
        load_experiment(CONFIG, "cme_unfolding", "smoke", SCHEMA, overrides)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_what_no_schema_can_say_is_one_line(tmp_path):
    for block, words in (
        ({"separation": [0.1, -0.1]}, "separation: expected"),
        ({"impact": [40.0, 41.0]}, "impact: expected"),
        ({"projectile": "Ag"}, "projectile: expected"),
        ({"parton_cross_section": [0.2, 0.1]}, r"parton_cross_section: expected \[lowest"),
    ):
        with pytest.raises(InputError, match=words):
            check(SMALL | block)
    with pytest.raises(InputError, match=r"system: parton_cross_section: expected at most .* got 100"):
        whole(tmp_path, parton_cross_section=100.0)
    assert not list(tmp_path.rglob("*.h5"))


def test_the_study_tells_signal_from_background():
    """Of events alike, the dipole is that of f; errors are positive, and both figures can be drawn."""
    settings = {"events": 64, "separation": 0.5}
    table, record = studies["background"](
        system(flow=0.5, local_charges=1.0, parton_cross_section=0.02), StudyInputs(settings, seed=3)
    )
    assert record["label"] == LABEL
    without, signal = table[table["separation"] == 0], table[table["separation"] > 0]
    assert (without["dipole"].abs() < 4 * without["dipole_error"]).all()
    assert (signal["dipole"] > 5 * signal["dipole_error"]).all()
    assert len(background(table).axes) == 3
    maps = {name: np.random.default_rng(1).normal(size=(8, 16, 24)) for name in ("one", "other")}
    assert len(slice_maps(maps).axes) == 17
