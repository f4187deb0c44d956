"""Score and energy of points in the plane: one learns a vector, the other a scalar, both the same density."""

import math
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from emulant.families import build_model, load_model
from emulant.families._planar_table import levels
from emulant.families.energy import Model as Energy
from emulant.plane.curl import relative_curl
from emulant.plane.density import Grid, divergence
from emulant.storage.records import write_json
from emulant.training.loop import TrainingSettings, train
from emulant.transport.empirical_plane import PlaneHistogram

SETTINGS = {
    "path": {"kind": "variance_exploding", "sigma": 25.0},
    "network": {"kind": "pointwise", "channels": 24, "blocks": 1, "embedding": 16},
    "generation": {"solver": "probability_flow", "steps": 20},
}
SHORT = TrainingSettings(steps=1000, batch=512, learning_rate=8e-3, report_every=500, checkpoint_every=10**6)


def settings(family, **generation):
    block = {**SETTINGS["generation"], **generation}
    return {**SETTINGS, "name": family, "family": family, "generation": block}


def bent(count, seed=1):
    """x of two peaks, y a bent function of it: odd, far from Gaussian."""
    generator = torch.Generator().manual_seed(seed)
    x = (
        torch.randint(0, 2, (count,), generator=generator) * 2.0
        - 1
        + 0.4 * torch.randn(count, generator=generator)
    )
    y = 0.3 * torch.sin(2 * x) + 0.2 * torch.randn(count, generator=generator)
    return torch.stack([x, y], dim=1)


@cache
def trained(family):
    torch.manual_seed(0)
    model, data = build_model(settings(family), bent(200_000)), bent(200_000)
    with TemporaryDirectory() as folder:
        weights, _ = train(
            model, model.examples(data, 1), SHORT, seed=1, checkpoint=Path(folder) / "c", stamp="x"
        )
    return model, model.finished(weights, model.examples(data, 1), None)


def test_the_histogram_has_the_score_of_a_gaussian():
    """E[u₀ | u] = u/(1 + s²) for a standard normal, to the statistics of 10⁶ samples within two deviations."""
    data = PlaneHistogram(torch.randn(1_000_000, 2, generator=torch.Generator().manual_seed(1)), cells=512)
    axis = torch.linspace(-2, 2, 9, dtype=torch.float64)
    mean, density = data.posterior_means(axis, axis, 0.5)
    wanted = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), -1) / 1.25
    assert (mean - wanted).abs().max() < 0.03
    assert float(density[4, 4]) == pytest.approx(1 / (2 * math.pi * 1.25), rel=0.01)


@pytest.mark.parametrize("family", ["score", "energy"])
def test_second_moments_are_learned(family):
    """<x²>, <y²>, <xy> of 20,000 points to 4 %, after seconds of training."""
    model, _ = trained(family)
    generated, data = model.sample(20_000, torch.Generator().manual_seed(2)).values, bent(200_000)
    np.testing.assert_allclose(generated.T @ generated / len(generated), data.T @ data / len(data), rtol=0.04)


@pytest.mark.parametrize("family", ["score", "energy"])
def test_a_correlated_gaussian_is_generated_exactly(family):
    """Untrained, a model is the linear flow of a Gaussian: its matrix makes the data's covariance, to 1e-3.

    A start without the correlations would make 1 % of an error.
    """
    noise = torch.randn(20_000, 2, generator=torch.Generator().manual_seed(1))
    data = torch.stack([noise[:, 0], 0.98 * noise[:, 0] + 0.2 * noise[:, 1]], dim=1)
    generated = (
        build_model(settings(family, steps=34), data).sample(64, torch.Generator().manual_seed(2)).values
    )
    start = torch.randn(64, 2, generator=torch.Generator().manual_seed(2))
    flow = torch.linalg.lstsq(start.double(), generated.double()).solution
    torch.testing.assert_close(start.double() @ flow, generated.double(), atol=1e-4, rtol=0)
    wanted = data.double().T @ data.double() / len(data)
    torch.testing.assert_close(flow.T @ flow, wanted, atol=1e-3, rtol=0)


@pytest.mark.parametrize("family", ["score", "energy"])
def test_what_a_model_misses_is_no_linear_function(family):
    """After calibration <v (n - target)^T> vanishes at every level, of an energy its symmetric part; before it did not."""
    model, _ = trained(family)
    for s in levels()[[0, 20, 40]]:
        nodes = model.table.at_level(s)
        v, noise = nodes.v, nodes.noise
        error = (model.correction(v, noise) - nodes.target).detach().double()
        weighted = nodes.density[:, None] * v.double()
        size = (weighted.T @ v.double()).abs().max()
        product = weighted.T @ error
        missed = product if family == "score" else product + product.T
        assert missed.abs().max() < 1e-6 * size
    assert model.linear.abs().max() > 1e-4


def test_the_energy_is_a_density_without_curl():
    model, _ = trained("energy")
    grid, data = Grid(2.8, 1.2, 40, 40), bent(2_000_000, seed=5).numpy()
    with torch.no_grad():
        shares = grid.of_energy(lambda x: model.energy(torch.from_numpy(x).float()).numpy())
    assert divergence(grid.histogram(data), shares) < 0.03
    noise = torch.full((256,), 0.1, dtype=torch.float64)
    u = bent(256) / model.deviation.float()
    assert relative_curl(lambda x: model.score_of(x, noise, train=True), u) < 1e-5


def test_the_exponential_has_the_moments_of_the_training_points():
    """All of order 2 to 8, smoothed by 0.03 deviations, on a grid: to 1e-3 of the cells' and of float32's; 2 % without."""
    model, data = trained("energy")[0], bent(200_000).double()
    axis = torch.linspace(-6, 6, 601, dtype=torch.float64)
    u = torch.cartesian_prod(axis, axis)
    with torch.no_grad():
        weight = torch.softmax(-model.energy((u * model.deviation).float()), 0)
    histogram = PlaneHistogram(data / model.deviation)
    density = histogram.posterior_means(axis, axis, 0.03)[1].flatten()
    functions = model._functions(model._whitened(u))
    expected = (density / density.sum()) @ functions
    torch.testing.assert_close(weight @ functions, expected, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("sign", [1, -1])
def test_beyond_all_samples_the_density_falls(sign):
    """On every ray out of the table's reach E grows, and near ten times it at least half as fast as a Gaussian's.

    Even where the linear part, measured on the samples, would undo the Gaussian: A = ±2.
    """
    model = deepcopy(trained("energy")[0])
    model.linear = sign * 2 * torch.eye(2, dtype=torch.float64).expand_as(model.linear)
    angle = torch.linspace(0, 2 * math.pi, 49, dtype=torch.float64)[:, None, None]
    reach = model.table.v.norm(dim=1).max().double()
    length = reach * torch.linspace(1.3, 10, 30, dtype=torch.float64)[None, :, None]
    v = torch.cat([angle.cos(), angle.sin()], dim=-1) * length
    u = torch.linalg.solve(model.whitening(torch.tensor([0.03])), v.reshape(-1, 2).T)[0].T
    energy = model.energy(u.float() * model.deviation.float()).reshape(49, 30)
    assert (energy.diff(dim=1) > 0).all()
    gaussian = 0.5 * length[0, -1] ** 2
    assert ((energy[:, -1] - energy[:, 0]) > 0.5 * gaussian).all()
    inside = bent(1000) / model.deviation.float()
    torch.testing.assert_close(model.inside(inside), inside, atol=0, rtol=0)


def test_metropolis_steps_keep_the_density_of_the_energy():
    """Points drawn from exp(-E) on a fine grid keep their second moments: three pulls below 4.5, false alarm 2e-5."""
    model, _ = trained("energy")
    adjusted = Energy(
        settings("energy", solver="metropolis", metropolis_steps=8),
        model.deviation,
        model.correlation,
        linear=model.linear,
        reach=model.reach,
        tilt=model.tilt,
    )
    adjusted.network.load_state_dict(model.network.state_dict())
    grid, rng = Grid(2.8, 1.2, 280, 240), np.random.default_rng(3)
    with torch.no_grad():
        shares = grid.of_energy(lambda x: model.energy(torch.from_numpy(x).float()).numpy())
    cell = rng.choice(shares.size, 40_000, p=shares.ravel())
    x, y = (axis[k] for axis, k in zip(grid.centres, np.unravel_index(cell, shares.shape), strict=True))
    points = np.column_stack([x, y]) + rng.uniform(-0.5, 0.5, (len(cell), 2)) * [0.02, 0.01]
    u = (torch.from_numpy(points) / model.deviation).float()
    moved = adjusted.refined(u, torch.Generator().manual_seed(2))
    assert (moved - u).abs().mean() > 0.1
    for i, j in ((0, 0), (0, 1), (1, 1)):
        change = (moved[:, i] * moved[:, j] - u[:, i] * u[:, j]).double()
        assert abs(change.mean()) < 4.5 * change.std() / len(u) ** 0.5


@pytest.mark.parametrize("family", ["score", "energy"])
def test_what_is_loaded_generates_what_was_trained(family, tmp_path):
    model, tensors = trained(family)
    save_file(tensors, tmp_path / "weights.safetensors")
    write_json(tmp_path / "model.json", {"settings": settings(family), "site_shape": [2]})
    generated, again = (
        m.sample(16, torch.Generator().manual_seed(3)).values for m in (model.eval(), load_model(tmp_path))
    )
    torch.testing.assert_close(generated, again, atol=0, rtol=0)
