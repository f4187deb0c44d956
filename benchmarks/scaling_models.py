"""Works of benchmarks/scaling_work.py with trained models: what exactness costs, and what a network gives elsewhere.

A corrected model is a Markov chain whose proposals are the model's independent fields, accepted with the true action
and the model's likelihood (M. Albergo, G. Kanwar, P. Shanahan, arXiv:1904.12072).
"""

import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from emulant.configuration.experiments import load_experiment
from emulant.lattice.system import Phi4
from emulant.models import build_model
from emulant.statistics.autocorrelation import integrated_time
from emulant.statistics.jackknife import effective_size
from emulant.storage.ensemble import open_ensemble
from emulant.training.loop import TrainingSettings, train
from emulant.transport.likelihood import model_log_likelihood

__all__ = ["corrected", "elsewhere"]

ROOT = Path(__file__).parent.parent
COUPLING, SITES = 0.022, 65536 * 256
PROPOSALS, STEPS, PROBES = 256, 8, 32
CHAINS, LENGTH = 64, 4000
RESAMPLES = 20
# With fewer effective proposals a chain among them says nothing of a chain among all.
FEWEST = 10


def corrected(size, kappa, folder, network_size=None):
    """tau_int of |M| in a chain that proposes fields of a model at `size`, and what an independent one costs.

    With `network_size` the network is that of a model trained there: modes and order parameter are measured at `size`,
    nothing is trained.
    """
    model, system, spent = _model(size, kappa, Path(folder), network_size or size)
    yield
    yield {"train_seconds": spent} | _judged(model, system)


def elsewhere(size, kappa, trained_kappa, folder):
    """The same for a model at one kappa whose proposals are accepted with the action at another."""
    model, _, _ = _model(size, trained_kappa, Path(folder), size)
    yield
    yield _judged(model, Phi4(kappa, COUPLING, (size, size)))


def _judged(model, system):
    generator = torch.Generator().manual_seed(5)
    start = time.process_time()
    fields = torch.cat([model.sample(64, generator) for _ in range(PROPOSALS // 64)])
    drawn = time.process_time()
    parts = [
        model_log_likelihood(model, part, steps=STEPS, probes=PROBES, generator=generator)
        for part in fields.split(64)
    ]
    judged = time.process_time()
    log_q, noise = (torch.cat(column).numpy() for column in zip(*parts, strict=True))
    action = system.action(fields).double().numpy()
    log_weight = -action - log_q
    order = np.abs(fields.double().flatten(1).mean(1).numpy())
    tau, error, acceptance = chain(log_weight, order)
    # The chain's own error, and that of a pool of so few proposals.
    rng = np.random.default_rng(7)
    pools = rng.integers(0, PROPOSALS, (RESAMPLES, PROPOSALS))
    error = np.hypot(error, np.std([chain(log_weight[pool], order[pool])[0] for pool in pools], ddof=1))
    if effective_size(log_weight) < FEWEST:
        tau = error = float("nan")
    cost = (judged - start) / PROPOSALS
    return {
        "tau_int": tau,
        "tau_error": error,
        "independent_seconds": 2 * tau * cost,
        "acceptance": acceptance,
        "effective_part": effective_size(log_weight) / PROPOSALS,
        "weight_spread": float(log_weight.std()),
        "trace_noise": float(np.sqrt((noise**2).mean())),
        "slope": float(np.polyfit(action, -log_q, 1)[0]),
        "raw_seconds": (drawn - start) / PROPOSALS,
    }


def chain(log_weight, order, seed=6):
    """tau_int of `order` with its error, and the acceptance, of chains that draw proposals with repetition from a pool."""
    rng = np.random.default_rng(seed)
    proposals = rng.integers(0, len(log_weight), (LENGTH, CHAINS))
    thresholds = np.log(rng.random((LENGTH, CHAINS)))
    # As the chain has them in equilibrium.
    weight = np.exp(log_weight - log_weight.max())
    here, accepted = rng.choice(len(weight), CHAINS, p=weight / weight.sum()), 0
    series = np.empty((CHAINS, LENGTH))
    for step in range(LENGTH):
        moved = log_weight[proposals[step]] - log_weight[here] > thresholds[step]
        here = np.where(moved, proposals[step], here)
        accepted += moved.sum()
        series[:, step] = order[here]
    tau, error = integrated_time(series)
    return max(tau, 0.5), error, float(accepted / series.size)


def _model(size, kappa, folder, network_size):
    """A model of phi4_critical as the laptop scale has it, at this size and kappa; CPU seconds of its training."""
    network, spent = _network(network_size, kappa, folder)
    system, model, fields = _fresh(size, kappa, folder)
    model.finished(network, fields, torch.Generator().manual_seed(1))
    return model.eval(), system, spent


def _network(size, kappa, folder):
    """Weights trained at this size and kappa, from an earlier process if there was one, and CPU seconds."""
    saved = folder / f"network_{size}_{kappa}.safetensors"
    if saved.exists():
        return load_file(saved), 0.0
    _, model, fields = _fresh(size, kappa, folder)
    start = time.process_time()
    network, _ = train(
        model,
        fields,
        TrainingSettings(**_settings()["training"]),
        seed=1,
        checkpoint=folder / f"checkpoint_{size}_{kappa}",
        stamp="benchmark",
    )
    save_file(network, saved)
    return network, time.process_time() - start


def _fresh(size, kappa, folder):
    """The system, an untrained model and the training fields, as many sites at every size."""
    system = Phi4(kappa, COUPLING, (size, size))
    file = folder / f"training_{size}_{kappa}.h5"
    if not file.exists():
        count = max(16384, min(65536, SITES // size**2))
        sampler = {"sampler": "hmc", "samples": count}
        system.sample_reference(file, settings=sampler, seed=2, checkpoint=file.with_suffix(".npz"))
    with open_ensemble(file) as ensemble:
        fields = torch.from_numpy(ensemble.read(0, len(ensemble)))
    torch.manual_seed(1)
    return system, build_model(_settings(), fields, system), fields


def _settings():
    """The model block."""
    schema = ROOT / "workflow/schemas/experiment.schema.yaml"
    experiment = load_experiment(ROOT / "config", "phi4_critical", "laptop", schema)
    return experiment["models"]["ve_diffusion"]
