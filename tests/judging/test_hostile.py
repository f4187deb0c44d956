"""What a hostile referee would bring: chains for samples, wrong integrators, networks that learned nothing."""

import numpy as np
import pytest
import torch

from emulant.families import build_model
from emulant.lattice.free import free_power
from emulant.storage.ensemble import open_ensemble
from emulant.systems.phi4.system import Phi4
from tests.references import sample_reference
from tests.settings import SMALL_DIFFUSION

KAPPA = 0.2
INTERACTING = Phi4(0.26, 0.022, (8, 8))
MODEL = SMALL_DIFFUSION | {
    "name": "model",
    "network": {"kind": "lattice", "channels": 4, "blocks": 1},
}


def verdict(judgement, model="model"):
    return judgement.verdicts.set_index("model").loc[model]


def chains(rng, free_fields, count, length, memory=0.5):
    """Configurations (count * length, 8, 8) of autoregressive chains, tau_int = 1.5, and their chain numbers."""
    fresh = free_fields(rng, count * length).reshape(length, count, 8, 8)
    fields = [fresh[0]]
    for noise in fresh[1:]:
        fields.append(memory * fields[-1] + np.sqrt(1 - memory**2) * noise)
    return np.concatenate(fields), np.tile(np.arange(count), length)


@pytest.mark.slow
def test_right_models_pass_against_a_chain_with_gamma_errors(free_fields, write, judged):
    """24 seeds at a 10 % false alarm, reference of 64 chains, model independent: more than 8 fail once in 1200."""
    failed = 0
    for seed in range(24):
        rng = np.random.default_rng(seed)
        fields, chain = chains(rng, free_fields, 64, 64)
        paths = {
            "reference": write("reference", fields, chain=chain),
            "model": write("model", free_fields(rng, 512)),
        }
        result = judged(paths, seed=seed, false_alarm=0.1)
        failed += verdict(result)["verdict"] == "fail"
    assert failed <= 8


def test_errors_of_a_chain_enter_the_pull(free_fields, write, judged):
    """Each pull has the combined error, and the chain's error is that of N / (2 tau_int) configurations."""
    rng = np.random.default_rng(30)
    fields, chain = chains(rng, free_fields, 64, 64)
    paths = {
        "reference": write("reference", fields, chain=chain),
        "model": write("model", free_fields(rng, 4096)),
    }
    rows = judged(paths).comparison
    rows = rows[(rows["model"] == "model") & (rows["against"] == "reference")]
    combined = np.hypot(rows["error"], rows["target_error"])
    np.testing.assert_allclose(rows["pull"] * combined, rows["value"] - rows["target"])
    m = rows[rows["observable"] == "magnetisation"].iloc[0]
    assert m["target_error"] / m["error"] == pytest.approx(np.sqrt(3), rel=0.2)


def euler_maruyama(rng, power, count, steps, sigma=25.0, last=1e-3):
    """The 2024 sampler with the exact score of modes of this variance; its last step has no noise."""
    times = np.linspace(1, last, steps)
    dt, noise = times[0] - times[1], (sigma ** (2 * times) - 1) / (2 * np.log(sigma))
    x, mean = np.sqrt(noise[0]) * np.fft.fft2(rng.normal(size=(count, *power.shape))), None
    for t, variance in zip(times, noise, strict=True):
        mean = x - sigma ** (2 * t) * dt * x / (power + variance)
        x = mean + sigma**t * np.sqrt(dt) * np.fft.fft2(rng.normal(size=x.shape))
    return np.fft.ifft2(mean).real


@pytest.mark.parametrize("steps", [10, 500])
def test_too_few_steps_of_euler_maruyama_fail_with_the_exact_score(free_fields, write, judged, steps):
    """On fields normalised to [-1, 1] even the 500 steps of 2024 leave the variances of modes per cents off."""
    rng = np.random.default_rng(31)
    reference = free_fields(rng, 4096)
    unit = np.abs(reference).max()
    generated = unit * euler_maruyama(rng, free_power(KAPPA, (8, 8)) / unit**2, 1024, steps)
    paths = {"reference": write("reference", reference), "model": write("model", generated)}
    assert verdict(judged(paths))["verdict"] == "fail"


@pytest.fixture(scope="module")
def interacting(tmp_path_factory):
    """A function name -> path of 8192 configurations by Hybrid Monte Carlo at kappa = 0.26 on 8 x 8."""
    folder = tmp_path_factory.mktemp("interacting")
    for seed, name in enumerate(("reference", "training", "another")):
        sample_reference(
            INTERACTING,
            folder / f"{name}.h5",
            settings={"sampler": "hmc", "samples": 8192, "chains": 64},
            seed=seed,
            checkpoint=folder / f"{name}.checkpoint",
        )
    return lambda name: folder / f"{name}.h5"


def test_another_run_of_the_same_physics_passes(interacting, judged):
    paths = {"reference": interacting("reference"), "model": interacting("another")}
    assert verdict(judged(paths, INTERACTING))["verdict"] == "pass"


def test_an_untrained_network_fails_on_an_interacting_ensemble(interacting, write, judged):
    """It has every mode's variance and the distribution of M from the training fields; the interaction it has not."""
    with open_ensemble(interacting("training")) as ensemble:
        fields = ensemble.read(0, len(ensemble))
    torch.manual_seed(0)
    model = build_model(MODEL, torch.as_tensor(fields))
    generated = model.sample(4096, torch.Generator().manual_seed(1)).values.numpy()
    paths = {
        "reference": interacting("reference"),
        "training": interacting("training"),
        "model": write("model", generated),
    }
    result = judged(paths, INTERACTING)
    assert verdict(result)["verdict"] == "fail" and verdict(result, "training")["verdict"] == "pass"
    rows = result.comparison.query("model == 'model' and against == 'reference'").set_index("observable")
    assert (rows.loc["kappa_ratio", "verdict"] == "fail").all()
