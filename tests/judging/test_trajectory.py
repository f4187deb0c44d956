"""Cumulants along the forward and the backward process of lattice ensembles follow the exact laws of the path."""

import numpy as np
import pytest
import torch
from scipy import stats

from emulant.families import build_model
from emulant.judging.forward import forward_cumulants
from emulant.stages.trajectory import cumulants_on_the_way
from emulant.statistics.cumulants import cumulants, site_moments
from emulant.statistics.jackknife import BlockSums, assign_blocks, jackknife, jackknife_error
from emulant.storage.ensemble import open_ensemble
from emulant.systems.phi4.system import Phi4
from emulant.transport.laws import cumulant
from emulant.transport.paths import path_from
from tests.references import sample_reference

PATHS = {
    "ve": {"kind": "variance_exploding", "sigma": 25.0},
    "vp": {"kind": "variance_preserving", "sigma": 10.0},
    "flow": {"kind": "linear_interpolant"},
}
SETTINGS = {
    "name": "model",
    "family": "diffusion",
    "network": {"kind": "lattice", "channels": 4, "blocks": 1},
    "generation": {"solver": "latent_flow", "steps": 12},
    "zero_mode_components": 0,
}


@pytest.fixture(scope="module")
def interacting(tmp_path_factory):
    """16384 independent configurations by Hybrid Monte Carlo at kappa = 0.26 on 8 x 8, in units of their rms."""
    folder = tmp_path_factory.mktemp("forward")
    sample_reference(
        Phi4(0.26, 0.022, (8, 8)),
        folder / "reference.h5",
        settings={"sampler": "hmc", "samples": 16384, "chains": 256},
        seed=1,
        checkpoint=folder / "checkpoint",
    )
    with open_ensemble(folder / "reference.h5") as ensemble:
        fields = ensemble.read(0, len(ensemble)).astype(float)
    fields = np.random.default_rng(0).permutation(fields)
    return fields / np.sqrt((fields**2).mean())


def test_forward_process_of_an_interacting_lattice(interacting):
    """kappa_2..kappa_8 against the law from the same configurations: 4 of their own errors at every time."""
    table = forward_cumulants(
        interacting, {k: path_from(p) for k, p in PATHS.items()}, (0.02, 0.1, 0.3), seed=2
    )
    assert ((table["value"] - table["exact"]).abs() < 4 * table["error"]).all()
    start = table[(table["path"] == "flow") & (table["t"] == 0.02) & (table["n"] > 2)]
    assert (start["exact"].abs() > 20 * start["error"]).all()


def test_forward_errors_are_those_of_independent_halves(interacting):
    """The law from one half, the process on parts of the other: 16 pulls of kappa_4 have chi^2 p > 1e-3."""
    path, t = path_from(PATHS["flow"]), 0.1
    half, parts = interacting[:8192], np.split(interacting[8192:], 16)
    law, error = _cumulant(half, 4)
    exact, exact_error = cumulant(path, 4, law, t), error * path.signal(t) ** 4
    rows = [
        forward_cumulants(x, {"flow": path}, (t,), seed=i).set_index("n").loc[4] for i, x in enumerate(parts)
    ]
    difference = np.array([row["value"] for row in rows]) - exact
    errors = np.array([row["error"] for row in rows])
    spread = np.var(difference, ddof=1) * 15 / np.mean(errors**2)
    assert 1e-3 < stats.chi2.sf(spread, 15) < 1 - 1e-3
    assert abs(difference.mean()) < 4 * np.hypot(errors.mean() / 4, exact_error)


@pytest.mark.parametrize("kind", PATHS)
def test_backward_process_of_a_gaussian_model(kind):
    """A model of modes alone is Gaussian: kappa_2(t) = a^2 + b^2 in units of the rms, the others 0; 4 sigma."""
    model = _gaussian_model(kind)
    table = cumulants_on_the_way(model, _watched(model, 4096, seed=3))
    a, b = model.path.signal(table["t"].to_numpy()), model.path.noise(table["t"].to_numpy())
    exact = np.where(table["n"] == 2, a**2 + b**2, 0.0)
    assert len(table) >= 4 * 12 and table["t"].is_monotonic_decreasing
    assert (np.abs(table["value"] - exact) < 4 * table["error"]).all()


def test_backward_errors_are_calibrated():
    """40 seeds: the pulls of kappa_2 at the last time have chi^2 p > 1e-3 on both sides."""
    model = _gaussian_model("ve")
    pulls = []
    for seed in range(40):
        last = cumulants_on_the_way(model, _watched(model, 512, seed)).query("n == 2").iloc[-1]
        exact = model.path.signal(last["t"]) ** 2 + model.path.noise(last["t"]) ** 2
        pulls.append((last["value"] - exact) / last["error"])
    assert 1e-3 < stats.chi2.sf(np.sum(np.square(pulls)), 40) < 1 - 1e-3


def _gaussian_model(kind):
    white = torch.randn(4096, 8, 8, generator=torch.Generator().manual_seed(1))
    return build_model(SETTINGS | {"path": PATHS[kind]}, white + white.roll(1, 1) + 0.5 * white.roll(1, 2))


def _watched(model, count, seed):
    moments = {}

    def watch(x, s):
        moments.setdefault(s, []).append(site_moments(x.double().numpy()))

    model.sample(count, torch.Generator().manual_seed(seed), watch=watch)
    return moments


def _cumulant(fields, order):
    sums = BlockSums(8)
    sums.add(assign_blocks(len(fields)), site_moments(fields))
    value, samples = jackknife(sums, cumulants)
    return value[order - 1], jackknife_error(samples)[order - 1]
