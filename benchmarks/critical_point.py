"""A diffusion model at kappa_c with and without its last map: long waves, order parameter and cumulants against HMC.

    python benchmarks/critical_point.py --model ve_diffusion --side 32 --steps 900 --fields 5120 --likelihoods 24

One CPU core, a quarter of an hour. `--readout` gives so many shells of the longest waves weights of their own in the last
layer of the network, none for 0; `--components` are Gaussians in the law of M. The map is measured on each
half of the fields and applied to the other one; both are judged by Hybrid Monte Carlo with another seed. With `--weights`
a trained model is read from that folder, which may be one of a pipeline's results, or written to it; with `--network` that
of another lattice is carried to this one. With `--likelihoods` so many further fields get their likelihood, without the map
and with it, the stored one where a model has one: slope of -log q on S, and the effective part of the weights e^-S/q. With
`--solver` the fields are made again from the same noise in other numbers of evaluations: what few of them leave of the parts
of <phi^4> with M and phi - M, and of the power of the lowest shell, in per cent of these in 64 evaluations.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

import emulant
from emulant.families import build_model, load_model
from emulant.families.diffusion.loss import Forces
from emulant.statistics.weights import effective_fraction
from emulant.storage.ensemble import open_ensemble
from emulant.storage.records import write_json
from emulant.storage.yaml_files import read_yaml
from emulant.systems import system_from
from emulant.systems.phi4.reference import samplers
from emulant.training.loop import TrainingSettings, train
from emulant.transport.last_map.last_map import LastMap

NAMES = (
    "chi_2",
    "|M|",
    "U_L",
    "V(M2-|M|2)",
    "P(0,1)",
    "P(1,1)",
    "phi^2",
    "k4/k2^2",
    "k6/k2^3",
    "<P M^2>/<P><M^2>",
)
BLOCKS = 64
STEPS, PROBES = 8, 128
"""Of the likelihood: twice signs on every eighth site. 32 vectors of signs on all sites leave 0.28 of noise in log q."""


def rows(fields):
    """Numbers of each field, (N, columns)."""
    mean, power = fields.double().mean((1, 2)), torch.fft.rfft2(fields.double(), norm="ortho").abs() ** 2
    low, powers = (
        (power[:, 0, 1] + power[:, 1, 0]) / 2,
        [(fields.double() ** n).mean((1, 2)) for n in (2, 4, 6)],
    )
    parts = [mean**2, mean.abs(), mean**4, low, power[:, 1, 1], *powers, low * mean**2]
    return torch.stack(parts, 1).numpy()


def values(m, volume):
    """Observables of NAMES of means of `rows`."""
    four, six = m[6] - 3 * m[5] ** 2, m[7] - 15 * m[6] * m[5] + 30 * m[5] ** 3
    order = [volume * m[0], m[1], 1 - m[2] / (3 * m[0] ** 2), volume * (m[0] - m[1] ** 2)]
    return np.array([*order, m[3], m[4], m[5], four / m[5] ** 2, six / m[5] ** 3, m[8] / (m[0] * m[3])])


def measured(fields):
    """Observables and their errors by a jackknife over blocks."""
    table = np.concatenate([rows(part) for part in fields.split(4096)])
    blocks = np.stack([part.mean(0) for part in np.array_split(table, BLOCKS)])
    total, volume = blocks.mean(0), fields[0].numel()
    rest = np.array([values((total * BLOCKS - block) / (BLOCKS - 1), volume) for block in blocks])
    return values(total, volume), np.sqrt((BLOCKS - 1) * rest.var(0))


def trained_model(settings, data, system, arguments, folder):
    """The model of `--weights`, one with the network of `--network`, or one that is trained now."""
    stored = arguments.weights
    if stored and (stored / "weights.safetensors").exists():
        return load_model(stored, system)
    torch.manual_seed(1)
    model = build_model(settings, data, system)
    if arguments.network:
        model.network.load_state_dict(load_model(arguments.network).network.state_dict())
        model.calibrate(model.examples(data, 1), torch.Generator().manual_seed(1))
        return model
    numbers = {"batch": 128, "report_every": 50, "checkpoint_every": 100, "steps": arguments.steps}
    job = {"seed": 1, "checkpoint": folder / "checkpoint", "stamp": "critical point", "devices": ["cpu"]}
    chosen = TrainingSettings(**{**settings["training"], **numbers})
    weights, _ = train(model, model.examples(data, 1), chosen, symmetries=system.symmetries, **job)
    tensors = model.finished(weights, model.examples(data, 1), torch.Generator().manual_seed(1))
    if stored:
        stored.mkdir(parents=True, exist_ok=True)
        save_file(tensors, stored / "weights.safetensors")
        write_json(stored / "model.json", {"settings": settings, "site_shape": list(model.site_shape)})
    return model


def hmc(system, samples, seed):
    """Fields of Hybrid Monte Carlo."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fields.h5"
        samplers["hmc"](
            system, file, settings={"samples": samples}, seed=seed, checkpoint=file.with_suffix(".npz")
        )
        with open_ensemble(file, site_shape=system.site_shape) as ensemble:
            return torch.from_numpy(ensemble.read())


def weighed(model, system, last_map, fields, generator):
    """Slope of -log q on S with its error, and the effective part with its error, of fields of the model."""
    model.last_map = last_map
    parts = [
        model.log_likelihood(part, steps=STEPS, probes=PROBES, generator=generator)[0]
        for part in fields.split(32)
    ]
    log_q, action = torch.cat(parts).numpy(), system.action(fields.double().numpy())
    slope = np.polyfit(action, -log_q, 1)
    residual = -log_q - np.polyval(slope, action)
    error = residual.std() / action.std() / np.sqrt(len(action) - 2)
    part, of_part = effective_fraction(-action - log_q)
    return f"slope {slope[0]:.4f}({error:.4f}), effective part {part:.3f}({of_part:.3f})"


def parts_of(fields):
    """M^2 H^2, M H^3, H^4 with H = phi - M, and the power of the lowest shell, of each field, (N, 4)."""
    mean = fields.double().mean((1, 2), keepdim=True)
    rest, power = fields.double() - mean, torch.fft.rfft2(fields.double(), norm="ortho").abs() ** 2
    products = [(mean**k * rest ** (4 - k)).mean((1, 2)) for k in (2, 1, 0)]
    return torch.stack([*products, (power[:, 0, 1] + power[:, 1, 0]) / 2], 1)


def compare_solvers(model, evaluations, generator, count=1024):
    """Print what each number of evaluations leaves, with errors of the difference from the same noise."""
    latents = model.latents(count, generator)

    def parts_after(steps):
        model.settings["generation"]["steps"] = steps
        return parts_of(torch.cat([model.generate(part, generator) for part in latents.split(128)]))

    usual = model.settings["generation"]["steps"]
    limit = parts_after(64)
    for steps in evaluations:
        change = 100 * (parts_after(steps) - limit) / limit.mean(0)
        cells = " ".join(
            f"{m:+.3f}({e:.3f})" for m, e in zip(change.mean(0), change.std(0) / count**0.5, strict=True)
        )
        print(f"{steps} evaluations: M^2 H^2, M H^3, H^4, P(0,1) off by {cells} per cent", flush=True)
    model.settings["generation"]["steps"] = usual


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (
        ("side", 32),
        ("steps", 900),
        ("fields", 5120),
        ("samples", 65536),
        ("likelihoods", 0),
        ("readout", 4),
        ("components", 16),
        ("evaluations", 20),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--model", default="ve_diffusion", help="a file of config/models")
    parser.add_argument("--solver", type=int, nargs="*", default=[], help="numbers of evaluations")
    parser.add_argument("--weights", type=Path, help="folder of a trained model")
    parser.add_argument(
        "--network", type=Path, help="folder of a model of any lattice whose network is carried over"
    )
    arguments = parser.parse_args()
    shape = [arguments.side, arguments.side]
    system = system_from({"kind": "phi4", "kappa": 0.27088, "lambda": 0.022, "shape": shape})
    settings = {"name": arguments.model, **read_yaml(Path(f"config/models/{arguments.model}.yaml"))}
    settings |= {"zero_mode_components": arguments.components}
    settings |= {"readout": arguments.readout} if arguments.readout else {}
    data = hmc(system, arguments.samples, 5)
    with tempfile.TemporaryDirectory() as folder:
        model = trained_model(settings, data, system, arguments, Path(folder))
    if arguments.readout and model.readout is None:
        model.settings["readout"], model.forces = arguments.readout, Forces.measured(system.gradient, data)
        model.calibrate(model.examples(data, 1), torch.Generator().manual_seed(1))
    generator, stored_map, model.last_map = torch.Generator().manual_seed(2), model.last_map, None
    model.settings["generation"]["steps"] = arguments.evaluations
    if arguments.solver:
        compare_solvers(model, arguments.solver, generator)
    latents = model.latents(arguments.fields, generator)
    raw = torch.cat([model.generate(part, generator) for part in latents.split(128)])
    one, two = zip(raw.chunk(2), latents.chunk(2), strict=True)
    halves = ((one, two), (two, one))
    mapped = torch.cat([LastMap.measure(model.measure, data, *a)(b[0]) for a, b in halves])
    columns = [measured(fields) for fields in (data, raw, mapped)]
    print(f"{'':18s} {'HMC':>20s} {'raw':>20s} {'mapped':>20s}  pulls")
    for k, name in enumerate(NAMES):
        cells = " ".join(f"{value[k]:11.5f}({error[k]:.5f})" for value, error in columns)
        pulls = [(v[k] - columns[0][0][k]) / np.hypot(e[k], columns[0][1][k]) for v, e in columns[1:]]
        print(f"{name:18s} {cells}  {pulls[0]:5.1f} {pulls[1]:5.1f}", flush=True)
    reference = emulant.ensemble(system, hmc(system, arguments.samples, 6).numpy(), name="hmc")
    for name, fields in (("raw", raw), ("mapped", mapped)):
        judged = emulant.ensemble(system, fields.numpy(), name=name)
        print(name, emulant.compare(judged, reference), flush=True)
    if arguments.likelihoods:
        last_map = stored_map or LastMap.measure(model.measure, data, raw, latents)
        further = model.generate(model.latents(arguments.likelihoods, generator), generator)
        for label, last, fields in (("raw", None, further), ("mapped", last_map, last_map(further))):
            print(label, weighed(model, system, last, fields, generator), flush=True)


if __name__ == "__main__":
    main()
