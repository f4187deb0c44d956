"""Measure one point of benchmarks/scaling.py in a separate process: python scaling_work.py '{"work": "hmc", "size": 32}'.

Prints JSON: seconds (wall) and cpu_seconds per unit of work, peak_mb (largest resident memory of the process) and the
results of the task. Compilation and reading are done before the clock starts: a task is a generator that yields once when
it is prepared, and at its end a dictionary with the number of units.
"""

import contextlib
import json
import os
import re
import resource
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path

import numpy as np

KAPPA, CRITICAL, COUPLING = 0.26, 0.27088, 0.022
"""kappa in the symmetric phase, kappa_c, and lambda, as in the experiments."""
MODEL = {
    "name": "ve_diffusion",
    "family": "diffusion",
    "path": {"kind": "variance_exploding", "sigma": 25.0},
    "generation": {"solver": "latent_flow", "steps": 12},
}


def chains_at(kappa, size, count, seed=1):
    """Start chains: half of them hot, half from a constant field of random sign with noise."""
    from emulant.lattice.sampler import Chains
    from emulant.lattice.starts import starts

    shape = (size, size)
    fields, _ = starts(np.random.default_rng(seed), count, shape, kappa, COUPLING)
    return Chains(shape, kappa, COUPLING, fields, seed=seed)


def hmc(size, chains=32, sites=5_000_000):
    """Run trajectories with 20 force evaluations and one cluster each, away from the critical point."""
    from emulant.lattice.trajectory import Trajectory

    stream, move, count = (
        chains_at(KAPPA, size, chains),
        Trajectory(20, 0.05),
        max(4, sites // chains // size**2),
    )
    stream.advance(move, 20)
    yield
    stream.advance(move, count)
    yield {"units": chains * count}


def critical(size, clusters, trajectories, chains=128):
    """Measure tau_int of |M| at kappa_c for trajectories of length 2, and the cost of an independent configuration."""
    from emulant.lattice.trajectory import Trajectory
    from emulant.lattice.tuning import tuned_step
    from emulant.statistics.autocorrelation import integrated_time

    stream = chains_at(CRITICAL, size, chains)
    step = tuned_step(stream, target=0.9)
    steps = max(2, 2 * round(1 / step))
    # Thermalise with clusters in both cases, so that slow chains start in equilibrium.
    stream.advance(Trajectory(steps, 2 / steps, clusters=2), 50 + size)
    move, order = Trajectory(steps, 2 / steps, clusters=clusters), np.empty((chains, trajectories))
    yield
    start = time.process_time()
    for n in range(trajectories):
        stream.advance(move)
        order[:, n] = np.abs(stream.averages()[0])
    cost = (time.process_time() - start) / (chains * trajectories)
    tau, error = integrated_time(order)
    yield {
        "steps": steps,
        "tau_int": max(tau, 0.5),
        "tau_error": error,
        "independent_seconds": 2 * max(tau, 0.5) * cost,
        "trajectories_over_tau": trajectories / max(tau, 0.5),
    }


def model(size):
    """Build an untrained diffusion model on white-noise fields; the time does not depend on the weights."""
    import torch

    from emulant.families import build_model

    torch.manual_seed(1)
    settings = MODEL | {"network": {"kind": "lattice"}}
    return build_model(settings, torch.randn(512, size, size)), torch.Generator().manual_seed(2)


def generate(size, batch=32, sites=30_000):
    """Generate fields in batches, 12 evaluations each."""
    drawn, generator = model(size)
    count = max(1, sites // batch // size**2)
    drawn.sample(2, generator)
    yield
    for _ in range(count):
        drawn.sample(batch, generator)
    yield {"units": batch * count}


def train(size, batch=32, sites=100_000):
    """Compute loss and gradient of a batch of 16 fields at two noise levels each."""
    import torch

    learner, generator = model(size)
    fields = torch.randn(batch // 2, size, size, generator=generator)
    learner.loss(fields, generator).backward()
    steps = max(2, sites // batch // size**2)
    yield
    for _ in range(steps):
        learner.loss(fields, generator).backward()
    yield {"units": steps}


def reference(samples, size=8):
    """Write a reference as the rule `reference` does: Hybrid Monte Carlo of 256 chains, tuned and thermalised."""
    from emulant.systems import samplers_of
    from emulant.systems.phi4.system import Phi4

    settings = {"sampler": "hmc", "samples": samples}
    system = Phi4(KAPPA, COUPLING, (size, size))
    sample = samplers_of(system.kind)["hmc"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "reference.h5"
        warm_up = settings | {"samples": 256}
        checkpoint = file.with_suffix(".npz")
        sample(system, file.with_suffix(".warm"), settings=warm_up, seed=1, checkpoint=checkpoint)
        yield
        sample(system, file, settings=settings, seed=2, checkpoint=checkpoint)


def measure(samples, size=8):
    """Measure every observable of one ensemble with errors, as the rule `measure` does."""
    from emulant.judging.measure import measure
    from emulant.storage.ensemble import EnsembleWriter, open_ensemble
    from emulant.systems import measured_observables
    from emulant.systems.phi4.system import Phi4

    system, generator = Phi4(KAPPA, COUPLING, (size, size)), np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ensemble.h5"
        attributes = {"system": "phi4", "parameters": "{}", "sampler": "white noise"}
        with EnsembleWriter(file, (size, size), attributes=attributes) as writer:
            while writer.rows < samples:
                writer.append(
                    generator.standard_normal((min(1000, samples - writer.rows), size, size), np.float32)
                )
        wanted = measured_observables(None, system.kind)
        with open_ensemble(file) as ensemble:
            yield
            measure(ensemble, system, wanted)


def events(samples, rule):
    """Generate surrogate events, or measure them, as the rules do; central O + O, which are small."""
    from emulant.forms import open_samples
    from emulant.judging.measure import measure
    from emulant.systems import measured_observables, samplers_of
    from emulant.systems.collision.system import Collision

    nucleus = [16, 8]
    system = Collision({"projectile": nucleus, "target": nucleus, "energy": 10.0, "impact": [0.0, 1.0]})

    def write(file, count):
        samplers_of(system.kind)["surrogate"](
            system,
            file,
            settings={"sampler": "surrogate", "samples": count},
            seed=1,
            checkpoint=file.with_suffix(".npz"),
        )

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.parquet"
        write(file.with_name("warm.parquet"), 50)
        if rule == "events":
            yield
            write(file, samples)
            return
        write(file, samples)
        with open_samples(file, system) as ensemble:
            yield
            measure(ensemble, system, measured_observables(None, system.kind))


def generate_events(samples):
    """Generate events as the rule `generate` does, by an untrained `heidi` of the laptop scale for O + O."""
    import torch

    from emulant.collisions.events import concatenated
    from emulant.collisions.surrogate import Surrogate
    from emulant.families import build_model
    from emulant.forms.events import form

    system = Surrogate(projectile=(16, 8), target=(16, 8), impact=(0.0, 1.0))
    torch.manual_seed(1)
    drawn = build_model(
        {"family": "heidi", "generation": {"batch": 64}}, concatenated(list(system.events(256, seed=1)))
    )
    generator = torch.Generator().manual_seed(2)
    with tempfile.TemporaryDirectory() as folder:
        for count in (64, samples):
            parts = drawn.stream(count, generator)
            first_part = next(parts)
            with form.writer(Path(folder) / "events.parquet", {}, first_part) as writer:
                for events in chain([first_part], parts):
                    writer.append(events)
            if count < samples:
                yield


def trained(model, **task):
    """Run `corrected` or `elsewhere` of scaling_models.py."""
    import scaling_models

    yield from getattr(scaling_models, model)(**task)


WORKS = {
    work.__name__: work
    for work in (hmc, critical, generate, train, reference, measure, events, generate_events, trained)
}


def peak_memory():
    """Return the peak memory in MB; VmHWM, because getrusage includes the memory of the parent that forked."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 1024


def main():
    """Run the task of the first argument and print its results as JSON."""
    task = json.loads(sys.argv[1])
    running = WORKS[task.pop("work")](**task)
    with contextlib.redirect_stderr(Path(os.devnull).open("w")):
        next(running)
        wall, cpu = time.perf_counter(), time.process_time()
        results = next(running, None) or {}
        spent = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
        peak = peak_memory()
        running.close()
    units = results.pop("units", 1)
    print(json.dumps({**{name: value / units for name, value in spent.items()}, "peak_mb": peak, **results}))


if __name__ == "__main__":
    main()
