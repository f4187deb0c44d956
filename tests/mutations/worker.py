"""Read damaged files, in a process that may be killed: `run` watches it.

    python -m tests.mutations.worker 18 17 folder third.hepmc

leaves file 17 of this format in `folder`, and says what became of it. A file depends on its format and number alone.
"""

import json
import os
import random
import resource
import shutil
import sys
import warnings
from pathlib import Path
from typing import TextIO

from tests.mutations.formats import FORMATS, Format, digest, outcome

MEMORY = 2 << 30
"""Bytes that reading a file of kilobytes may take beyond what the libraries have."""


def limit_memory() -> None:
    """Bound the memory of this process, where the system tells how much it has (Linux)."""
    status = Path("/proc/self/statm")
    if status.exists():
        bound = int(status.read_text().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def valid(form: Format, folder: Path) -> tuple[dict[str, bytes], str]:
    """The bytes of a valid file by name, and the digest of what is read from it."""
    (folder / "out").mkdir(parents=True)
    form.write(folder)
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    return files, digest(form.read(folder / form.name, folder / "out" / f"half.{form.name.split('.')[-1]}"))


def own_output() -> TextIO:
    """Return the standard output for this process alone: libraries print to what is written nowhere."""
    words = os.fdopen(os.dup(1), "w")
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    return words


def main(names: list[str], files: int, first: int, folder: Path, words: TextIO) -> None:
    """Say of each file how it is damaged, before it is read, and then what became of it, in lines of JSON.

    Arguments:
        names: of formats.
        files: of each.
        first: of all files, from 0, that is read.
        folder: for the files.
        words: where it is said.
    """
    # A repeated or odd number may warn; what counts is what is returned or raised.
    warnings.simplefilter("ignore")
    limit_memory()
    for before, name in enumerate(names):
        numbers = range(max(0, first - before * files), files)
        if numbers:
            _damaged_files(name, numbers, folder, words)


def _damaged_files(name: str, numbers: range, folder: Path, words: TextIO) -> None:
    form = FORMATS[name]
    shutil.rmtree(folder, ignore_errors=True)
    files, whole = valid(form, folder)
    for number in numbers:
        for file in (folder / "out").iterdir():
            file.unlink()
        for file, content in files.items():
            (folder / file).write_bytes(content)
        damage = form.damage(folder, random.Random(f"{name} {number}"))
        print(json.dumps([name, number, damage]), file=words, flush=True)
        print(json.dumps(outcome(form, folder, whole)), file=words, flush=True)


if __name__ == "__main__":
    main(sys.argv[4:], int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), own_output())
