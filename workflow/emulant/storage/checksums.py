"""Checksums of what the workflow wrote: a file that was cut or changed since is found before it is used.

Every job records its outputs when it is done, under `RECORDS` in the working directory. Sizes and ages tell at once
that a file is untouched; only a file that differs in one of them is read.
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
    """SHA-256 of a file's bytes."""
    with Path(file).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def record(files: Iterable[str | Path]) -> None:
    """Vouch for `files` as they are now."""
    for file in files:
        _write(Path(file), file_digest(file))


def forget(files: Iterable[str | Path]) -> None:
    """Vouch for `files` no longer: they are about to be made anew."""
    for file in files:
        _place(Path(file)).unlink(missing_ok=True)


def check_inputs(files: Iterable[str | Path]) -> None:
    """Raise InputError where one of `files` is not what the workflow wrote; files of others are not looked at."""
    for file in files:
        if not _whole(Path(file)):
            raise InputError(
                file, "content", "what the workflow wrote (run again to remake it)", "other bytes"
            )


def damaged_files() -> list[Path]:
    """All files of earlier runs that are not what the workflow wrote; those that were removed are forgotten."""
    files = [place.relative_to(RECORDS).with_suffix("") for place in listed(RECORDS, "**/*.json")]
    forget(file for file in files if not file.exists())
    return [file for file in files if file.exists() and not _whole(file)]


def _whole(file: Path) -> bool:
    """Whether `file` has the bytes that were recorded, if any were."""
    place = _place(file)
    if file.is_absolute() or not place.exists():
        return True
    known, now = read_json(place), file.stat()
    if (known["size"], known["changed"]) == (now.st_size, now.st_mtime_ns):
        return True
    if known["size"] != now.st_size or known["sha256"] != file_digest(file):
        return False
    # Touched, not changed: Snakemake does that too.
    _write(file, known["sha256"])
    return True


def _write(file: Path, digest: str) -> None:
    now = file.stat()
    content = {"size": now.st_size, "changed": now.st_mtime_ns, "sha256": digest}
    write_json(_place(file), content)


def _place(file: Path) -> Path:
    """Where the record of a file lies, at its own path."""
    return RECORDS / os.path.normpath(f"{file}.json")
