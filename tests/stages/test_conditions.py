"""Samples under several conditions: identities are held against each part, and training is told the condition of each."""

import h5py
import numpy as np
import pytest
import torch

from emulant.contracts.family import Conditioned
from emulant.errors import InputError
from emulant.forms import open_samples
from emulant.stages.conditions import parts_of
from emulant.stages.reference import write_reference
from emulant.stages.training import read_training
from emulant.storage.records import read_json
from emulant.systems import system_from

BLOCK = {"kind": "u1", "beta": 2.0, "shape": [4, 4]}
BETAS = [1.0, 3.0]


def write(folder, **changes):
    reference = {"sampler": "exact", "samples": 1000, "conditions": {"beta": BETAS}} | changes
    write_reference(
        folder / "training.h5",
        folder / "training.json",
        folder / "cost.json",
        role="training",
        system=BLOCK,
        reference=reference,
        seed=5,
        checkpoint=folder / "checkpoint",
        threads=1,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conditions")
    write(folder)
    return folder


def test_identities_are_held_against_each_condition(folder):
    """Schwinger-Dyson at both, <Q^2> at beta = 1 alone: at 3 charges are too rare on so small a torus."""
    words = read_json(folder / "training.json")["identities"]
    counts = {beta: sum(word.endswith(f"at beta = {beta:g}") for word in words) for beta in BETAS}
    assert counts == {1.0: 2, 3.0: 1} and len(words) == 3


def test_training_is_told_the_condition_of_each(folder):
    data = read_training([folder / "training.h5"], system_from(BLOCK), {"name": "m"}).samples
    assert isinstance(data, Conditioned) and len(data) == 1000 and data.values.dtype == torch.float32
    np.testing.assert_array_equal(data.conditions["beta"].numpy(), np.resize(BETAS, 1000))


def test_parts_are_the_rows_of_their_condition(folder):
    with open_samples(folder / "training.h5", system_from(BLOCK)) as ensemble:
        everything, parts = ensemble.read(), list(parts_of(ensemble, system_from(BLOCK)))
        for number, part in enumerate(parts):
            assert part.system.parameters["beta"] == BETAS[number] and part.chain is None
            chunks = np.concatenate([*part.chunks(300)])
            np.testing.assert_array_equal(chunks, everything[number :: len(BETAS)])


def test_without_conditions_there_is_one_part(tmp_path):
    reference = {"sampler": "exact", "samples": 64}
    write(tmp_path, **reference, conditions={"beta": [2.0]})
    with h5py.File(tmp_path / "training.h5", "r+") as file:
        del file["facts"]
    with open_samples(tmp_path / "training.h5", system_from(BLOCK)) as ensemble:
        (part,) = parts_of(ensemble, system_from(BLOCK))
        assert not part.label and sum(map(len, part.chunks(50))) == 64
    assert isinstance(
        read_training([tmp_path / "training.h5"], system_from(BLOCK), {"name": "m"}).samples, torch.Tensor
    )


def test_conditions_that_are_not_those_of_the_samples_are_refused(folder, tmp_path, monkeypatch):
    """Columns the wrong way round: the plaquettes at beta = 3 are no law at beta = 1."""
    from emulant.systems.u1 import reference

    in_turn = reference._in_turn
    monkeypatch.setattr(reference, "_in_turn", lambda systems, turn, rng: in_turn(systems[::-1], turn, rng))
    with pytest.raises(InputError, match="at beta = "):
        write(tmp_path)
