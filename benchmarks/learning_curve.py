"""How good is a model of events that has seen few of them, and how good one that has seen many?

    OMP_NUM_THREADS=1 python benchmarks/learning_curve.py results/laptop/au_au_central --sizes 50 100 200
    OMP_NUM_THREADS=1 python benchmarks/learning_curve.py results/laptop/surrogate_central --stand-in 3000 --sizes 100 3000

`heidi` with the settings of the experiment's model learns from the first of its training events and is judged by its
reference, as in the workflow. With `--stand-in` both are new events of the stand-in, the reference as many as there are for
training. The excess of a Frechet distance over its null falls like one over the number of training events where nothing but
their error is left.
"""

import argparse
import tempfile
from pathlib import Path

import torch
from events_judged import judged, report

from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.system import Collision
from emulant.collisions.tables import read_events
from emulant.models import build_model
from emulant.storage.records import read_json
from emulant.training.loop import TrainingSettings, train


def learned(settings, events, system, options, folder):
    """A model trained on events."""
    torch.manual_seed(options.seed)
    model = build_model(settings, events, system)
    examples = model.examples(events, options.seed)
    training = TrainingSettings(
        **(settings["training"] | {"steps": options.steps or settings["training"]["steps"]})
    )
    work = {"seed": options.seed, "checkpoint": folder / "training.ckpt", "stamp": ""}
    averaged, _ = train(model, examples, training, progress=f"train on {len(events)}", **work)
    model.finished(averaged, examples, torch.Generator().manual_seed(options.seed))
    return model.eval()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("experiment", type=Path, help="folder of an experiment with a trained heidi")
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 100, 200], help="training events")
    parser.add_argument("--stand-in", type=int, default=0, help="training events made anew by the stand-in")
    parser.add_argument("--generated", type=int, default=1000)
    parser.add_argument(
        "--steps", type=int, default=0, help="of training; those of the experiment if not given"
    )
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    settings = read_json(options.experiment / "heidi" / "model.json")["settings"]
    files = {half: options.experiment / f"{half}.parquet" for half in ("training", "reference")}
    with EventEnsemble(files["reference"]) as reference:
        system = Collision(reference.attributes["parameters"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.stand_in:
            files = {half: folder / file.name for half, file in files.items()}
            sampler = {"sampler": "surrogate", "samples": options.stand_in}
            for number, file in enumerate(files.values()):
                system.sample_reference(
                    file, settings=sampler, seed=options.seed + number, checkpoint=folder / "shards.npz"
                )
        events = read_events(files["training"])
        for size in sorted({min(size, len(events)) for size in options.sizes}):
            model = learned(settings, events[:size], system, options, folder)
            impact = system.parameters["impact"]
            made = model.sample(options.generated, torch.Generator().manual_seed(options.seed), impact=impact)
            report(f"{size} training events", *judged(made, files["reference"], system, folder, options.seed))
            (folder / "training.ckpt").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
