"""Damaged results are made again: to Snakemake they are outputs of jobs that did not finish.

A missing file would not do, for Snakemake does not remake what only finished files were made from.
"""

import base64
from pathlib import Path

from emulant.storage.checksums import damaged_files
from emulant.storage.records import write_json

__all__ = ["remake_damaged"]

LONGEST = 254


def remake_damaged(folder: Path) -> list[Path]:
    """Mark all damaged results as incomplete in Snakemake's `folder`; returns their names."""
    damaged = damaged_files()
    for file in damaged:
        write_json(_marker(folder, file), {"external_jobid": None})
    return damaged


def _marker(folder: Path, file: Path) -> Path:
    """Where Snakemake looks: the name in base 64, long ones as folders that begin with @."""
    name = base64.urlsafe_b64encode(file.as_posix().encode()).decode()
    parts = [name[start : start + LONGEST] for start in range(0, len(name), LONGEST)]
    return folder.joinpath("incomplete", *(f"@{part}" for part in parts[:-1]), parts[-1])
