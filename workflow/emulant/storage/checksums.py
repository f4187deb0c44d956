"""Checksums of the workflow's files: a file that was damaged or changed is detected before it is used.

Every job records its outputs when it ends, under `RECORDS` in the working directory. A file whose size and time of
change are as recorded counts as untouched; only others are read.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from emulant.errors import InputError
from emulant.storage.listing import listed
from emulant.storage.records import read_json, write_json

__all__ = ["check_inputs", "damaged_files", "file_digest", "forget", "record"]

RECORDS = Path(".snakemake/checksums")


def file_digest(file: str | Path) -> str:
    """Compute the SHA-256 of a file."""
    with Path(file).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def record(files: Iterable[str | Path]) -> None:
    """Record size, time of change and SHA-256 of `files`."""
    for file in files:
        _write(Path(file), file_digest(file))


def forget(files: Iterable[str | Path]) -> None:
    """Remove the records of `files`, which are about to be written again."""
    for file in files:
        _record_path(Path(file)).unlink(missing_ok=True)


def check_inputs(files: Iterable[str | Path]) -> None:
    """Raise InputError if one of `files` differs from its record; files without a record pass."""
    for file in files:
        if not _whole(Path(file)):
            raise InputError(
                file, "content", "what the workflow wrote (run again to remake it)", "other bytes"
            )


def damaged_files() -> list[Path]:
    """List the files that differ from their records; records of removed files are deleted."""
    files = [path.relative_to(RECORDS).with_suffix("") for path in listed(RECORDS, "**/*.json")]
    forget(file for file in files if not file.exists())
    return [file for file in files if file.exists() and not _whole(file)]


def _whole(file: Path) -> bool:
    """Tell whether `file` has the recorded bytes, or no record."""
    record_file = _record_path(file)
    if file.is_absolute() or not record_file.exists():
        return True
    recorded, status = read_json(record_file), file.stat()
    if (recorded["size"], recorded["changed"]) == (status.st_size, status.st_mtime_ns):
        return True
    if recorded["size"] != status.st_size or recorded["sha256"] != file_digest(file):
        return False
    # Only the time of change differs, which Snakemake sets too.
    _write(file, recorded["sha256"])
    return True


def _write(file: Path, digest: str) -> None:
    """Write the record of `file`."""
    status = file.stat()
    content = {"size": status.st_size, "changed": status.st_mtime_ns, "sha256": digest}
    write_json(_record_path(file), content)


def _record_path(file: Path) -> Path:
    """Return the path of a file's record, the file's own path below `RECORDS`."""
    return RECORDS / os.path.normpath(f"{file}.json")
