"""Events a second on one core: UrQMD, heidi and the published architecture side by side, in turns.

    OMP_NUM_THREADS=1 python benchmarks/events.py --model results/laptop/au_au_central/heidi

Au+Au at 10 GeV a nucleon, b = 1 fm. Times are CPU times of this process and of those that it starts; all events are
written. UrQMD's is that of an event beyond the first of a process, so that its start and tables do not count. Without
--model, heidi is built on a few events and not trained: the time does not depend on the weights. --device cuda shows wall
times on a GPU instead.
"""

import argparse
import csv
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from emulant import __version__
from emulant.collisions.tables import read_events
from emulant.collisions.urqmd import Urqmd, make_shards, shards_of
from emulant.devices import in_order
from emulant.models import build_model, load_model

BATCH = 8


def cpu():
    """CPU seconds of this process and of its ended children."""
    return sum(os.times()[:4])


def urqmd(folder, events, seed):
    """CPU time of one process that makes `events` events."""
    (shard,) = shards_of(folder, events, events)
    start = cpu()
    failures = make_shards(Urqmd(), [shard], seed=seed, progress=None)
    if failures:
        raise SystemExit(f"UrQMD failed: {failures[0]}")
    return cpu() - start, shard.path


def urqmd_event(folder, events, seed):
    """CPU time of an event beyond the first, and the file of all."""
    first, _ = urqmd(folder / "one", 1, seed)
    everything, path = urqmd(folder / "many", events, seed + 1)
    return (everything - first) / (events - 1), path


def generated_event(model, events, generator, folder):
    """Time of an event, written as the rule `generate` does: CPU time, or wall time on a GPU."""
    clock = cpu if generator.device.type == "cpu" else time.perf_counter
    batch = model.settings["generation"]["batch"]

    def made(first, _):
        return model.sample(min(batch, events - first), generator, first=first)

    start = clock()
    with model.writer(Path(folder) / "generated.parquet", {}) as writer:
        for part in in_order(made, range(0, events, batch), [generator.device]):
            writer.append(part)
    return (clock() - start) / events


def main():
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
    """The two models, and how many events each makes in a turn."""
    events, generation = read_events(path), {"batch": options.batch}
    heidi = load_model(options.model) if options.model else None
    if heidi is None:
        heidi = build_model({"family": "heidi", "generation": generation}, events).eval()
    heidi.settings = heidi.settings | {"generation": heidi.settings["generation"] | generation}
    baseline = build_model({"family": "heidi_baseline", "generation": generation}, events).eval()
    found = {"heidi": (heidi, options.heidi), "heidi_baseline": (baseline, options.baseline)}
    return {name: (model.place(options.device), count) for name, (model, count) in found.items() if count}


def show(times, options):
    """Seconds an event, least and median, and how many times as many events as UrQMD."""
    print(f"{options.device}, {torch.get_num_threads()} thread, {options.repeats} turns: seconds an event")
    print(f"{'':16}{'least':>10}{'median':>10}{'events/s':>10}{'against UrQMD':>16}")
    own = np.median(times["UrQMD"]) if "UrQMD" in times else np.nan
    for name, found in times.items():
        middle = np.median(found)
        print(f"{name:16}{min(found):10.4f}{middle:10.4f}{1 / middle:10.2f}{own / middle:16.1f}")


def write(times, path):
    """Median times as rows of a race in which UrQMD is the yardstick."""
    own = np.median(times["UrQMD"])
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("section", "unit", "contender", "version", "value", "yardstick", "ratio"))
        for name, found in times.items():
            version = "3.4, chromo" if name == "UrQMD" else f"emulant {__version__}"
            middle = np.median(found)
            writer.writerow(("events", "s an event", name, version, middle, own, own / middle))


if __name__ == "__main__":
    main()
