"""What every family must keep: a model is its files, its seed is its samples, its likelihood is that of its map."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from emulant.collisions.events import Events
from emulant.contracts.declaration import declared_family, family_names
from emulant.contracts.family import HasLogLikelihood, HasLoss, HasRounds, HasVariants
from emulant.families import build_model, family_of, load_model
from emulant.stages.held_out import condition_of
from emulant.stages.trial import check_model, first_pairs
from emulant.storage.records import write_json
from emulant.systems import system_from
from emulant.training.batches import Batches
from tests.families.small import MEMBERS, built, data_of

BY_NAME = {member.family: member for member in MEMBERS}
SOLVERS = [(member, block) for member in MEMBERS for block in member.generation]
FLOWS = [
    (member, block)
    for member, block in SOLVERS
    if member.odd and block["solver"] in ("latent_flow", "probability_flow")
]


def labels(value):
    return "-".join([value[0].family, value[1].get("solver", "")]) if isinstance(value, tuple) else value


@cache
def model_of(family):
    return built(BY_NAME[family])


def sampled(model, count=16, seed=7):
    """Samples, at the system's own conditions; of pairs, outputs of the first training inputs."""
    generator = torch.Generator().manual_seed(seed)
    return model.sample(count, generator, condition_for(model, count)).values


def condition_for(model, count):
    """What generation would tell a model of `count` samples."""
    member = BY_NAME[model.settings["family"]]
    data = data_of(member) if declared_family(member.family)["needs"] == "pairs" else None
    pairs = None if data is None else first_pairs(data, count)
    return condition_of(member.family, system_from(member.system), pairs, "cpu")


def numbers(samples):
    """All numbers of samples of any form."""
    return samples.momenta if isinstance(samples, Events) else samples.numpy()


@pytest.mark.parametrize("family", family_names())
def test_what_is_loaded_is_what_was_saved(family, tmp_path):
    model = model_of(family)
    save_file(model.tensors(), tmp_path / "weights.safetensors")
    write_json(tmp_path / "model.json", {"settings": model.settings, "site_shape": list(model.site_shape)})
    loaded = load_model(tmp_path, system_from(BY_NAME[family].system))
    assert {k: v.numpy().tobytes() for k, v in loaded.tensors().items()} == {
        k: v.numpy().tobytes() for k, v in model.tensors().items()
    }
    assert numbers(sampled(model)).tobytes() == numbers(sampled(loaded)).tobytes()


@pytest.mark.parametrize("family", family_names())
def test_a_seed_is_its_samples(family):
    model = model_of(family)
    one, two, other = (numbers(sampled(model, seed=seed)) for seed in (7, 7, 8))
    assert one.tobytes() == two.tobytes()
    assert (one.tobytes() != other.tobytes()) == BY_NAME[family].scatter
    assert len(sampled(model, count=5)) == 5 and np.isfinite(one).all()


@pytest.mark.parametrize("family", family_names())
def test_a_loss_is_a_number_that_the_weights_can_lower(family):
    """Of a batch of examples, alike for the same random numbers; the network has a gradient, or is fitted in rounds."""
    model = built(BY_NAME[family])
    if not isinstance(model, HasLoss):
        assert isinstance(model, HasRounds) and model.rounds >= 1
        return
    examples = model.examples(data_of(BY_NAME[family]), 1)
    batch = Batches(examples, 0.05, (), torch.device("cpu")).drawn(16, torch.Generator().manual_seed(1))
    one, two = (model.loss(batch, torch.Generator().manual_seed(1)) for _ in range(2))
    assert one.shape == () and float(one.detach()) == float(two.detach())
    one.backward()
    assert any(bool(p.grad.any()) for p in model.network.parameters() if p.grad is not None)


@pytest.mark.parametrize("family", family_names())
def test_a_fresh_model_is_tried_and_left_as_it_is(family):
    """No family is excepted, and neither its weights nor the job's random numbers know of it."""
    member = BY_NAME[family]
    system, data = system_from(member.system), data_of(member)
    settings = {"name": family, "family": family, "generation": member.generation[0], **member.settings}
    torch.manual_seed(5)
    model = build_model(settings, data, system)
    state = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    before = torch.get_rng_state()
    check_model(model, data, system)
    assert torch.equal(torch.get_rng_state(), before) and model.settings == settings
    for name, tensor in model.network.state_dict().items():
        assert torch.equal(tensor, state[name])


@pytest.mark.parametrize("case", SOLVERS, ids=labels)
def test_the_ledger_counts_true_evaluations(case):
    """Calls of the network (of the published cloud, of its decoder) while one batch is generated."""
    member, block = case
    model, calls = built(member, block), []
    network = model.network.decoder if member.family == "heidi_baseline" else model.network
    with torch.no_grad():
        network.register_forward_hook(lambda *_: calls.append(1))
        sampled(model, count=4)
    assert len(calls) == model.evaluations


@pytest.mark.parametrize("case", FLOWS, ids=labels)
def test_a_law_without_a_sign_has_an_odd_map(case):
    """phi -> -phi leaves the law alone, so noise of the other sign makes the sample of the other sign."""
    model, generator = built(*case), torch.Generator().manual_seed(1)
    latents = torch.randn(8, *model.site_shape, generator=generator)
    one, two = (model.generate(sign * latents, generator) for sign in (1, -1))
    torch.testing.assert_close(one, -two, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("family", [n for n in family_names() if issubclass(family_of(n), HasLogLikelihood)])
def test_a_likelihood_is_that_of_the_map(family):
    """Log q(x(y)) = log N(y) - log |det dx/dy|, by autograd at each sample, to what 60 steps leave."""
    member = BY_NAME[family]
    model = built(member, {"solver": "latent_flow", "steps": 60})
    assert isinstance(model, HasLogLikelihood)
    latents = torch.randn(2, *model.site_shape, generator=torch.Generator().manual_seed(2))
    generate = type(model).generate.__wrapped__
    exact, samples = [], []
    for latent in latents:
        flat = latent.flatten()

        def mapped(y):
            return generate(model, y.reshape(1, *model.site_shape), None).flatten()

        jacobian = torch.autograd.functional.jacobian(mapped, flat, vectorize=True).double()
        log_normal = -0.5 * flat.double().square().sum() - 0.5 * len(flat) * math.log(2 * math.pi)
        exact.append(float(log_normal - torch.linalg.slogdet(jacobian).logabsdet))
        samples.append(mapped(flat).detach().reshape(1, *model.site_shape))
    log_q, error = model.log_likelihood(
        torch.cat(samples), steps=60, probes=None, generator=torch.Generator().manual_seed(3)
    )
    assert not error.any()
    assert log_q.tolist() == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("family", family_names())
def test_variants_are_those_that_are_declared(family):
    """The same random numbers: of events as many particles of the same species; numbers that a step changes."""
    model, variants = model_of(family), declared_family(family)["variants"]
    assert isinstance(model, HasVariants) == bool(variants)
    for variant in variants:
        whole = sampled(model)
        generator, condition = torch.Generator().manual_seed(7), condition_for(model, 16)
        other = model.sample_variant(variant, 16, generator, condition).values
        if isinstance(whole, Events):
            np.testing.assert_array_equal(whole.pdg, other.pdg)
        assert numbers(whole).shape == numbers(other).shape
        assert (numbers(whole) != numbers(other)).any()


def test_every_family_is_tested():
    """A new family brings a file of its own; tests/families/small.py says what it holds."""
    missing = [f"tests/families/members/{name}.yaml" for name in family_names() if name not in BY_NAME]
    assert not missing and sorted(BY_NAME) == family_names()
