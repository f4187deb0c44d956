"""What a model returns before it is trained, or in a batch, is what generation needs; else one line."""

import math

import pytest
import torch
from torch import nn

from emulant.contracts.family import Samples
from emulant.errors import InputError
from emulant.stages import trial
from emulant.stages.trial import check_count, check_model
from emulant.systems import system_from

WELL = system_from({"kind": "two_peak", "mean": 1.0, "width": 0.5})


def log_normal(x):
    return -0.5 * x.double().square().sum(1) - 0.5 * math.log(2 * math.pi)


class Model:
    """Normal numbers, returned as `result` makes them."""

    site_shape = (1,)

    def __init__(self, result):
        self.result, self.network = result, nn.Linear(1, 1)
        self.settings = {"name": "mine", "family": "mine", "generation": {"steps": 500}}

    def sample(self, count, generator, condition=None, watch=None):
        assert not self.network.training and self.settings["generation"]["steps"] == 2
        torch.rand(3)
        return self.result(torch.randn(count, 1, generator=generator))


@pytest.fixture
def tried(monkeypatch):
    """A function (result of `sample`, whether the likelihood is declared) that tries the model."""

    def tried(result, likelihood=False):
        declared = {"generation": {"steps": {"minimum": 2}}, "conditions": [], "likelihood": likelihood}
        monkeypatch.setattr(trial, "declared_family", lambda name: declared)
        monkeypatch.setattr(trial, "condition_of", lambda *_: {})
        model, before = Model(result), torch.get_rng_state()
        check_model(model, None, WELL)
        assert torch.equal(torch.get_rng_state(), before)

    return tried


def test_models_that_keep_the_contract_pass(tried):
    tried(Samples)
    tried(lambda x: Samples(x, log_q=log_normal(x)), likelihood=True)


@pytest.mark.parametrize(
    ("result", "likelihood", "words"),
    [
        (lambda x: x, False, r"model mine: sample: expected Samples .*, got Tensor"),
        (lambda x: Samples(x[:3]), False, "expected 4 samples, as asked for, got 3"),
        (lambda x: Samples(x[:, 0]), False, r"samples of shape \(4, 1\), got \(4,\)"),
        (lambda x: Samples(x, log_q=log_normal(x)[:, None]), True, r"log_q of shape \(4,\), got \(4, 1\)"),
        (
            lambda x: Samples(x, log_q=log_normal(x)),
            False,
            r"mine.yaml: likelihood: expected true, .* got false",
        ),
        (
            Samples,
            True,
            r"mine.yaml: likelihood: expected false, as `sample` returns neither log_q nor work .*, got true",
        ),
    ],
)
def test_what_breaks_it_is_one_line(tried, result, likelihood, words):
    with pytest.raises(InputError, match=words) as caught:
        tried(result, likelihood)
    assert "\n" not in str(caught.value)


def test_a_batch_of_another_length_is_refused():
    with pytest.raises(InputError, match="model mine: sample: expected 16 samples, as asked for, got 15"):
        check_count(Samples(torch.zeros(15, 1)), 16, "mine")
