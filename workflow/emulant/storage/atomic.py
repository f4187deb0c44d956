"""Files that are either whole or not there.

What is not yet whole waits beside its place under `.NAME.HOST.PROCESS.part`, a name that `*.json`, `*.csv` or any other
pattern of whole files does not match. It stays only where its process was killed, and goes once that is known.
"""

import glob
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

__all__ = ["atomic_path", "remove_leftovers", "temporary_path"]

SUFFIX = ".part"
TEMPORARY = re.compile(rf"\..+\.(?P<host>[^.]*)\.(?P<process>\d+){re.escape(SUFFIX)}")
# The name of a file may have 255 bytes.
LONGEST_NAME, LONGEST_HOST = 100, 64
SILENCE = 30 * 86400.0
"""Seconds without a change after which a file of another host is nobody's: no job runs that long."""


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; move it into place on success, remove it on any error."""
    path = Path(path)
    temporary = temporary_path(path)
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def temporary_path(path: Path) -> Path:
    """Name the file that this process writes before `path`; what dead processes left there is removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.name[-LONGEST_NAME:]
    remove_leftovers(path.parent, f".{glob.escape(name)}.*.*{SUFFIX}")
    return path.with_name(f".{name}.{_host()}.{os.getpid()}{SUFFIX}")


def remove_leftovers(folder: Path, pattern: str = f"**/.*{SUFFIX}") -> None:
    """Remove temporary files below `folder` whose processes are dead."""
    for file in folder.glob(pattern):
        with suppress(FileNotFoundError):
            if _abandoned(file):
                file.unlink()


def _abandoned(file: Path) -> bool:
    """Whether the process that wrote `file` is dead; one on another host cannot be asked, its file must be old."""
    ours = TEMPORARY.fullmatch(file.name)
    if ours is None:
        return False
    if ours["host"] == _host():
        return not psutil.pid_exists(int(ours["process"]))
    return time.time() - file.stat().st_mtime > SILENCE


def _host() -> str:
    """Name this machine, without dots."""
    return socket.gethostname().replace(".", "-")[:LONGEST_HOST]
