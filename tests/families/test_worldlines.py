"""Models of dual variables: heights that sum up to one, the law of charges, an adversary that learns no conservation."""

import itertools

import numpy as np
import pytest
import torch

from emulant.errors import InputError
from emulant.families._dual_samples import dual_samples
from emulant.families._winding_sectors import fitted_sectors, log_sectors, sector_grid
from emulant.families.height_autoregressive.loops import loops_of
from emulant.families.height_autoregressive.model import Model
from emulant.families.worldline_gan.networks import NOISE, Adversaries
from emulant.statistics.pulls import limit
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems import system_from
from emulant.worldlines.chains import DualChains, DualMoves, starts
from emulant.worldlines.dual import divergence

SYSTEM = system_from({"kind": "complex_scalar", "mass": 0.1, "lambda": 1.0, "shape": [2, 2], "mu": 1.0})
SETTINGS = {"name": "m", "family": "height_autoregressive", "network": {"width": 16, "pair_width": 8}}


@pytest.fixture(scope="module")
def samples():
    dual, _ = starts((2, 2), 256, np.random.default_rng(5))
    chains = DualChains(dual, SYSTEM.weights, seed=3)
    chains.advance(DualMoves(2, 2), 30)
    several = []
    for _ in range(16):
        chains.advance(DualMoves(1, 2))
        several.append(chains.fields)
    return torch.from_numpy(np.concatenate(several))


@pytest.mark.parametrize("shape", [(2, 2), (3, 4), (5, 2), (1, 3)])
def test_increments_and_fluxes_are_the_same(shape):
    """Any increments are conserved, and are read again."""
    loops, generator = loops_of(shape), np.random.default_rng(1)
    increments = generator.integers(-3, 4, (50, shape[0] * shape[1] + 1))
    flux = increments @ loops.matrix.T
    assert not divergence(flux.reshape(50, 2, *shape)).any()
    np.testing.assert_array_equal(loops.increments(flux), increments)


def test_probabilities_sum_up_to_one(samples):
    """Every configuration of 2 x 2 sites in the support of a small model with weights by chance."""
    torch.manual_seed(1)
    whole = Model.build(SETTINGS, samples, SYSTEM)
    tables = whole.parts() | {"most": torch.tensor([1, 1]), "log_z": whole.parts()["log_z"][:2, :2]}
    model = Model(SETTINGS, SYSTEM.site_shape, tables)
    for parameter in model.network.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    flux = np.array(list(itertools.product((-1, 0, 1), repeat=5))) @ loops_of((2, 2)).matrix.T
    pairs = np.array(list(itertools.product((0, 1), repeat=8)))
    rows = np.concatenate([np.repeat(flux, len(pairs), 0), np.tile(pairs, (len(flux), 1))], 1)
    log_q = model.log_density(torch.from_numpy(rows.reshape(-1, 4, 2, 2)))
    assert float(log_q.exp().sum()) == pytest.approx(1, abs=1e-6)
    outside = torch.zeros(1, 4, 2, 2)
    outside[0, 2, 0, 0] = 2
    assert model.log_density(outside) == -torch.inf


def test_a_short_training_is_weighed_to_exact_values(samples):
    """Effective part, ln Z and three observables on 2 x 2 sites; false alarm of the four pulls 1 %."""
    torch.manual_seed(2)
    model, generator = Model.build(SETTINGS, samples, SYSTEM), torch.Generator().manual_seed(1)
    rows = model.examples(samples, 0).rows
    optimizer = torch.optim.Adam(model.network.parameters(), lr=1e-2)
    for _ in range(150):
        optimizer.zero_grad()
        batch = rows[torch.randint(len(rows), (128,), generator=generator)]
        model.loss(batch, generator).backward()
        optimizer.step()
    drawn = model.sample(8192, generator)
    torch.testing.assert_close(model.log_density(drawn.values), drawn.log_q)
    log_weight = (-SYSTEM.action(drawn.values) - drawn.log_q).numpy()
    assert effective_fraction(log_weight)[0] > 0.7
    value, error = minus_log_mean(log_weight)
    weight, view = np.exp(log_weight - log_weight.max()), SYSTEM.view(drawn.values.numpy())
    pulls = [(value + SYSTEM.log_partition()) / error]
    values = (view.density, *view.moments)
    for measured, exact in zip(values, SYSTEM.exact.observables, strict=True):
        mean = (weight * measured).sum() / weight.sum()
        pulls.append((mean - exact) / np.sqrt(((weight * (measured - mean)) ** 2).sum()) * weight.sum())
    assert np.abs(pulls).max() < limit(4) and not view.broken.any()


def test_the_law_of_charges_is_carried_to_another_mu():
    """Charges drawn from a known Z(Q) at two mu give the probabilities at a third within five of their errors."""
    generator, log_z = np.random.default_rng(1), -1.5 * np.arange(-9, 10) ** 2.0

    def law(mu):
        weight = np.exp(2 * mu * np.arange(-9, 10) + log_z)
        return weight / weight.sum()

    mus = np.repeat([0.5, 3.0], 20000)
    charge = np.concatenate([generator.choice(np.arange(-9, 10), 20000, p=law(mu)) for mu in (0.5, 3.0)])
    winding = generator.integers(-1, 2, len(charge))
    fitted = fitted_sectors(charge, winding, mus, 2)
    charges, _ = sector_grid(fitted)
    ours = log_sectors(fitted, 1.5, 2).exp()
    for q in range(3):
        exact = law(1.5)[9 + q]
        assert float(ours[charges == q].sum()) == pytest.approx(exact, abs=5 * np.sqrt(exact / 20000) + 1e-3)


def test_each_adversary_has_its_own_gradient():
    network, density = Adversaries(4, 6, 1), torch.ones(5)
    generated = network("generate", torch.randn(5, NOISE, 3, 4), density)
    network("judge_fixed", generated, density).sum().backward()
    assert all(p.grad is None for p in [*network.critic.parameters(), *network.verdict.parameters()])
    assert all(bool(p.grad.any()) for p in network.generator.parameters())
    torch.testing.assert_close(
        network("judge", generated, density), network("judge_fixed", generated, density)
    )


def test_a_line_is_no_plane():
    system = system_from({"kind": "complex_scalar", "mass": 0.1, "lambda": 1.0, "shape": [4], "mu": 1.0})
    with pytest.raises(InputError, match=r"shape: expected two directions.* for worldline_gan"):
        dual_samples("worldline_gan", torch.zeros(3, 2, 4), system)
