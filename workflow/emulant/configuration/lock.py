"""Who works in a folder: a lock of Snakemake is cleared when all who could hold it are dead, and only then.

Every run leaves a record (host, process, start) beside Snakemake's locks as long as it lives. A killed run leaves
its lock and its record; the next run sees that the process of the record is gone.
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

CLOCK = 2.0


def claim(folder: Path) -> list[str]:
    """Record this process as a user of Snakemake's `folder` and clear the locks that only dead runs can hold.

    Arguments:
        folder: `.snakemake` of a working directory.

    Returns:
        the other runs that are alive, or that cannot be asked because they run on another host.
    """
    records = folder / "owners"
    own = records / f"{socket.gethostname()}.{os.getpid()}.json"
    start = psutil.Process().create_time()
    write_json(own, {"host": socket.gethostname(), "process": os.getpid(), "start": start})
    atexit.register(own.unlink, missing_ok=True)
    others = owners(folder, besides=own)
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
    """Other runs in Snakemake's `folder`; records of processes that died on this host are removed."""
    found = []
    for file in listed(folder / "owners", "*.json"):
        if file == besides:
            continue
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError):
            continue
        if record["host"] != socket.gethostname():
            found.append(f"process {record['process']} on {record['host']} (if it is dead, remove {file})")
        elif _alive(record):
            found.append(f"process {record['process']}")
        else:
            file.unlink(missing_ok=True)
    return found


def _alive(record: dict[str, Any]) -> bool:
    """Whether the process of the record runs, and is not a later one that got its number."""
    try:
        return abs(psutil.Process(record["process"]).create_time() - record["start"]) < CLOCK
    except psutil.NoSuchProcess:
        return False
