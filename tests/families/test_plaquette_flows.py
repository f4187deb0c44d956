"""Closed-form flows of links: densities are those of the maps, gauge transformations commute, weights are as tabled."""

import numpy as np
import pytest
import torch
from scipy import stats

from emulant.contracts.study import StudyInputs
from emulant.errors import InputError
from emulant.families._sectors import study_sectors
from emulant.families.augmented_spread import AugmentedSpread
from emulant.families.augmented_spread import Model as AugmentedModel
from emulant.families.plaquette_tree.model import Model as TreeModel
from emulant.families.plaquette_tree.tree import Tree
from emulant.families.smooth_spread import Model as SmoothModel
from emulant.families.smooth_spread import SmoothSpread
from emulant.families.trivial_map import Model as TrivialModel
from emulant.families.trivial_map import Trivial
from emulant.gauge.arrays import wrapped
from emulant.gauge.exact import Torus
from emulant.gauge.symmetries import transformed
from emulant.stages.reference import write_reference
from emulant.statistics.weights import effective_fraction, minus_log_mean
from emulant.systems.phi4.system import Phi4
from emulant.systems.u1.system import U1
from emulant.transport.independence import independence_metropolis

MODELS = {"trivial": TrivialModel, "smooth": SmoothModel, "augmented": AugmentedModel, "tree": TreeModel}
FIT = {"samples": 1024, "rounds": 1, "ridge": 1e-3}


def model_of(name, beta, shape, samples=1000):
    settings = {"name": name, "family": name, "fit": FIT, "generation": {"samples": samples}}
    return MODELS[name].build(settings, None, U1(beta, shape))


def weighed(model, samples, seed=1):
    drawn = model.sample(samples, torch.Generator().manual_seed(seed))
    return drawn.values, (-model.system.action(drawn.values) - drawn.log_q).numpy()


@pytest.mark.parametrize(
    "make", [Trivial, SmoothSpread, lambda b: Tree(b, 9)], ids=["trivial", "smooth", "tree"]
)
def test_the_density_is_that_of_the_bijection(make):
    """-ln |det d theta / d u| of V - 1 angles, by central differences at points away from the knots of tables."""
    plaquette_map = make(1.7)
    generator, h = np.random.default_rng(3), 1e-5
    for _ in range(3):
        uniform = generator.uniform(-np.pi, np.pi, 9)
        shifted = np.concatenate([uniform + h * sign * np.eye(9)[:8] for sign in (1, -1)])
        images = plaquette_map.mapped(shifted)[0][:, :8]
        jacobian = wrapped(images[:8] - images[8:]) / (2 * h)
        (_, log_q) = plaquette_map.mapped(uniform[None])
        assert float(log_q[0]) == pytest.approx(-np.linalg.slogdet(jacobian)[1], abs=2e-5)


def test_the_density_without_the_auxiliary_angle():
    """The bijection of nine angles has unit Jacobian after the quantiles; d is integrated out by brute force."""
    spread = AugmentedSpread(1.7)
    uniform = np.random.default_rng(4).uniform(-np.pi, np.pi, (3, 9))
    plaquettes, log_q = spread.mapped(uniform)
    assert np.abs(wrapped(plaquettes.sum(1))).max() < 1e-12
    d = np.linspace(-np.pi, np.pi, 20001)
    free = plaquettes[:, :, None] + d / 9
    joint = np.exp(1.7 * np.cos(free).sum(1))
    integral = np.trapezoid(joint, d, axis=1) / (2 * np.pi)
    np.testing.assert_allclose(log_q, np.log(integral) - 9 * spread.law.log_norm, atol=1e-7)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("shape", [(4, 4), (3, 5)])
def test_gauge_transformations_commute_with_the_flow(name, shape):
    """f(z^g) = f(z)^g and the same log q, to 1e-10; log_density of the samples is what they came with."""
    model, generator = model_of(name, 2.0, shape), torch.Generator().manual_seed(5)
    links = (2 * torch.rand(20, 2, *shape, generator=generator, dtype=torch.float64) - 1) * np.pi
    spare = (2 * torch.rand(20, generator=generator, dtype=torch.float64) - 1) * np.pi
    gauge = 2 * np.pi * torch.rand(20, *shape, generator=generator, dtype=torch.float64)
    plaquette_map = model.map_of(2.0)
    one, log_q = model.transported(links, spare, plaquette_map)
    two, again = model.transported(transformed(links, gauge), spare, plaquette_map)
    assert float(wrapped(two - transformed(one, gauge)).abs().max()) < 1e-10
    torch.testing.assert_close(again, log_q, atol=1e-9, rtol=0)
    torch.testing.assert_close(model.log_density(transformed(one, gauge)), log_q, atol=1e-9, rtol=0)
    torch.testing.assert_close(model.log_density(-one), log_q, atol=1e-9, rtol=0)
    assert float(one.min()) >= -np.pi and float(one.max()) < np.pi


TABLED = [
    (2.0, 8, {"trivial": 0.461, "smooth": 0.978, "augmented": 0.9978, "tree": 0.9999}),
    (7.0, 16, {"trivial": 0.218, "smooth": 0.948, "augmented": 0.9970, "tree": 0.9999}),
]
ERROR = 4.5
"""Errors of the tests below: false alarm 7e-6 each."""


@pytest.mark.parametrize(("beta", "length", "expected"), TABLED, ids=["8", "16"])
@pytest.mark.parametrize("name", MODELS)
def test_weights_are_as_good_as_tabled(name, beta, length, expected):
    """Effective part within errors of the tabled one or above, ln Z within errors and the interpolation of tables."""
    _, log_weight = weighed(model_of(name, beta, (length, length)), 3000)
    ess, error = effective_fraction(log_weight)
    assert ess > expected[name] - ERROR * error - 5e-4
    value, error = minus_log_mean(log_weight)
    assert abs(value + Torus(beta, length**2).log_z) < ERROR * error + 2e-4


@pytest.mark.parametrize("beta", [1.0, 3.0, 5.0, 11.0])
@pytest.mark.parametrize("length", [8, 16])
def test_the_tree_is_accepted_and_has_every_sector(beta, length):
    """Acceptance of at least 0.999, and without weights each sector with its probability, by chi^2 at 1e-5."""
    samples = 3000
    model = model_of("tree", beta, (length, length))
    links, log_weight = weighed(model, samples, seed=int(beta) + length)
    assert independence_metropolis(log_weight, np.random.default_rng(1)).acceptance > 0.999
    charge = np.abs(model.system.view(links.numpy()).charge)
    torus = model.system.exact
    folded = np.array([torus.charge_probability(0), *(2 * torus.charge_probability(q) for q in range(1, 40))])
    expected = samples * folded
    common = expected > 5
    counts = np.array([(charge == q).sum() for q in range(40)])
    rest = samples - counts[common].sum()
    chi2 = ((counts - expected)[common] ** 2 / expected[common]).sum()
    assert stats.chi2.sf(chi2, max(1, common.sum() - 1)) > 1e-5
    assert rest <= stats.poisson.isf(1e-6, expected[~common].sum())


@pytest.mark.parametrize("name", MODELS)
def test_sectors_are_right_by_weight(name):
    """P(|Q|) of weighted samples at beta = 2 on 4 x 4 within 4.5 errors, |Q| <= 2."""
    model = model_of(name, 2.0, (4, 4))
    links, log_weight = weighed(model, 6000)
    weight = np.exp(log_weight - log_weight.max())
    charge = np.abs(model.system.view(links.numpy()).charge)
    for sector in range(3):
        exact = model.system.exact.charge_probability(sector) * (2 if sector else 1)
        share = weight @ (charge == sector) / weight.sum()
        error = np.sqrt(((weight * ((charge == sector) - share)) ** 2).sum()) / weight.sum()
        assert abs(share - exact) < ERROR * error, sector


def test_a_wrong_coupling_is_fitted_away():
    """The tree begins 10 % off; two Gauss-Newton rounds bring ln b back to 1e-3 and the weights to a constant."""
    model = model_of("tree", 2.0, (4, 4))
    model.network.log_ratio.data += 0.1
    _, before = weighed(model, 500)
    for number in range(3):
        model.fit_round(number, torch.Generator().manual_seed(number), {})
    _, after = weighed(model, 500)
    assert abs(float(model.network.log_ratio.detach())) < 1e-3 < 1e-1 < before.std() and after.std() < 5e-3


def test_the_loss_has_the_gradient_of_the_divergence():
    """Above the coupling KL(q || p) grows with b: d KL / d ln b = V b (b - beta) d<cos theta_p>/db."""
    model = model_of("tree", 2.0, (4, 4))
    model.network.log_ratio.data += 0.2
    loss = model.loss(torch.empty(4000, 0), torch.Generator().manual_seed(2))
    loss.backward()
    b = 2.0 * np.exp(0.2)
    curvature = (Torus(b + 1e-3, 16).plaquette - Torus(b - 1e-3, 16).plaquette) / 2e-3
    assert float(model.network.log_ratio.grad) == pytest.approx(16 * b * (b - 2.0) * curvature, rel=0.15)


def test_the_study_of_sectors(tmp_path):
    system = U1(2.0, (6, 6))
    block = {"kind": "u1", "beta": 2.0, "shape": [6, 6]}
    files = [tmp_path / name for name in ("reference.h5", "reference.json", "cost.json")]
    reference = {"sampler": "exact", "samples": 1500}
    write_reference(
        *files,
        role="reference",
        system=block,
        reference=reference,
        seed=1,
        checkpoint=tmp_path / "c",
        threads=1,
    )
    model = model_of("smooth", 2.0, (6, 6), samples=1500)
    table, record = study_sectors(system, StudyInputs({}, 3, files[0], {"smooth": model}))
    rows = table.set_index(["direction", "sector"])
    for direction in ("reverse", "forward"):
        whole, neutral = rows.loc[(direction, "all")], rows.loc[(direction, "0")]
        assert whole["samples"] == 1500 and whole["ess"] > 0.9 and neutral["ess"] > whole["ess"]
        exact = system.exact.charge_probability(0)
        assert abs(neutral["weighted"] - exact) < ERROR * np.sqrt(exact * (1 - exact) / 1400)
    for side in ("minus_log_z", "minus_log_z_forward"):
        assert abs(record[side] - record["minus_log_z_exact"]) < ERROR * record[f"{side}_error"]


def test_what_a_flow_of_plaquettes_needs():
    settings = {"name": "t", "family": "trivial_map", "fit": FIT}
    with pytest.raises(InputError, match="HasPlaquettes"):
        TrivialModel.build(settings, None, Phi4(0.2, 0.1, (4, 4)))
    with pytest.raises(InputError, match=r"a positive coupling of plaquettes for trivial_map, got 0\.0"):
        TrivialModel.build(settings, None, U1(0.0, (4, 4)))
