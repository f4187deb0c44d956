"""A diffusion model at kappa_c with and without its last map: long waves, order parameter and cumulants against HMC.

    python benchmarks/closing.py --side 32 --steps 420 --fields 5120

One CPU core, a quarter of an hour. The map is measured on each half of the fields and applied to the other one.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch

from emulant.families.diffusion.model import Model
from emulant.storage.ensemble import open_ensemble
from emulant.storage.yaml_files import read_yaml
from emulant.systems import system_from
from emulant.systems.phi4.reference import samplers
from emulant.training.loop import TrainingSettings, train
from emulant.transport.closing import Closing

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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("side", 32), ("steps", 420), ("fields", 5120), ("samples", 65536)):
        parser.add_argument(f"--{name}", type=int, default=default)
    arguments = parser.parse_args()
    shape = [arguments.side, arguments.side]
    system = system_from({"kind": "phi4", "kappa": 0.27088, "lambda": 0.022, "shape": shape})
    settings = {"name": "ve_diffusion", **read_yaml(Path("config/models/ve_diffusion.yaml"))}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "training.h5"
        samplers["hmc"](
            system, file, settings={"samples": arguments.samples}, seed=5, checkpoint=file.with_suffix(".npz")
        )
        with open_ensemble(file, site_shape=system.site_shape) as ensemble:
            data = torch.from_numpy(ensemble.read())
        torch.manual_seed(1)
        model = Model.build(settings, data, system)
        numbers = {"batch": 128, "report_every": 50, "checkpoint_every": 100, "steps": arguments.steps}
        job = {"seed": 1, "checkpoint": Path(folder) / "checkpoint", "stamp": "closing", "devices": ["cpu"]}
        chosen = TrainingSettings(**{**settings["training"], **numbers})
        weights, _ = train(model, model.examples(data, 1), chosen, symmetries=system.symmetries, **job)
    generator = torch.Generator().manual_seed(1)
    model.finished(weights, model.examples(data, 1), generator)
    sizes = [128] * (arguments.fields // 128)
    raw = torch.cat([model.generate(model.latents(size, generator), generator) for size in sizes])
    one, two = raw.chunk(2)
    halves = ((one, two), (two, one))
    closed = torch.cat([Closing.measure(model.measure, data, a)(model.measure, b) for a, b in halves])
    columns = [measured(fields) for fields in (data, raw, closed)]
    print(f"{'':18s} {'HMC':>20s} {'raw':>20s} {'closed':>20s}  pulls")
    for k, name in enumerate(NAMES):
        cells = " ".join(f"{value[k]:11.5f}({error[k]:.5f})" for value, error in columns)
        pulls = [(v[k] - columns[0][0][k]) / np.hypot(e[k], columns[0][1][k]) for v, e in columns[1:]]
        print(f"{name:18s} {cells}  {pulls[0]:5.1f} {pulls[1]:5.1f}")


if __name__ == "__main__":
    main()
