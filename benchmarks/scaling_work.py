"""One point of benchmarks/scaling.py in a process of its own: python scaling_work.py '{"work": "hmc", "size": 32}'.

Prints JSON: seconds (wall) and cpu_seconds of each unit of work, peak_mb (largest resident memory of the whole process)
and what the work has to say. What is compiled or read once is done before the clock starts: a work yields once when it
is ready, and at its end how many units it did.
"""

import contextlib
import json
import os
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

KAPPA, CRITICAL, COUPLING = 0.26, 0.27088, 0.022
MODEL = {
    "name": "ve_diffusion",
    "family": "diffusion",
    "path": {"kind": "variance_exploding", "sigma": 25.0},
    "generation": {"solver": "latent_flow", "steps": 12},
}


def chains_at(kappa, size, count, seed=1):
    """Chains of random sign from a constant field with noise, which clusters thermalise fast, and half of them hot."""
    from emulant.lattice.sampler import Chains
    from emulant.lattice.thermalisation import starts

    shape = (size, size)
    fields, _ = starts(np.random.default_rng(seed), count, shape, kappa, COUPLING)
    return Chains(shape, kappa, COUPLING, fields, seed=seed)


def hmc(size, chains=32, sites=5_000_000):
    """Trajectories of a chain with 20 force evaluations and one cluster each, away from the critical point."""
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
    """tau_int of |M| at kappa_c for trajectories of length 2, and what an independent configuration costs."""
    from emulant.lattice.trajectory import Trajectory
    from emulant.lattice.tuning import tuned_step
    from emulant.statistics.autocorrelation import integrated_time

    stream = chains_at(CRITICAL, size, chains)
    step = tuned_step(stream, target=0.9)
    steps = max(2, 2 * round(1 / step))
    # Clusters prepare both, so that a slow chain starts in equilibrium.
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
    """A diffusion model on white noise fields, untrained: what it costs does not depend on what it learned."""
    import torch

    from emulant.models import build_model

    torch.manual_seed(1)
    settings = MODEL | {"network": {"kind": "lattice"}}
    return build_model(settings, torch.randn(512, size, size)), torch.Generator().manual_seed(2)


def generate(size, batch=32, sites=30_000):
    """Fields from a model, 12 evaluations each, in batches."""
    drawn, generator = model(size)
    count = max(1, sites // batch // size**2)
    drawn.sample(2, generator)
    yield
    for _ in range(count):
        drawn.sample(batch, generator)
    yield {"units": batch * count}


def train(size, batch=32, sites=100_000):
    """Loss and gradient of a batch of 16 fields at two noises each."""
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
    """The rule `reference`: Hybrid Monte Carlo of 256 chains, tuned and thermalised, to a file."""
    from emulant.lattice.system import Phi4

    settings = {"sampler": "hmc", "samples": samples}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "reference.h5"
        Phi4(KAPPA, COUPLING, (size, size)).sample_reference(
            file.with_suffix(".warm"),
            settings=settings | {"samples": 256},
            seed=1,
            checkpoint=file.with_suffix(".npz"),
        )
        yield
        Phi4(KAPPA, COUPLING, (size, size)).sample_reference(
            file, settings=settings, seed=2, checkpoint=file.with_suffix(".npz")
        )


def measure(samples, size=8):
    """What the rule `measure` does with one ensemble: every observable, with errors."""
    from emulant.judging.measure import measure
    from emulant.lattice.system import Phi4
    from emulant.observables import applicable
    from emulant.storage.ensemble import EnsembleWriter, open_ensemble

    system, generator = Phi4(KAPPA, COUPLING, (size, size)), np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ensemble.h5"
        attributes = {"system": "phi4", "parameters": "{}", "sampler": "white noise"}
        with EnsembleWriter(file, (size, size), attributes=attributes) as writer:
            while writer.rows < samples:
                writer.append(
                    generator.standard_normal((min(1000, samples - writer.rows), size, size), np.float32)
                )
        wanted = applicable(None, system)
        with open_ensemble(file) as ensemble:
            yield
            measure(ensemble, system, wanted)


def events(samples, rule):
    """The rules `events` and `measure` with the licence-free generator: O + O, central, so that 10^5 are soon made."""
    from emulant.collisions.system import Collision
    from emulant.judging.measure import measure
    from emulant.observables import applicable

    nucleus = [16, 8]
    system = Collision({"projectile": nucleus, "target": nucleus, "energy": 10.0, "impact": [0.0, 1.0]})

    def made(file, count):
        system.sample_reference(
            file,
            settings={"sampler": "surrogate", "samples": count},
            seed=1,
            checkpoint=file.with_suffix(".npz"),
        )

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.parquet"
        made(file.with_name("warm.parquet"), 50)
        if rule == "events":
            yield
            made(file, samples)
            return
        made(file, samples)
        with system.open(file) as ensemble:
            yield
            measure(ensemble, system, applicable(None, system))


def generate_events(samples):
    """The rule `generate` for events: a `heidi` of the laptop's size, untrained, on O + O, to a file."""
    import torch

    from emulant.collisions.events import concatenated
    from emulant.collisions.surrogate import Surrogate
    from emulant.models import build_model

    system = Surrogate(projectile=(16, 8), target=(16, 8), impact=(0.0, 1.0))
    torch.manual_seed(1)
    drawn = build_model(
        {"family": "heidi", "generation": {"batch": 64}}, concatenated(list(system.events(256, seed=1)))
    )
    generator = torch.Generator().manual_seed(2)
    with tempfile.TemporaryDirectory() as folder:
        for count in (64, samples):
            with drawn.writer(Path(folder) / "events.parquet", {}) as writer:
                for events in drawn.stream(count, generator):
                    writer.append(events)
            if count < samples:
                yield


def trained(model, **task):
    """`corrected` or `elsewhere` of scaling_models.py."""
    import scaling_models

    yield from getattr(scaling_models, model)(**task)


WORKS = {
    work.__name__: work
    for work in (hmc, critical, generate, train, reference, measure, events, generate_events, trained)
}


def peak_memory():
    """MB, of this program alone: what getrusage says starts with the memory of the parent that forked."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 1024


def main():
    task = json.loads(sys.argv[1])
    running = WORKS[task.pop("work")](**task)
    with contextlib.redirect_stderr(Path(os.devnull).open("w")):
        next(running)
        wall, cpu = time.perf_counter(), time.process_time()
        said = next(running, None) or {}
        spent = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu}
        peak = peak_memory()
        running.close()
    units = said.pop("units", 1)
    print(json.dumps({**{name: value / units for name, value in spent.items()}, "peak_mb": peak, **said}))


if __name__ == "__main__":
    main()
