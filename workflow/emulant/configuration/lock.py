"""Clear the lock that a killed run left behind, and only that one."""

import os
import sys
from pathlib import Path

__all__ = ["clear_stale_lock", "running_snakemakes"]


def running_snakemakes(directory: Path) -> list[int]:
    """Process numbers of Snakemake main processes that work in `directory` (Linux; elsewhere unknown: empty)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            here = (entry / "cwd").resolve() == directory.resolve()
        except OSError:
            continue
        if here and any(b"snakemake" in Path(os.fsdecode(word)).name.encode() for word in words[:2]):
            found.append(int(entry.name))
    return found


def clear_stale_lock(directory: Path) -> bool:
    """Remove the locks in `directory`/.snakemake if no Snakemake lives there; returns whether one was removed."""
    locks = list((directory / ".snakemake" / "locks").glob("*.lock"))
    if not locks:
        return False
    if not Path("/proc").is_dir():
        print("A lock exists; if no other run is alive: snakemake --unlock", file=sys.stderr)
        return False
    if running := running_snakemakes(directory):
        print(f"Another run is alive here (process {running[0]}); its lock stays.", file=sys.stderr)
        return False
    for lock in locks:
        lock.unlink()
    print("Cleared the lock of a run that died.", file=sys.stderr)
    return True


if __name__ == "__main__":
    clear_stale_lock(Path.cwd())
