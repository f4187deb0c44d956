"""Reference events: the cascade UrQMD 3.4, one subprocess a shard, by the package `chromo`.

S. A. Bass et al., Prog. Part. Nucl. Phys. 41 (1998) 255; M. Bleicher et al., J. Phys. G 25 (1999) 1859. UrQMD's
licence forbids handing its events to third parties without consent of its authors: make them, do not publish them.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
from tqdm import tqdm

import emulant
from emulant.collisions.nuclei import check_collision
from emulant.collisions.tables import open_events
from emulant.errors import InputError
from emulant.storage.provenance import provenance
from emulant.storage.records import write_json

__all__ = ["Failure", "Shard", "Urqmd", "available", "make_shards", "shard_attributes", "shards_of"]

WORKER = "emulant.collisions._urqmd_worker"
LOG_LINES = 12
BY_THE_MACHINE = (os.EX_IOERR, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGXFSZ)


@dataclass(frozen=True)
class Urqmd:
    """A collision system and how UrQMD treats it.

    Attributes:
        energy: kinetic energy of the beam, GeV a nucleon, on a target at rest ("10 AGeV").
        projectile, target: mass number and charge.
        impact: lowest and highest impact parameter in fm; equal for a fixed one, else b is drawn with weight b db.
        elastic: whether hadrons scatter elastically (chromo turns it off).
        frame: "cm" cascades in the nucleon-nucleon centre of mass, "lab" where the target rests. The order of
            collisions depends on it, and with it about 2 % of the multiplicity. Events are in the centre of mass.
    """

    energy: float = 10.0
    projectile: tuple[int, int] = (197, 79)
    target: tuple[int, int] = (197, 79)
    impact: tuple[float, float] = (1.0, 1.0)
    elastic: bool = True
    frame: str = "cm"

    def __post_init__(self) -> None:
        for name in ("projectile", "target", "impact"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        check_collision("urqmd", self)
        if self.frame not in ("cm", "lab"):
            raise InputError("urqmd", "frame", "cm or lab", self.frame)

    @property
    def parameters(self) -> dict[str, Any]:
        """Settings as they stand in the metadata of a file."""
        return {**asdict(self), "generator": "UrQMD 3.4", "chromo": version("chromo")}


@dataclass(frozen=True)
class Shard:
    """A part of an ensemble that one process makes: its place, file, first event and number of events."""

    place: int
    path: Path
    first: int
    events: int


@dataclass(frozen=True)
class Failure:
    """A shard that could not be made: why, and where its whole log is."""

    shard: Shard
    reason: str
    log: Path

    def __str__(self) -> str:
        events = f"events {self.shard.first} to {self.shard.first + self.shard.events - 1}"
        return f"{events}: UrQMD {self.reason}; its log is {self.log}"


def available() -> bool:
    """Whether UrQMD can run here."""
    return find_spec("chromo") is not None


def shards_of(folder: str | Path, events: int, size: int = 20) -> list[Shard]:
    """Split `events` events into shards of at most `size`; what is made does not depend on how many run at once."""
    starts = range(0, events, size)
    return [
        Shard(k, Path(folder) / f"{k:05d}.parquet", first, min(size, events - first))
        for k, first in enumerate(starts)
    ]


def shard_attributes(system: Urqmd, shard: Shard, seed: int, attempt: int = 0) -> dict[str, Any]:
    """Provenance of a shard; its seed follows from the root seed, the shard's place and the attempt."""
    sequence = np.random.SeedSequence(seed, spawn_key=(shard.place, attempt))
    own = int(sequence.generate_state(1, np.uint64)[0] >> 1)
    return provenance(system="collision", parameters=system.parameters, sampler="urqmd", seed=own)


def make_shards(
    system: Urqmd,
    shards: list[Shard],
    *,
    seed: int,
    workers: int = 1,
    attempts: int = 2,
    patience: float = 900.0,
    progress: str | None = "UrQMD",
) -> list[Failure]:
    """Make the shards that are not there yet; returns what could not be made, shard by shard.

    A shard appears at its path, whole, or not at all; a killed run goes on with the shards that are missing. Where
    UrQMD stops or hangs, the shard is tried again with another seed that follows from the first, so the same call
    gives the same bytes; where it stops in every attempt, the others still go on. Where the machine ends a process (a full
    disk, too little memory) there is no other attempt: its seed would depend on the day.

    Arguments:
        system: what collides.
        shards: from `shards_of`.
        seed: root of the seeds of all shards.
        workers: processes that run at once.
        attempts: to make a shard.
        patience: seconds without a new event after which a process is taken as hung.
        progress: label of a progress bar, None for none.

    Raises:
        RuntimeError: where the package chromo is not installed.
    """
    if not available():
        raise RuntimeError("UrQMD needs the package chromo; the experiment surrogate_central does without")
    failures = []
    with tempfile.TemporaryDirectory(prefix="urqmd.") as room, ThreadPoolExecutor(workers) as pool:
        bar = tqdm(total=sum(s.events for s in shards), desc=progress, unit="event", disable=progress is None)
        make = _Maker(system, seed, attempts, patience, Path(room), bar.update)
        with bar:
            for failure in pool.map(make, shards):
                if failure is not None:
                    failures.append(failure)
                    tqdm.write(str(failure), file=sys.stderr)
    return failures


@dataclass(frozen=True)
class _Maker:
    """Makes one shard after the other, each process in a folder of its own below `room`.

    UrQMD writes tables where it runs and reads them in the next process there: those that a full disk cut would stop it.
    """

    system: Urqmd
    seed: int
    attempts: int
    patience: float
    room: Path
    advance: Callable[[int], Any]

    def __call__(self, shard: Shard) -> Failure | None:
        if any(self._is_made(shard, attempt) for attempt in range(self.attempts)):
            self.advance(shard.events)
            return None
        for attempt in range(self.attempts):
            attributes = shard_attributes(self.system, shard, self.seed, attempt)
            log = shard.path.with_suffix(f".{attempt}.log")
            with tempfile.TemporaryDirectory(dir=self.room) as folder:
                reason, machine = self._run(shard, attributes, Path(folder), log)
            if reason is None:
                return None
            if machine:
                break
        return Failure(shard, reason, log)

    def _is_made(self, shard: Shard, attempt: int) -> bool:
        """Whether the shard's file is whole and of this run."""
        expected = shard_attributes(self.system, shard, self.seed, attempt)
        expected["parameters"] = json.loads(expected["parameters"])
        try:
            with open_events(shard.path) as file:
                same = all(
                    file.attributes.get(key) == expected[key] for key in ("seed", "sampler", "parameters")
                )
                return same and len(file) == shard.events
        except InputError:
            return False

    def _run(
        self, shard: Shard, attributes: dict[str, Any], folder: Path, log: Path
    ) -> tuple[str | None, bool]:
        """Run one process; returns what went wrong, or None, and whether it was the machine that ended it."""
        task = folder / "task.json"
        order = {"path": str(shard.path.resolve()), "first": shard.first, "events": shard.events}
        order |= {"seed": attributes["seed"], "attributes": attributes, "settings": asdict(self.system)}
        write_json(task, order)
        log.parent.mkdir(parents=True, exist_ok=True)
        # A Fortran STOP may end with status 0; then only the missing file tells.
        shard.path.unlink(missing_ok=True)
        root = Path(emulant.__file__).parent.parent
        search = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = os.environ | {"PYTHONPATH": search, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", WORKER, str(task)]
        with (
            log.open("wb") as output,
            subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=output,
            ) as process,
        ):
            done, hung = self._follow(process)
        if process.returncode == 0 and shard.path.exists():
            log.unlink()
            return None, False
        self.advance(-done)
        state = (
            f"made no event for {self.patience:.0f} s" if hung else f"ended with status {process.returncode}"
        )
        reason = f"{state} after {done} events: {_last_lines(log)}"
        return reason, not hung and process.returncode in BY_THE_MACHINE

    def _follow(self, process: subprocess.Popen) -> tuple[int, bool]:
        """Count the events that a process tells of; end it when it tells nothing for too long."""
        done, hung = 0, []
        while True:
            watch = Timer(self.patience, lambda: (hung.append(True), process.kill()))
            watch.start()
            line = process.stdout.readline()
            watch.cancel()
            if not line:
                return done, bool(hung)
            done += 1
            self.advance(1)


def _last_lines(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-LOG_LINES:])
