"""Families that unfold: exact symmetries, no look at the answer, events twice as large, and a sign that nobody knows."""

import dataclasses

import numpy as np
import pytest
import torch

from emulant.families import build_model
from emulant.storage.pairs import Pairs
from tests.families.small import MEMBERS, built, data_of

NAMES = (
    "survival_ratio",
    "ridge_unfolding",
    "bilinear_unfolding",
    "unfolding",
    "unfolding_direct",
    "unfolding_diffusion",
)
MOVES = {"charges": lambda x: x.flip(-3), "turn": lambda x: x.roll(12, -1)}
FACTORS, NOISE = (0.5, 0.5, 1.0), 0.5
"""Of the toy below: what of a slice is left in the next, and the noise of each."""


@pytest.fixture(scope="module", params=NAMES)
def model(request):
    (member,) = (member for member in MEMBERS if member.family == request.param)
    model = built(member)
    if hasattr(model, "fit_round"):
        model.fit_round(0, torch.Generator().manual_seed(1), {})
    return model, data_of(member)


def answered(model, inputs, variant="mean", **conditions):
    generator = torch.Generator().manual_seed(5)
    told = {"inputs": inputs, **conditions}
    if variant:
        return model.sample_variant(variant, len(inputs), generator, told)
    return model.sample(len(inputs), generator, told)


@pytest.mark.parametrize("name", MOVES)
def test_exchanged_charges_and_half_turns_reverse_the_separation(model, name):
    """Exactly, to the rounding of single precision, with random weights of the network."""
    (model, data), move = model, MOVES[name]
    one, other = (answered(model, maps) for maps in (data.inputs[:32], move(data.inputs[:32])))
    f = one.facts["separation"]
    assert f.abs().max() > 1e-3
    torch.testing.assert_close(other.facts["separation"], -f, atol=1e-4 * float(f.abs().max()), rtol=1e-3)
    scale = float(one.values.abs().max())
    torch.testing.assert_close(other.values, move(one.values), atol=1e-4 * scale, rtol=1e-3)


def test_nothing_looks_at_the_answer(model):
    """The separation that made the inputs is a condition of their file; other ones change no byte."""
    model, data = model
    for variant in ("", "mean"):
        one, other = (
            answered(model, data.inputs[:16], variant, separation=truth, pairs=truth[:, None])
            for truth in (data.conditions["separation"][:16], torch.ones(16))
        )
        assert torch.equal(one.values, other.values)
        assert torch.equal(one.facts["separation"], other.facts["separation"])


def test_events_twice_as_large_have_slices_twice_as_large(model):
    model, data = model
    one, twice = (answered(model, factor * data.inputs[:16]) for factor in (1, 2))
    torch.testing.assert_close(twice.values, 2 * one.values, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(twice.facts["separation"], one.facts["separation"], rtol=1e-3, atol=1e-5)


def toy(count, signs, seed):
    """A chain of slices of ten a bin, their dipole 10 f, then half and a quarter of it, with noise; signs turn samples."""
    generator = np.random.default_rng(seed)
    f = generator.uniform(-0.15, 0.15, count)
    phi = 2 * np.pi * ((np.arange(24) + 0.5) / 24 - 0.5)
    dipole = np.stack([np.sin(phi), -np.sin(phi)])[:, None] * np.ones((2, 4, 24))
    turned = generator.choice([-1, 1], count) if signs else np.ones(count)
    rest, maps = 10 * (f * turned)[:, None, None, None] * dipole, []
    for factor in (1.0, *FACTORS):
        rest = factor * rest + NOISE * generator.standard_normal(rest.shape)
        maps.append(10 + rest)
    slices = np.stack(maps, axis=1).astype(np.float32)
    tensors = (torch.from_numpy(part) for part in (slices[:, -1], slices[:, :-1]))
    return Pairs(*tensors, {"separation": torch.from_numpy(f)})


def trained(name, data):
    settings = {"name": name, "family": name, "network": {"channels": 4, "embedding": 4}}
    model = build_model(settings | {"generation": {"steps": 4}}, data, None)
    if hasattr(model, "fit_round"):
        model.fit_round(0, torch.Generator().manual_seed(1), {})
    return model


@pytest.mark.parametrize("name", NAMES)
def test_what_is_linear_is_recovered_at_its_floor(name):
    """Untrained networks add nothing: rmse of f is that of the best linear estimate within three errors; draws cover."""
    data, fresh = toy(1500, False, 1), toy(400, False, 2)
    model, f = trained(name, data), fresh.conditions["separation"]
    mean = answered(model, fresh.inputs).facts["separation"]
    variance, signal = NOISE**2, 10.0
    for factor in FACTORS:
        variance, signal = factor**2 * variance + NOISE**2, factor * signal
    # The sum of sin^2 over 192 bins is 96.
    floor = (variance / 96) ** 0.5 / signal
    best = floor if name == "survival_ratio" else (floor**-2 + 3 / 0.15**2) ** -0.5
    assert 0.89 < float((mean - f).square().mean().sqrt()) / best < 1.12
    draws = torch.stack([answered_at(model, fresh.inputs, seed) for seed in range(9)])
    low, *_, high = draws.sort(0).values[1:-1]
    covered = ((f > low) & (f < high)).double().mean()
    # Ten ranks are alike, six of them inside.
    assert abs(float(covered) - 0.6) < 4 * (0.6 * 0.4 / 400) ** 0.5


def answered_at(model, inputs, seed):
    sample = model.sample(len(inputs), torch.Generator().manual_seed(seed), {"inputs": inputs})
    return sample.facts["separation"]


@pytest.mark.parametrize("name", NAMES[1:])
def test_where_the_sign_of_the_field_is_unknown_the_posterior_is_symmetric(name):
    """Its mean is next to nothing beside the prior's width, and either sign is as likely whatever is true."""
    data, fresh = toy(1000, True, 3), toy(600, True, 4)
    model, f = trained(name, data), fresh.conditions["separation"]
    mean = answered(model, fresh.inputs).facts["separation"]
    assert mean.square().mean().sqrt() < 0.1 * 0.0866
    agree = (answered_at(model, fresh.inputs, 1) * f > 0).double().mean()
    assert abs(float(agree) - 0.5) < 4 * 0.5 / 600**0.5


def test_the_mean_of_the_flow_is_that_of_its_draws():
    """An untrained flow stands still: draws are the Gaussian law of the ridge, with its mean and width."""
    data = toy(600, False, 5)
    flow, ridge = trained("unfolding_diffusion", data), trained("ridge_unfolding", data)
    inputs = data.inputs[:100]
    torch.testing.assert_close(
        answered(flow, inputs).facts["separation"],
        answered(ridge, inputs).facts["separation"],
        atol=1e-4,
        rtol=1e-3,
    )
    one, other = (
        torch.stack([answered_at(model, inputs, seed) for seed in range(40)]).std(0).mean()
        for model in (flow, ridge)
    )
    assert abs(float(one / other) - 1) < 5 / (2 * 40 * 100) ** 0.5
    with torch.no_grad():
        slices = [
            model.sample(100, torch.Generator().manual_seed(1), {"inputs": inputs}).values.std()
            for model in (flow, ridge)
        ]
    assert abs(float(slices[0] / slices[1]) - 1) < 0.02


def scattered(count, seed):
    """As `toy`, but of each sample the spectrum falls at a rate of its own, and with it what is left of the dipole."""
    data, generator = toy(count, False, seed), np.random.default_rng(seed + 100)
    left = torch.from_numpy(generator.uniform(0.4, 1.6, count)).float()[:, None, None, None]
    spectrum = 1 + 0.2 * (left - 1) * torch.linspace(-1, 1, 4)[:, None]
    even = 0.5 * (data.inputs + data.inputs.flip(-3)).mean(-1, keepdim=True)
    odd = data.inputs - even
    noise = NOISE * torch.from_numpy(generator.standard_normal(odd.shape)).float()
    return dataclasses.replace(data, inputs=spectrum * even + left * odd + noise)


def test_products_with_the_spectrum_tell_how_much_survives():
    """Slopes of recovered on true f at samples of little and of much survival: one of both for the bilinear law alone."""
    data, fresh = scattered(1500, 7), scattered(800, 8)
    f, spectrum = fresh.conditions["separation"], fresh.inputs.mean((1, 3)) @ torch.arange(4.0)
    much = spectrum > spectrum.median()
    ratios = {}
    for name in ("ridge_unfolding", "bilinear_unfolding"):
        mean = answered(trained(name, data), fresh.inputs).facts["separation"]
        slopes = [(mean[part] @ f[part]) / (f[part] @ f[part]) for part in (much, ~much)]
        ratios[name] = float(slopes[0] / slopes[1])
    # Survival is 1.3 and 0.7 on average; slopes have errors of 3 %.
    assert ratios["ridge_unfolding"] > 1.5
    assert abs(ratios["bilinear_unfolding"] - 1) < 0.25


def test_fields_of_a_pair_are_all_that_build_needs():
    data = toy(200, False, 6)
    bare = dataclasses.replace(data, conditions={"separation": data.conditions["separation"]})
    assert trained("unfolding", bare).evaluations == 3
