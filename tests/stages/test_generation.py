"""Conditions, inputs of pairs and random numbers of batches."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from emulant.contracts.family import Samples
from emulant.errors import InputError
from emulant.stages import generation
from emulant.stages.generation import Generation
from emulant.storage.pairs import Pairs

BLOCK = {"samples": 50, "batch": 16, "unprojected": 20}


@dataclass
class Echo:
    """A model whose samples are the condition that it was given, and one random number."""

    family: str = "heidi"
    conditions: list = field(default_factory=list)

    @property
    def settings(self):
        return {"name": "echo", "family": self.family, "generation": BLOCK}

    def place(self, device):
        return self

    def sample(self, count, generator, condition=None, watch=None):
        self.conditions.append(condition)
        return Samples(torch.rand(count, 1, generator=generator))


@pytest.fixture
def echo(monkeypatch):
    model = Echo()
    monkeypatch.setattr(generation, "load_model", lambda folder, system: model)
    return model


SYSTEM = SimpleNamespace(kind="two_peak", site_shape=(1,), parameters={"impact": [1.0, 2.0], "energy": 10.0})


def test_conditions_are_the_systems_own_values(echo):
    list(Generation(None, SYSTEM, 1).batches())
    assert echo.conditions == [{"impact": [1.0, 2.0], "energy": 10.0}] * 4


def test_inputs_of_held_out_pairs_come_one_after_another_and_again(echo):
    inputs = np.arange(20.0)[:, None]
    held_out = Pairs(inputs, np.zeros((20, 1)), {"impact": inputs[:, 0] / 20})
    batches = list(Generation(None, SYSTEM, 1, held_out=held_out).batches())
    shown = torch.cat([condition["inputs"] for condition in echo.conditions])
    # In single precision, as networks are, whatever the file has.
    torch.testing.assert_close(shown[:, 0], torch.arange(50.0) % 20, rtol=0, atol=0)
    pairs = [batch.values for batch in batches]
    np.testing.assert_array_equal(np.concatenate([part.inputs for part in pairs]), shown)
    assert len(np.unique(np.concatenate([part.outputs for part in pairs]))) == 50
    impacts = torch.cat([condition["impact"] for condition in echo.conditions])
    read_back = np.concatenate([part.conditions["impact"] for part in pairs])
    np.testing.assert_array_equal(read_back.astype(np.float32), impacts)
    np.testing.assert_array_equal(impacts, shown[:, 0] / 20)


def test_random_numbers_of_a_batch_are_those_of_its_first_sample(echo):
    one, two = (Generation(None, SYSTEM, seed).batches() for seed in (1, 1))
    first = torch.cat([part.values for part in one])
    torch.testing.assert_close(first, torch.cat([part.values for part in two]), atol=0, rtol=0)
    assert len(np.unique(first)) == len(first) == 50


def test_a_variant_needs_a_family_that_has_one(echo):
    job = Generation(None, SYSTEM, 1, "unprojected")
    assert job.count == 32, "whole batches that hold 20"
    with pytest.raises(InputError, match="variant"):
        list(job.batches())


def test_a_batch_of_another_length_is_refused(echo, monkeypatch):
    monkeypatch.setattr(Echo, "sample", lambda self, count, *_: Samples(torch.zeros(count - 1, 1)))
    with pytest.raises(InputError, match="model echo: sample: expected 16 samples, as asked for, got 15"):
        list(Generation(None, SYSTEM, 1).batches())
