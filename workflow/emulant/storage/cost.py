"""What a job cost: the only outputs that differ between equal runs."""

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
    """Time the block and write the entry; the block may add configurations, tau_int, evaluations."""
    entry: dict[str, Any] = {"stage": stage, "source": source, "device": device, "threads": threads}
    entry |= {"configurations": None, "tau_int": None, "evaluations": None}
    wall, cpu = time.perf_counter(), time.process_time()
    yield entry
    entry["seconds"], entry["cpu_seconds"] = time.perf_counter() - wall, time.process_time() - cpu
    write_json(path, entry)
