"""Disturb a run at smoke scale in every way that a machine can, finish it, and compare with an undisturbed run.

    python tests/faults/run.py --faults 200

Jobs are killed at random moments and at random writes, the disk is full for one job, the whole run is killed, finished
files, checkpoints and streams are cut or get a changed byte, while a run goes on and between two. After each round the
same command is run once more: it must succeed, and everything that counts must have the bytes of the undisturbed run.
"""

import argparse
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
from pathlib import Path
from typing import NamedTuple

from workplace import PATIENCE, ROOT, Workplace, bounded, end, undisturbed

PROBABILITY = 0.8
SCRIPTS = ROOT / "workflow/scripts"


class Fault(NamedTuple):
    """One that struck.

    Attributes:
        kind: as it is counted.
        where: the script, or the file.
        moment: where and when in it.
    """

    kind: str
    where: str
    moment: str = ""


class Harness:
    """Rounds of faults in one workplace.

    Attributes:
        struck: every fault that struck.
        lost: those of rounds whose results differ.
    """

    def __init__(
        self, workplace: Workplace, expected: dict[str, str], seconds: dict[str, float], seed: int
    ) -> None:
        self.workplace, self.expected, self.seconds = workplace, expected, seconds
        self.chance = random.Random(seed)
        self.struck: list[Fault] = []
        self.lost: list[Fault] = []

    def round(self, wanted: int) -> None:
        """About `wanted` faults, in as many runs as they take; then the run is finished and compared."""
        before = len(self.struck)
        while (left := wanted - len(self.struck) + before) > 0:
            if (self.workplace.path / "results").exists():
                left -= self._damage(min(left, self.chance.randint(1, 4)))
            if left > 0:
                self._disturb(left)
        finished = bounded(self.workplace.start(disturbed=False)) == 0
        now = self.workplace.results()
        names = {*self.expected, *now}
        differing = sorted(name for name in names if self.expected.get(name) != now.get(name))
        if not finished or differing:
            self.lost += self.struck[before:]
            print(
                f"LOST: finished {finished}, differing {differing[:10]}; {self.struck[before:]}", flush=True
            )

    def _disturb(self, wanted: int) -> None:
        """One run whose jobs are struck; now and then a file is damaged under it, or it is killed as a whole."""
        plan = {"probability": PROBABILITY, "budget": wanted, "seconds": self.seconds}
        plan["seed"] = self.chance.random()
        (self.workplace.faults / "plan.json").write_text(json.dumps(plan))
        run = self.workplace.start(disturbed=True)
        try:
            killed = self._watch(run, wanted)
        finally:
            end(run)
        for mark in self._marks():
            _, script, kind, moment = mark.name.split(".", 3)
            self.struck.append(Fault(kind.replace("_", " "), script, moment))
            mark.unlink()
        if killed:
            self.struck.append(Fault("run killed", "all"))

    def _watch(self, run: subprocess.Popen, wanted: int) -> bool:
        """Until `run` ends by itself, or is killed; whether it was."""
        begun, fatal, harmful = time.monotonic(), self.chance.uniform(20, 240), self.chance.uniform(5, 60)
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
        return sorted(self.workplace.faults.glob("[0-9]*"))

    def _damage(self, count: int) -> int:
        """Cut, empty or change one byte of files that jobs made: outputs, checkpoints, streams."""
        files_of_jobs = [
            *self.workplace.path.glob("results/**/*"),
            *self.workplace.path.glob("checkpoints/**/*"),
        ]
        files = [file for file in files_of_jobs if self._intermediate(file)]
        dear = [file for file in files if _part(file) != "file"]
        chosen = {
            self.chance.choice(dear if dear and self.chance.random() < 0.4 else files) for _ in files[:count]
        }
        done = 0
        for file in sorted(chosen):
            try:
                kind, moment = self._hurt(file)
            except (FileNotFoundError, ValueError):
                continue
            where = file.relative_to(self.workplace.path).as_posix()
            self.struck.append(Fault(f"{_part(file)} {kind}", where, moment))
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

    def _hurt(self, file: Path) -> tuple[str, str]:
        size = file.stat().st_size
        if self.chance.random() < 0.6:
            rest = self.chance.choice([0, self.chance.randrange(size)])
            os.truncate(file, rest)
            return "truncated", f"to {rest} of {size} bytes"
        at = self.chance.randrange(size)
        with file.open("r+b") as stream:
            stream.seek(at)
            byte = stream.read(1)
            stream.seek(at)
            stream.write(bytes([byte[0] ^ (1 << self.chance.randrange(8))]))
        return "corrupted", f"byte {at}"


def _part(file: Path) -> str:
    """What a file is to the workflow."""
    if "checkpoints" in file.parts:
        return "checkpoint"
    return "weights" if file.name == "weights.safetensors" else "file"


def main() -> None:
    """Inject, finish, compare, print; fails where anything was lost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--round", type=int, default=50, help="faults between two comparisons")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="work here and leave everything")
    arguments = parser.parse_args()
    # A harness that is ended ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="faults"))
    begun = time.monotonic()
    quiet = undisturbed()
    expected, seconds = quiet.results(), quiet.seconds()
    if untouched := {file.stem for file in SCRIPTS.glob("*.py")} - seconds.keys():
        sys.exit(f"No experiment of the harness runs {', '.join(sorted(untouched))}.")
    print(f"undisturbed: {time.monotonic() - begun:.0f} s, {len(expected)} files", flush=True)
    harness = Harness(Workplace.make(folder / "disturbed", quiet.path), expected, seconds, arguments.seed)
    while (left := arguments.faults - len(harness.struck)) > 0:
        harness.round(min(left, arguments.round))
        spent = time.monotonic() - begun
        print(f"{len(harness.struck)} injected, {len(harness.lost)} lost, {spent:.0f} s", flush=True)
    _report(harness.struck, harness.lost)
    if not arguments.keep:
        shutil.rmtree(folder)
    sys.exit(bool(harness.lost))


def _report(struck: list[Fault], lost: list[Fault]) -> None:
    """Injected and survived by kind and by script."""
    kinds, lost_kinds = (Counter(fault.kind for fault in faults) for faults in (struck, lost))
    print(f"{'kind':24} {'injected':>8} {'survived':>8}")
    for kind, count in sorted(kinds.items()):
        print(f"{kind:24} {count:8} {count - lost_kinds[kind]:8}")
    scripts = Counter(fault.where for fault in struck if "/" not in fault.where)
    print(f"by script: {', '.join(f'{script} {count}' for script, count in sorted(scripts.items()))}")
    print(f"faults: {len(struck)} injected, {len(struck) - len(lost)} survived, {len(lost)} lost")


if __name__ == "__main__":
    main()
