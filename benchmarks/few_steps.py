"""What a solver's few steps cost and what they leave: a trained model from the same noise with more and more steps.

    python benchmarks/few_steps.py results/laptop/phi4_critical/ve_diffusion results/laptop/surrogate_central/heidi

For each number of steps: CPU milliseconds of one sample on a core, over those of a yardstick timed in turns with it (a
product of two matrices of 512 x 512, so that other load slows both), and the change of means from those with 48 steps,
in statistical errors of 4096 fields or of 1000 events. The noise is the same, so that the changes have hardly any errors
of their own. `--precision bfloat16` rounds the network's products, beside the same 48 steps in
float32. With `--device cuda` the same on a GPU, in milliseconds of time, the yardstick too.
"""

import argparse
import time

import numpy as np
import torch

from emulant.collisions.events import Events
from emulant.families import load_model

REFERENCE = 48
SAMPLES = {"fields": 4096, "events": 1000}


def numbers_of_fields(values):
    """Means over sites whose tails a solver loses first."""
    sites = values.double().flatten(1)
    powers = {f"phi^{n}": (sites**n).mean(1) for n in (2, 4, 8)}
    return {"abs M": sites.mean(1).abs(), **powers}


def numbers_of_events(events):
    """Mean p_T and p_T^2 of each event, and the width of its rapidities."""
    px, py, pz, energy = events.momenta.T
    pt2, rapidity = px**2 + py**2, np.arctanh(np.clip(pz / energy, -0.999999, 0.999999))
    sums = {"p_T": np.sqrt(pt2), "p_T^2": pt2, "y^2": rapidity**2}
    return {k: torch.from_numpy(np.bincount(events.owner, v) / events.counts) for k, v in sums.items()}


def timed(call, device):
    """Return what it returns, and its CPU seconds, or of a GPU the seconds until it is idle."""
    if device == "cpu":
        start = time.process_time()
        return call(), time.process_time() - start
    torch.cuda.synchronize()
    start, result = time.perf_counter(), call()
    torch.cuda.synchronize()
    return result, time.perf_counter() - start


def measured(model, steps, count, device, precision="float32"):
    """Numbers of samples of the same noise, seconds of a sample, and of the yardstick beside it."""
    model.settings["generation"] |= {"steps": steps, "precision": precision}
    square = torch.randn(512, 512, device=device)
    generator = torch.Generator(device).manual_seed(1)
    samples, seconds = timed(lambda: model.sample(count, generator).values, device)
    _, yard = timed(lambda: [square @ square for _ in range(20)], device)
    of_events = isinstance(samples, Events)
    numbers = numbers_of_events(samples) if of_events else numbers_of_fields(samples.cpu())
    return numbers, seconds / count, yard / 20, "events" if of_events else "fields"


def main():
    """Print a table for each model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="+", help="folders of trained models")
    parser.add_argument("--steps", nargs="+", type=int, default=[4, 6, 8, 10, 12, 24])
    parser.add_argument("--count", type=int, default=256)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument(
        "--precision", default="float32", help="of a diffusion's network: float32 or bfloat16"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for folder in arguments.models:
        model = load_model(folder).to(arguments.device).eval()
        exact = measured(model, REFERENCE, arguments.count, arguments.device)[0]
        print(folder)
        for steps in arguments.steps:
            numbers, seconds, yard, kind = measured(
                model, steps, arguments.count, arguments.device, arguments.precision
            )
            parts = [
                f"{name} {float((value - exact[name]).mean() / exact[name].std() * SAMPLES[kind] ** 0.5):+.2f}"
                for name, value in numbers.items()
            ]
            print(
                f"{steps:4d} steps  {1e3 * seconds:6.2f} ms  {seconds / yard:7.2f} products  ",
                ", ".join(parts),
            )


if __name__ == "__main__":
    main()
