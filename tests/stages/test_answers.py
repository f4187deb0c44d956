"""A trained response answers to many inputs as it does to each alone; faults are one line."""

import json

import numpy as np
import pytest
from safetensors.torch import save_file

from emulant.errors import InputError
from emulant.stages import answers as module
from emulant.stages.answers import answers
from tests.families.test_responses import MULTIPLIED, HarmonicResponse, built, densities


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    model = built(HarmonicResponse)
    save_file(
        {name: tensor.detach().clone() for name, tensor in model.tensors().items()},
        path / "weights.safetensors",
    )
    (path / "model.json").write_text(
        json.dumps({"settings": {"family": "harmonic_response", "multiplied": MULTIPLIED}})
    )
    return path


def test_batches_change_nothing(folder, monkeypatch):
    inputs = densities(7, seed=3).numpy()
    viscosity = np.linspace(0, 0.2, 7)
    whole = answers(folder, inputs, viscosity=viscosity)
    monkeypatch.setattr(module, "BATCH", 3)
    np.testing.assert_allclose(answers(folder, inputs, viscosity=viscosity), whole, rtol=1e-5)
    np.testing.assert_allclose(answers(folder, inputs[2:3], viscosity=viscosity[2])[0], whole[2], rtol=1e-5)


@pytest.mark.parametrize(
    "inputs, viscosity",
    [(np.full((2, 18, 18), np.nan), 0.1), (np.zeros((0, 18, 18)), 0.1), (None, np.ones(3))],
)
def test_a_fault_is_one_line(folder, inputs, viscosity):
    inputs = densities(2).numpy() if inputs is None else inputs
    with pytest.raises(InputError) as caught:
        answers(folder, inputs, viscosity=viscosity)
    assert "\n" not in str(caught.value)
