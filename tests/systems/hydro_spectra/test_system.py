"""The system of spectra: events that do not depend on what else is made, a quarter turn, lines for bad input."""

from pathlib import Path

import numpy as np
import pytest

from emulant.configuration.experiments import Overrides, load_experiment
from emulant.errors import InputError
from emulant.storage.pairs import Pairs, open_pairs
from emulant.systems.hydro_spectra.checks import check
from emulant.systems.hydro_spectra.reference import LABEL, evolved, samplers
from tests.systems.hydro_spectra.spectra import SMALL, system

ROOT = Path(__file__).parents[3]
CONFIG, SCHEMA = ROOT / "config", ROOT / "workflow/schemas/experiment.schema.yaml"
SETTINGS = {"sampler": "hydro", "samples": 20, "conditions": {"viscosity": [0.0, 0.1, 0.2]}}
sampler = samplers["hydro"]


def read(path):
    with open_pairs(path, shapes=((20, 20), (3, 9, 16))) as file:
        assert file.attributes["label"] == LABEL
        return file.read()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("spectra")


@pytest.fixture(scope="module")
def whole(folder):
    path = folder / "whole.h5"
    sampler(system(), path, settings=SETTINGS, seed=5, checkpoint=folder / "c.npz")
    return path


def test_shards_are_the_same_bytes(folder, whole):
    shards = [folder / f"{k}.h5" for k in range(2)]
    for k, path in enumerate(shards):
        job = {"settings": SETTINGS, "seed": 5, "checkpoint": folder / f"c{k}.npz"}
        sampler.shard(system(), path, **job, shard=k, size=12)
    merged = folder / "merged.h5"
    record = sampler.merge(system(), merged, shards, settings=SETTINGS, seed=5)
    assert record["samples"] == 20
    assert merged.read_bytes() == whole.read_bytes()


def test_conditions_take_turns(whole):
    pairs = read(whole)
    assert pairs.conditions["viscosity"][:4].tolist() == [0.0, 0.1, 0.2, 0.0]
    assert (pairs.conditions["participants"] > 1).all()
    assert (pairs.conditions["impact_parameter"] <= 4).all()


def test_more_entropy_is_more_particles(whole):
    """At one viscosity their correlation at b = 0 ... 4 fm is nearly complete."""
    pairs = read(whole)[::3]
    entropy, yields = pairs.inputs.sum(axis=(1, 2)), system().view(pairs).yields
    assert np.corrcoef(entropy, yields)[0, 1] > 0.98


def test_a_quarter_turn_of_the_input_turns_the_spectra(whole):
    """rot90 takes (x, y) to (-y, x), and phi to phi + pi / 2; triangles of the surface do not turn, 0.4 % at high p_T."""
    density = read(whole).inputs[:1].astype(float)
    turned = np.stack([np.rot90(part) for part in density])
    one, other = (evolved(system(), part, 0.1) for part in (density, turned))
    np.testing.assert_allclose(other, np.roll(one, 4, axis=-1), rtol=0.01)
    views = [system().view(Pairs(density, outputs)) for outputs in (one, other)]
    np.testing.assert_allclose(views[1].yields, views[0].yields, rtol=1e-4)
    turns = 1j ** np.array([2, 3, 4, 5])
    np.testing.assert_allclose(views[1].vectors, views[0].vectors * turns, atol=2e-4)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"projectile": "Pbb"}, "system.projectile"),
        ({"projectile": {"mass_number": 208, "radius": 6.6}}, "system.projectile"),
        ({"impact": [0.0, 40.0]}, "system.impact"),
        ({"distance": 3.0}, "system.distance"),
        ({"viscosity": -0.1}, "system.viscosity"),
        ({"cells": 12}, "system.cells"),
        ({"nucleon_width": 0.2}, "system.spacing"),
        ({"angles": 13}, "system.angles"),
        ({"time_step": 0.9}, "system.time_step"),
        ({"constituent_width": 0.9}, "system.constituent_width"),
    ],
)
def test_what_cannot_be_is_one_line(change, key):
    overrides = Overrides({"hydro_lead_lead": {"system": change}}, CONFIG / "config.yaml")
    with pytest.raises(InputError) as caught:
        load_experiment(CONFIG, "hydro_lead_lead", "smoke", SCHEMA, overrides)
    assert "\n" not in str(caught.value) and key in str(caught.value)


def test_a_block_of_a_deformed_nucleus_is_taken():
    uranium = {"mass_number": 238, "radius": 6.81, "diffuseness": 0.6, "beta2": 0.28, "beta4": 0.093}
    check(SMALL | {"projectile": uranium, "target": "U", "cells": 22})
    assert system(projectile=uranium, target="U", cells=22).trento.projectile.beta2 == 0.28
