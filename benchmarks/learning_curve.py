"""Quality of a model of events as a function of the number of training events.

    OMP_NUM_THREADS=1 python benchmarks/learning_curve.py results/laptop/au_au_central --sizes 50 100 200
    OMP_NUM_THREADS=1 python benchmarks/learning_curve.py results/laptop/surrogate_central --stand-in 3000 --sizes 100 3000

`heidi` with the settings of the experiment's model is trained on the first of its training events and judged by its
reference, as in the workflow. With `--stand-in` both are new events of the surrogate, equally many for training and as
reference. The excess of a Frechet distance over its null falls like 1 / (training events) if only their statistical error
remains.
"""

import argparse
import tempfile
from pathlib import Path

import torch
from events_judged import judged, report

from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.tables import read_events
from emulant.families import build_model
from emulant.storage.records import read_json
from emulant.systems import samplers_of
from emulant.systems.collision.system import Collision
from emulant.training.loop import TrainingSettings, train


def learned(settings, events, system, options, folder):
    """Train a model on events."""
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
    """Train and judge a model for every number of training events."""
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
                samplers_of(system.kind)["surrogate"](
                    system,
                    file,
                    settings=sampler,
                    seed=options.seed + number,
                    checkpoint=folder / "shards.npz",
                )
        events = read_events(files["training"])
        for size in sorted({min(size, len(events)) for size in options.sizes}):
            model = learned(settings, events[:size], system, options, folder)
            generator = torch.Generator().manual_seed(options.seed)
            condition = {"impact": system.parameters["impact"]}
            generated = model.sample(options.generated, generator, condition).values
            report(
                f"{size} training events",
                *judged(generated, files["reference"], system, folder, options.seed),
            )
            (folder / "training.ckpt").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
