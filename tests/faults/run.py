"""Disturb a run at smoke scale in every way that a machine can, finish it, and compare with an undisturbed run.

    python tests/faults/run.py --faults 200

Jobs are killed at random moments and at random writes, the disk is full for one job, the whole run is killed, finished
files, checkpoints and streams are cut or get a changed byte, while a run goes on and between two. After each round the
same command is run once more: it must succeed, and everything that counts must have the bytes of the undisturbed run.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "config", "workflow", "profiles", "resources", "envs")
# Together these three run every rule.
EXPERIMENTS = {
    "field": """
system: {kind: phi4, shape: [4, 4], kappa: 0.2, lambda: 0.02}
reference: {sampler: hmc, samples: 65536, training_samples: 65536}
models: [{name: ve_diffusion, network: {channels: 4}}]
""",
    "plane": """
system: {kind: planar_peaks, mean: 1.0, width: 0.25}
reference: {sampler: exact, samples: 4096, training_samples: 4096}
models: [energy]
""",
    "well": """
system: {kind: quartic_well, mu2: -1.0, g: 0.4}
reference: {sampler: exact, samples: 4096, training_samples: 4096}
models: [{name: ve_diffusion, family: single_site, network: {kind: pointwise, channels: 8, blocks: 1, embedding: 8}}]
""",
}
# Wall times differ between equal runs; the report shows them.
EXCEPTED = ("cost/", "cost.csv", "report.html")
PROBABILITY, RETRIES, PATIENCE = 0.7, 3, 900


class Workplace:
    """A copy of the checkout with three small experiments.

    Attributes:
        path: where it lies.
        faults: where faults leave their marks.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.faults = path, path / "faults"

    @classmethod
    def make(cls, path: Path, source: Path = ROOT) -> "Workplace":
        """A fresh copy, with what Numba compiled in `source`."""
        path.mkdir(parents=True)
        for name in PARTS:
            copy = shutil.copytree if (source / name).is_dir() else shutil.copy
            copy(source / name, path / name)
        for file in (path / "config/experiments").glob("*.yaml"):
            file.unlink()
        for name, text in EXPERIMENTS.items():
            (path / f"config/experiments/{name}.yaml").write_text(text)
        (path / "faults").mkdir()
        return cls(path)

    def start(self, *, disturbed: bool) -> subprocess.Popen:
        """The whole road, in a process group of its own."""
        command = [
            sys.executable,
            "-m",
            "snakemake",
            "--cores",
            "2",
            "--retries",
            str(RETRIES if disturbed else 0),
        ]
        command += ["--config", "scale=smoke"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(self.path / "workflow")}
        if disturbed:
            environment["PYTHONPATH"] += f":{Path(__file__).parent / 'inject'}"
            environment["FAULTS"] = str(self.faults)
        with (self.path / "run.log").open("a") as log:
            return subprocess.Popen(
                command, cwd=self.path, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def results(self) -> dict[str, str]:
        """SHA-256 of everything that must not differ, by name."""
        files = (file for file in sorted((self.path / "results").rglob("*")) if file.is_file())
        named = {file.relative_to(self.path / "results/smoke").as_posix(): file for file in files}
        return {
            name: hashlib.sha256(file.read_bytes()).hexdigest()
            for name, file in named.items()
            if not file.name.startswith(".") and not any(part in name for part in EXCEPTED)
        }

    def seconds(self) -> dict[str, float]:
        """How long a job of each rule takes, from its benchmark file."""
        found: dict[str, float] = {}
        for file in (self.path / "timings").rglob("*.tsv"):
            rule = file.stem.split(".")[-1]
            rule = "reference" if rule == "training" else rule
            found[rule] = max(found.get(rule, 0.0), float(pd.read_csv(file, sep="\t")["s"].iloc[0]))
        return found


class Harness:
    """Rounds of faults in one workplace.

    Attributes:
        struck: rule and kind of every fault that struck.
        lost: how many of them were in a round whose results differ.
    """

    def __init__(
        self, place: Workplace, expected: dict[str, str], seconds: dict[str, float], seed: int
    ) -> None:
        self.place, self.expected, self.seconds = place, expected, seconds
        self.chance = random.Random(seed)
        self.struck: list[tuple[str, str]] = []
        self.lost = 0

    def round(self, wanted: int) -> None:
        """About `wanted` faults, in as many runs as they take; then the run is finished and compared."""
        before = len(self.struck)
        while (left := wanted - len(self.struck) + before) > 0:
            if (self.place.path / "results").exists():
                left -= self._damage(min(left, self.chance.randint(1, 4)))
            if left > 0:
                self._disturb(left)
        finished = _bounded(self.place.start(disturbed=False)) == 0
        now = self.place.results()
        names = {*self.expected, *now}
        differing = sorted(name for name in names if self.expected.get(name) != now.get(name))
        if not finished or differing:
            self.lost += len(self.struck) - before
            print(
                f"LOST: finished {finished}, differing {differing[:10]}; {self.struck[before:]}", flush=True
            )

    def _disturb(self, wanted: int) -> None:
        """One run whose jobs are struck; now and then a file is damaged under it, or it is killed as a whole."""
        plan = {"probability": PROBABILITY, "budget": wanted, "seconds": self.seconds}
        plan["seed"] = self.chance.random()
        (self.place.faults / "plan.json").write_text(json.dumps(plan))
        run = self.place.start(disturbed=True)
        try:
            killed = self._watch(run, wanted)
        finally:
            _end(run)
        for mark in self._marks():
            _, rule, kind = mark.name.split(".", 2)
            self.struck.append((rule, kind))
            mark.unlink()
        if killed:
            self.struck.append(("all", "run_killed"))

    def _watch(self, run: subprocess.Popen, wanted: int) -> bool:
        """Until `run` ends by itself, or is killed; whether it was."""
        begun, fatal, harmful = time.monotonic(), self.chance.uniform(5, 120), self.chance.uniform(5, 60)
        while run.poll() is None:
            time.sleep(0.2)
            elapsed = time.monotonic() - begun
            full = len(self._marks()) + 1 >= wanted
            if elapsed > harmful and not full:
                wanted -= self._damage(1)
                harmful = float("inf")
            if (elapsed > fatal and not full) or elapsed > PATIENCE:
                return True
        return False

    def _marks(self) -> list[Path]:
        return sorted(self.place.faults.glob("[0-9]*"))

    def _damage(self, count: int) -> int:
        """Cut, empty or change one byte of files that jobs made: outputs, checkpoints, streams."""
        found = [*self.place.path.glob("results/**/*"), *self.place.path.glob("checkpoints/**/*")]
        files = [file for file in found if self._intermediate(file)]
        chosen = self.chance.sample(files, min(count, len(files)))
        done = 0
        for file in chosen:
            try:
                kind = self._hurt(file)
            except (FileNotFoundError, ValueError):
                continue
            self.struck.append((file.relative_to(self.place.path).as_posix(), kind))
            done += 1
        return done

    def _intermediate(self, file: Path) -> bool:
        """Whether a file is one that a rule declares or continues from; figures are drawn with their index."""
        return (
            file.is_file()
            and not file.name.startswith(".")
            and (file.suffix != ".svg")
            and file.stat().st_size > 0
        )

    def _hurt(self, file: Path) -> str:
        size = file.stat().st_size
        if self.chance.random() < 0.6:
            rest = self.chance.choice([0, self.chance.randrange(size)])
            os.truncate(file, rest)
            return f"cut_to_{rest}_of_{size}_bytes"
        at = self.chance.randrange(size)
        with file.open("r+b") as stream:
            stream.seek(at)
            byte = stream.read(1)
            stream.seek(at)
            stream.write(bytes([byte[0] ^ (1 << self.chance.randrange(8))]))
        return f"byte_{at}_changed"


def _bounded(run: subprocess.Popen) -> int:
    """The exit status of a run that gets no more than its time, and none of ours."""
    try:
        return run.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        return -signal.SIGKILL
    finally:
        _end(run)


def _end(run: subprocess.Popen) -> None:
    """Leave nothing of a run, jobs included."""
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def undisturbed(folder: Path) -> Workplace:
    """A run without any fault."""
    place = Workplace.make(folder)
    if _bounded(place.start(disturbed=False)) != 0:
        sys.exit((place.path / "run.log").read_text()[-4000:])
    return place


def main() -> None:
    """Inject, finish, compare, print; fails where anything was lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--round", type=int, default=20, help="faults between two comparisons")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="work here and leave everything")
    arguments = parser.parse_args()
    # A harness that is ended ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="faults"))
    begun = time.monotonic()
    quiet = undisturbed(folder / "undisturbed")
    print(f"undisturbed: {time.monotonic() - begun:.0f} s, {len(quiet.results())} files", flush=True)
    harness = Harness(
        Workplace.make(folder / "disturbed", quiet.path), quiet.results(), quiet.seconds(), arguments.seed
    )
    while (left := arguments.faults - len(harness.struck)) > 0:
        harness.round(min(left, arguments.round))
        print(
            f"{len(harness.struck)} injected, {harness.lost} lost, {time.monotonic() - begun:.0f} s",
            flush=True,
        )
    _report(harness.struck, harness.lost)
    if not arguments.keep:
        shutil.rmtree(folder)
    sys.exit(harness.lost > 0)


def _report(struck: list[tuple[str, str]], lost: int) -> None:
    rules = Counter(rule for rule, _ in struck if "/" not in rule)
    kinds = Counter("_".join(kind.split("_")[:2]) for _, kind in struck)
    for what, counts in (("rule", rules), ("kind", kinds)):
        print(f"by {what}: {', '.join(f'{name} {count}' for name, count in sorted(counts.items()))}")
    print(f"faults: {len(struck)} injected, {len(struck) - lost} survived, {lost} lost")


if __name__ == "__main__":
    main()
