"""Time per event on one core of UrQMD, heidi and the published architecture, in alternation.

    OMP_NUM_THREADS=1 python benchmarks/events.py --model results/laptop/au_au_central/heidi

Au+Au at 10 GeV a nucleon, b = 1 fm. Times are CPU times of this process and of its children; all events are written. UrQMD's
time is that per event after the first of a process, so that start-up and tables do not count. Without --model, heidi is
built on a few events and not trained: the time does not depend on the weights. With --device cuda times are wall times.
"""

import argparse
import csv
import os
import tempfile
import time
from itertools import chain
from pathlib import Path

import numpy as np
import torch

from emulant import __version__
from emulant.collisions.tables import read_events
from emulant.collisions.urqmd import Urqmd, make_pieces
from emulant.devices import in_order
from emulant.families import build_model, load_model
from emulant.forms.events import form
from emulant.storage.pieces import pieces_of

BATCH = 8
"""Default of --batch."""


def cpu():
    """Return the CPU seconds of this process and of its ended children."""
    return sum(os.times()[:4])


def urqmd(folder, events, seed):
    """Return the CPU time of one process that generates `events` events, and their file."""
    (piece,) = pieces_of(folder, events, events, "parquet")
    start = cpu()
    failures = make_pieces(Urqmd(), [piece], seed=seed, progress=None)
    if failures:
        raise SystemExit(f"UrQMD failed: {failures[0]}")
    return cpu() - start, piece.path


def urqmd_event(folder, events, seed):
    """Return the CPU time per event after the first, and the file of all."""
    first, _ = urqmd(folder / "one", 1, seed)
    everything, path = urqmd(folder / "many", events, seed + 1)
    return (everything - first) / (events - 1), path


def generated_event(model, events, generator, folder):
    """Return the time per event, written as by the rule `generate`: CPU time, or wall time on a GPU."""
    clock = cpu if generator.device.type == "cpu" else time.perf_counter
    batch = model.settings["generation"]["batch"]

    def batch_from(first, _):
        return model.sample(min(batch, events - first), generator).values

    start = clock()
    parts = in_order(batch_from, range(0, events, batch), [generator.device])
    first_part = next(parts)
    with form.writer(Path(folder) / "generated.parquet", {}, first_part) as writer:
        for part in chain([first_part], parts):
            writer.append(part)
    return (clock() - start) / events


def main():
    """Time all contenders in turns; print, and write a table if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, help="folder of a trained heidi")
    parser.add_argument("--urqmd", type=int, default=10, help="events of UrQMD in a turn, 0 for none")
    parser.add_argument("--heidi", type=int, default=32, help="events of heidi in a turn")
    parser.add_argument("--baseline", type=int, default=1, help="events of heidi_baseline in a turn")
    parser.add_argument("--batch", type=int, default=BATCH, help="events at once")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--events", type=Path, help="events to build models on, where UrQMD makes none")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--table", type=Path, help="CSV to write too, with rows as of benchmarks/peers.py")
    options = parser.parse_args()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    generator = torch.Generator(options.device).manual_seed(1)
    models, times = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(options.repeats):
            path = options.events
            if options.urqmd > 1:
                each, path = urqmd_event(Path(folder) / str(repeat), options.urqmd, 2 * repeat)
                times.setdefault("UrQMD", []).append(each)
            models = models or built(path, options)
            for name, (model, count) in models.items():
                if repeat == 0:
                    generated_event(model, min(options.batch, count), generator, folder)
                times.setdefault(name, []).append(generated_event(model, count, generator, folder))
    show(times, options)
    if options.table:
        write(times, options.table)


def built(path, options):
    """Return name -> (model, events per turn) of the two models."""
    events, generation = read_events(path), {"batch": options.batch}
    heidi = load_model(options.model) if options.model else None
    if heidi is None:
        heidi = build_model({"family": "heidi", "generation": generation}, events).eval()
    heidi.settings = heidi.settings | {"generation": heidi.settings["generation"] | generation}
    baseline = build_model({"family": "heidi_baseline", "generation": generation}, events).eval()
    contenders = {"heidi": (heidi, options.heidi), "heidi_baseline": (baseline, options.baseline)}
    return {
        name: (model.place(options.device), count) for name, (model, count) in contenders.items() if count
    }


def show(times, options):
    """Print seconds per event, least and median, and the ratio to UrQMD."""
    print(f"{options.device}, {torch.get_num_threads()} thread, {options.repeats} turns: seconds an event")
    print(f"{'':16}{'least':>10}{'median':>10}{'events/s':>10}{'against UrQMD':>16}")
    yardstick = np.median(times["UrQMD"]) if "UrQMD" in times else np.nan
    for name, seconds in times.items():
        middle = np.median(seconds)
        print(f"{name:16}{min(seconds):10.4f}{middle:10.4f}{1 / middle:10.2f}{yardstick / middle:16.1f}")


def write(times, path):
    """Write median times as rows of benchmarks/peers.py, with UrQMD as the yardstick."""
    yardstick = np.median(times["UrQMD"])
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("section", "unit", "contender", "version", "value", "yardstick", "ratio"))
        for name, seconds in times.items():
            version = "3.4, chromo" if name == "UrQMD" else f"emulant {__version__}"
            middle = np.median(seconds)
            writer.writerow(("events", "s an event", name, version, middle, yardstick, yardstick / middle))


if __name__ == "__main__":
    main()
