"""Time per configuration of our flow with its default steps, against the 2024 model with its 500.

Neither is trained: the time does not depend on the weights.
"""

from pathlib import Path

import torch
from race import race, say, task

from emulant import __version__
from emulant.configuration.experiments import load_experiment
from emulant.families import build_model

ROOT = Path(__file__).parents[2]

work = task()
torch.set_num_threads(1)
torch.manual_seed(work["seed"])
schema = ROOT / "workflow/schemas/experiment.schema.yaml"
blocks = load_experiment(ROOT / "config", "phi4_symmetric", "laptop", schema)["models"]
fields = torch.randn(4096, work["size"], work["size"])
ours, theirs = (build_model(blocks[name], fields).eval() for name in ("ve_diffusion", "ve_baseline"))
generator = torch.Generator().manual_seed(work["seed"])
result = race(
    lambda: ours.sample(work["ours"], generator),
    lambda: theirs.sample(work["theirs"], generator),
    work["rounds"],
)
each, other = result["seconds"] / work["ours"], result["yardstick"] / work["theirs"]
steps = [blocks[name]["generation"]["steps"] for name in ("ve_diffusion", "ve_baseline")]
say(
    value=1e3 * each,
    yardstick=1e3 * other,
    ratio=result["ratio"] * work["ours"] / work["theirs"],
    version=f"emulant {__version__}, {steps[0]} steps, against the 2024 model with {steps[1]}, rewritten",
)
