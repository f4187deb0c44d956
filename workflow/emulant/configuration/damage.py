"""Regeneration of damaged results: they are marked for Snakemake as outputs of unfinished jobs.

Removing them is not enough: Snakemake does not regenerate files that only finished files were made from.
"""

import base64
from pathlib import Path

from emulant.storage.checksums import damaged_files
from emulant.storage.records import write_json

__all__ = ["remake_damaged"]

# File names have at most 255 bytes, of which "@" is one.
LONGEST = 254


def remake_damaged(folder: Path) -> list[Path]:
    """Mark all damaged results as incomplete in Snakemake's `folder`; return their names."""
    damaged = damaged_files()
    for file in damaged:
        write_json(_marker(folder, file), {"external_jobid": None})
    return damaged


def _marker(folder: Path, file: Path) -> Path:
    """Return the path of Snakemake's marker: the name in base 64, long ones split into folders that begin with @."""
    name = base64.urlsafe_b64encode(file.as_posix().encode()).decode()
    parts = [name[start : start + LONGEST] for start in range(0, len(name), LONGEST)]
    return folder.joinpath("incomplete", *(f"@{part}" for part in parts[:-1]), parts[-1])
