"""Reference events of the cascade UrQMD 3.4, one subprocess per piece, by the package `chromo`.

S. A. Bass et al., Prog. Part. Nucl. Phys. 41 (1998) 255; M. Bleicher et al., J. Phys. G 25 (1999) 1859. UrQMD's
licence forbids giving its events to third parties without consent of its authors: do not publish them.
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
from emulant.storage.pieces import Piece
from emulant.storage.provenance import provenance
from emulant.storage.records import write_json

__all__ = ["Failure", "Urqmd", "available", "make_pieces", "piece_attributes"]

WORKER = "emulant.collisions._urqmd_worker"
LOG_LINES = 12
"""Last lines of a log in an error message; a Fortran STOP and its cause fit."""
BY_THE_MACHINE = (os.EX_IOERR, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGXFSZ)
"""Exit statuses that come from the machine (disk, memory, end of a job), not from UrQMD."""


@dataclass(frozen=True)
class Urqmd:
    """Collision system and settings of UrQMD.

    Attributes:
        energy: kinetic energy of the beam, GeV a nucleon, on a target at rest ("10 AGeV").
        projectile, target: mass number and charge.
        impact: lowest and highest impact parameter in fm; if they differ, b is drawn with weight b db.
        elastic: whether hadrons scatter elastically (chromo turns it off).
        frame: frame of the cascade, "cm" (nucleon-nucleon centre of mass) or "lab" (target at rest). The order of
            collisions depends on it, which changes the multiplicity by about 2 %. Events are always in "cm".
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
        """Settings as written to the metadata of a file."""
        return {**asdict(self), "generator": "UrQMD 3.4", "chromo": version("chromo")}


@dataclass(frozen=True)
class Failure:
    """Piece that could not be generated, with the reason and the path of its log."""

    piece: Piece
    reason: str
    log: Path

    def __str__(self) -> str:
        events = f"events {self.piece.first} to {self.piece.first + self.piece.count - 1}"
        return f"{events}: UrQMD {self.reason}; its log is {self.log}"


def available() -> bool:
    """Return whether the package chromo is installed."""
    return find_spec("chromo") is not None


def piece_attributes(system: Urqmd, piece: Piece, seed: int, attempt: int = 0) -> dict[str, Any]:
    """Return the provenance of a piece; its seed follows from the root seed, the piece's number and the attempt."""
    sequence = np.random.SeedSequence(seed, spawn_key=(piece.number, attempt))
    piece_seed = int(sequence.generate_state(1, np.uint64)[0] >> 1)
    return provenance(system="collision", parameters=system.parameters, sampler="urqmd", seed=piece_seed)


def make_pieces(
    system: Urqmd,
    pieces: list[Piece],
    *,
    seed: int,
    workers: int = 1,
    attempts: int = 2,
    patience: float = 900.0,
    progress: str | None = "UrQMD",
) -> list[Failure]:
    """Generate the pieces whose files are missing; return the failures.

    A piece appears at its path complete or not at all; a killed run continues with the missing pieces. If UrQMD stops or
    hangs, the piece is tried again with another seed that follows from the first, so the same call gives the same bytes;
    if all attempts fail, the other pieces still run. If the machine ends a process (full disk, too little memory) there
    is no second attempt, because the seed would then depend on the state of the machine.

    Arguments:
        system: the collision system.
        pieces: from `storage.pieces.pieces_of`, none of them cut at its start.
        seed: root of the seeds of all pieces.
        workers: number of simultaneous processes.
        attempts: most attempts per piece.
        patience: seconds without a new event after which a process counts as hung; a central Au+Au event at 10 AGeV
            takes seconds.
        progress: label of a progress bar, None for none.

    Raises:
        RuntimeError: if the package chromo is not installed.
    """
    if not available():
        raise RuntimeError("UrQMD needs the package chromo; the experiment surrogate_central does without")
    failures = []
    with tempfile.TemporaryDirectory(prefix="urqmd.") as room, ThreadPoolExecutor(workers) as pool:
        bar = tqdm(total=sum(s.count for s in pieces), desc=progress, unit="event", disable=progress is None)
        make = _Maker(system, seed, attempts, patience, Path(room), bar.update)
        with bar:
            for failure in pool.map(make, pieces):
                if failure is not None:
                    failures.append(failure)
                    tqdm.write(str(failure), file=sys.stderr)
    return failures


@dataclass(frozen=True)
class _Maker:
    """Generator of single pieces, each process in a folder of its own below `room`.

    UrQMD writes tables to its working folder, and a later process there would read them even if a full disk had truncated
    them.
    """

    system: Urqmd
    seed: int
    attempts: int
    patience: float
    room: Path
    advance: Callable[[int], Any]

    def __call__(self, piece: Piece) -> Failure | None:
        if any(self._is_made(piece, attempt) for attempt in range(self.attempts)):
            self.advance(piece.count)
            return None
        for attempt in range(self.attempts):
            attributes = piece_attributes(self.system, piece, self.seed, attempt)
            log = piece.path.with_suffix(f".{attempt}.log")
            with tempfile.TemporaryDirectory(dir=self.room) as folder:
                reason, machine = self._run(piece, attributes, Path(folder), log)
            if reason is None:
                return None
            if machine:
                break
        return Failure(piece, reason, log)

    def _is_made(self, piece: Piece, attempt: int) -> bool:
        """Return whether the piece's file is complete and belongs to this run."""
        expected = piece_attributes(self.system, piece, self.seed, attempt)
        expected["parameters"] = json.loads(expected["parameters"])
        try:
            with open_events(piece.path) as file:
                same = all(
                    file.attributes.get(key) == expected[key] for key in ("seed", "sampler", "parameters")
                )
                return same and len(file) == piece.count
        except InputError:
            return False

    def _run(
        self, piece: Piece, attributes: dict[str, Any], folder: Path, log: Path
    ) -> tuple[str | None, bool]:
        """Run one process; return the reason of a failure, or None, and whether the machine ended it."""
        task = folder / "task.json"
        request = {"path": str(piece.path.resolve()), "first": piece.first, "events": piece.count}
        request |= {"seed": attributes["seed"], "attributes": attributes, "settings": asdict(self.system)}
        write_json(task, request)
        log.parent.mkdir(parents=True, exist_ok=True)
        # A Fortran STOP may end with status 0; then only the missing file shows the failure.
        piece.path.unlink(missing_ok=True)
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
        if process.returncode == 0 and piece.path.exists():
            log.unlink()
            return None, False
        self.advance(-done)
        state = (
            f"made no event for {self.patience:.0f} s" if hung else f"ended with status {process.returncode}"
        )
        reason = f"{state} after {done} events: {_last_lines(log)}"
        return reason, not hung and process.returncode in BY_THE_MACHINE

    def _follow(self, process: subprocess.Popen) -> tuple[int, bool]:
        """Count the events that a process reports; kill it after `patience` seconds of silence. Return (count, killed)."""
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
