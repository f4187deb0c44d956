"""What a job cost: the only outputs that differ between equal runs."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emulant.storage.records import read_json, write_json

__all__ = ["costs_of", "ledger_entry", "timed_entry"]


@contextmanager
def ledger_entry(path: Path, **job: Any) -> Iterator[dict[str, Any]]:
    """Time the block and write the entry, both as in `timed_entry`, when the block is done."""
    with timed_entry(**job) as entry:
        yield entry
    write_json(path, entry)


@contextmanager
def timed_entry(
    *, stage: str, model: str, variant: str = "", device: str, threads: int
) -> Iterator[dict[str, Any]]:
    """Time the block, with processes that it started; the entry is to be written once, when nothing in it is open.

    Configurations, tau_int and evaluations are to be added.
    """
    entry: dict[str, Any] = {"stage": stage, "model": model, "variant": variant}
    entry |= {"device": device, "threads": threads}
    entry |= {"configurations": None, "tau_int": None, "evaluations": None}
    wall, cpu = time.perf_counter(), _cpu_seconds()
    yield entry
    entry["seconds"], entry["cpu_seconds"] = time.perf_counter() - wall, _cpu_seconds() - cpu


def costs_of(experiment: str, files: Iterable[Path]) -> list[dict[str, Any]]:
    """Read the entries of one experiment, in the order of `files`, results/<scale>/<experiment>/cost/<name>.json."""
    return [read_json(file) for file in files if file.parts[-3] == experiment]


def _cpu_seconds() -> float:
    """Of this process and of its children that have ended: UrQMD is one of these."""
    return sum(os.times()[:4])
