"""Locks of a working directory: a lock of Snakemake is cleared only when all processes that could hold it are dead.

Every run keeps a record (host, process, start) beside Snakemake's locks while it lives. A killed run leaves its lock and
its record; the next run sees that the recorded process does not exist.
"""

import atexit
import json
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

import psutil

from emulant.storage.listing import listed
from emulant.storage.records import write_json

__all__ = ["claim", "owners"]

# Seconds by which two readings of a process's start may differ: psutil derives it from the boot time, which is in whole
# seconds and moves when the clock is set.
CLOCK = 2.0


def claim(folder: Path) -> list[str]:
    """Record this process as a user of Snakemake's `folder` and clear the locks that only dead runs can hold.

    Arguments:
        folder: `.snakemake` of a working directory.

    Returns:
        Other runs that are alive, or that cannot be checked because they run on another host.
    """
    records = folder / "owners"
    record = records / f"{socket.gethostname()}.{os.getpid()}.json"
    start = psutil.Process().create_time()
    write_json(record, {"host": socket.gethostname(), "process": os.getpid(), "start": start})
    atexit.register(record.unlink, missing_ok=True)
    others = owners(folder, besides=record)
    locks = folder / "locks"
    if not locks.is_dir() or not any(locks.iterdir()):
        return others
    if others:
        print(f"This folder is in use by {', '.join(others)}; its lock stays.", file=sys.stderr)
        return others
    shutil.rmtree(locks)
    print("Cleared the lock of a run that died.", file=sys.stderr)
    return others


def owners(folder: Path, besides: Path | None = None) -> list[str]:
    """List other runs in Snakemake's `folder`; records of processes that died on this host are removed."""
    alive = []
    for file in listed(folder / "owners", "*.json"):
        if file == besides:
            continue
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError):
            continue
        if record["host"] != socket.gethostname():
            alive.append(f"process {record['process']} on {record['host']} (if it is dead, remove {file})")
        elif _alive(record):
            alive.append(f"process {record['process']}")
        else:
            file.unlink(missing_ok=True)
    return alive


def _alive(record: dict[str, Any]) -> bool:
    """Tell whether the recorded process runs, and is not a later one with the same number."""
    try:
        return abs(psutil.Process(record["process"]).create_time() - record["start"]) < CLOCK
    except psutil.NoSuchProcess:
        return False
