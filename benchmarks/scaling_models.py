"""Tasks of benchmarks/scaling_work.py with trained models: cost of exactness, and transfer to other lattices and kappa.

A corrected model is a Markov chain whose proposals are the model's independent fields, accepted with the true action
and the model's likelihood (M. Albergo, G. Kanwar, P. Shanahan, arXiv:1904.12072).
"""

import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from emulant.configuration.experiments import load_experiment
from emulant.families import build_model
from emulant.statistics.autocorrelation import integrated_time
from emulant.statistics.jackknife import effective_size
from emulant.storage.ensemble import open_ensemble
from emulant.systems import samplers_of
from emulant.systems.phi4.system import Phi4
from emulant.training.loop import TrainingSettings, train

__all__ = ["corrected", "elsewhere"]

ROOT = Path(__file__).parent.parent
COUPLING, SITES = 0.022, 65536 * 256
"""lambda of phi4_critical, and sites of its training ensemble at the laptop scale, kept the same for every L."""
PROPOSALS, STEPS, PROBES = 256, 8, 32
"""Fields in a pool, steps of their likelihood, and probes of its trace: they bound the time at L = 64."""
CHAINS, LENGTH = 64, 4000
"""Metropolis chains on the pool and their length: cheap, so that the pool dominates the error of tau_int."""
RESAMPLES = 20
"""Bootstrap pools, which give the error of tau_int from the pool to about 16 %."""
FEWEST = 10
"""Effective proposals below which tau_int on the pool does not estimate that of the model."""


def corrected(size, kappa, folder, network_size=None):
    """Measure tau_int of |M| in a chain that proposes fields of a model at `size`, and the cost of an independent field.

    With `network_size` the network is that of a model trained at that size; only modes and order parameter are measured
    at `size`.
    """
    model, system, spent = _model(size, kappa, Path(folder), network_size or size)
    yield
    yield {"train_seconds": spent} | _judged(model, system)


def elsewhere(size, kappa, trained_kappa, folder):
    """Measure the same for a model at `trained_kappa` whose proposals are accepted with the action at `kappa`."""
    model, _, _ = _model(size, trained_kappa, Path(folder), size)
    yield
    yield _judged(model, Phi4(kappa, COUPLING, (size, size)))


def _judged(model, system):
    """Draw a pool of proposals with their likelihoods, and run Metropolis chains on it."""
    generator = torch.Generator().manual_seed(5)
    start = time.process_time()
    fields = torch.cat([model.sample(64, generator).values for _ in range(PROPOSALS // 64)])
    drawn = time.process_time()
    parts = [
        model.log_likelihood(part, steps=STEPS, probes=PROBES, generator=generator)
        for part in fields.split(64)
    ]
    judged = time.process_time()
    log_q, noise = (torch.cat(column).numpy() for column in zip(*parts, strict=True))
    action = system.action(fields).double().numpy()
    log_weight = -action - log_q
    order = np.abs(fields.double().flatten(1).mean(1).numpy())
    tau, error, acceptance = chain(log_weight, order)
    # Combine the error of the chains with that of the finite pool.
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
    """Run chains that propose from a pool with repetition; return tau_int of `order`, its error and the acceptance."""
    rng = np.random.default_rng(seed)
    proposals = rng.integers(0, len(log_weight), (LENGTH, CHAINS))
    thresholds = np.log(rng.random((LENGTH, CHAINS)))
    # Start in equilibrium.
    weight = np.exp(log_weight - log_weight.max())
    current, accepted = rng.choice(len(weight), CHAINS, p=weight / weight.sum()), 0
    series = np.empty((CHAINS, LENGTH))
    for step in range(LENGTH):
        is_accepted = log_weight[proposals[step]] - log_weight[current] > thresholds[step]
        current = np.where(is_accepted, proposals[step], current)
        accepted += is_accepted.sum()
        series[:, step] = order[current]
    tau, error = integrated_time(series)
    return max(tau, 0.5), error, float(accepted / series.size)


def _model(size, kappa, folder, network_size):
    """Return the model of phi4_critical at the laptop scale for this size and kappa, its system, and CPU s of training."""
    network, spent = _network(network_size, kappa, folder)
    system, model, fields = _fresh(size, kappa, folder)
    model.finished(network, model.examples(fields, 1), torch.Generator().manual_seed(1))
    return model.eval(), system, spent


def _network(size, kappa, folder):
    """Train the network at this size and kappa, or load it from an earlier process; return weights and CPU seconds."""
    saved = folder / f"network_{size}_{kappa}.safetensors"
    if saved.exists():
        return load_file(saved), 0.0
    system, model, fields = _fresh(size, kappa, folder)
    start = time.process_time()
    network, _ = train(
        model,
        model.examples(fields, 1),
        TrainingSettings(**_settings()["training"]),
        seed=1,
        checkpoint=folder / f"checkpoint_{size}_{kappa}",
        stamp="benchmark",
        symmetries=system.symmetries,
    )
    save_file(network, saved)
    return network, time.process_time() - start


def _fresh(size, kappa, folder):
    """Return the system, an untrained model and training fields with the same number of sites at every size."""
    system = Phi4(kappa, COUPLING, (size, size))
    file = folder / f"training_{size}_{kappa}.h5"
    if not file.exists():
        count = max(16384, min(65536, SITES // size**2))
        sampler = {"sampler": "hmc", "samples": count}
        samplers_of(system.kind)["hmc"](
            system, file, settings=sampler, seed=2, checkpoint=file.with_suffix(".npz")
        )
    with open_ensemble(file) as ensemble:
        fields = torch.from_numpy(ensemble.read(0, len(ensemble)))
    torch.manual_seed(1)
    return system, build_model(_settings(), fields, system), fields


def _settings():
    """Return the settings of the model."""
    schema = ROOT / "workflow/schemas/experiment.schema.yaml"
    experiment = load_experiment(ROOT / "config", "phi4_critical", "laptop", schema)
    return experiment["models"]["ve_diffusion"]
