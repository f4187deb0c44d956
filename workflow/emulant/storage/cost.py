"""What a job cost: the only outputs that differ between equal runs."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emulant.storage.records import write_json

__all__ = ["ledger_entry"]


@contextmanager
def ledger_entry(
    path: Path, *, stage: str, source: str, device: str, threads: int
) -> Iterator[dict[str, Any]]:
    """Time the block, with processes that it started, and write the entry.

    The block may add configurations, tau_int, evaluations.
    """
    entry: dict[str, Any] = {"stage": stage, "source": source, "device": device, "threads": threads}
    entry |= {"configurations": None, "tau_int": None, "evaluations": None}
    wall, cpu = time.perf_counter(), _cpu_seconds()
    yield entry
    entry["seconds"], entry["cpu_seconds"] = time.perf_counter() - wall, _cpu_seconds() - cpu
    write_json(path, entry)


def _cpu_seconds() -> float:
    """Of this process and of its children that have ended: UrQMD is one of these."""
    return sum(os.times()[:4])
