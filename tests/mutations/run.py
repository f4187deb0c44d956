"""Damage valid files of every format at random, import them, and count what became of them.

    python -m tests.mutations.run --files 2000

Each file must be refused in one line, or give data that passed the importer's checks: never another exception, several
lines, something left behind, a hang, or the end of the process. Which file is damaged how depends on its format and number.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
GOOD = ("refused", "unchanged", "other data")
PATIENCE = 60.0
"""Seconds for one file of kilobytes on a busy machine; one takes some hundredths of a second."""


class Fate(NamedTuple):
    """What became of a file: one of GOOD, or what is wrong."""

    name: str
    number: int
    damage: str
    outcome: str
    words: str = ""


def fates(names: list[str], files: int, folder: Path) -> Iterator[Fate]:
    """Import damaged files of every format; a new process goes on behind a file that ended one."""
    done = 0
    while done < len(names) * files:
        before = done
        for fate in _fates_of_process(names, files, done, folder):
            yield fate
            done += 1
        if done == before:
            sys.exit(f"Not even valid files of {names[done // files]} are read and damaged.")


def _fates_of_process(names: list[str], files: int, first: int, folder: Path) -> Iterator[Fate]:
    """Import files until the process ends, or hangs and is killed; what libraries print is not shown."""
    command = [sys.executable, "-m", "tests.mutations.worker", *map(str, (files, first, folder)), *names]
    # Unbuffered, as what is read ahead could not be waited for.
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    ) as process:
        try:
            lines = _lines(process)
            for line in lines:
                told = next(lines, None)
                yield Fate(*json.loads(line), *(json.loads(told) if told else _end(process)))
        finally:
            process.kill()


def _lines(process: subprocess.Popen) -> Iterator[bytes]:
    """Yield lines of a process until it ends; it is killed where the next one is late."""
    with DefaultSelector() as selector:
        selector.register(process.stdout, EVENT_READ)
        while selector.select(PATIENCE):
            if not (line := process.stdout.readline()):
                return
            yield line
    process.kill()


def _end(process: subprocess.Popen) -> tuple[str, str]:
    """How a process ended in the middle of a file."""
    code = process.wait()
    return ("hang", f"killed after {PATIENCE:g} s") if code == -9 else ("crash", f"exit status {code}")


def main() -> None:
    """Damage, import, print the counts of each format; fails where anything but a good outcome occurred."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=2000, help="of each format")
    parser.add_argument("--formats", nargs="*", help="all unless said")
    arguments = parser.parse_args()
    names = arguments.formats or _names()
    folder, wrong, begun = Path(tempfile.mkdtemp(prefix="mutations")), [], time.monotonic()
    print(f"{'format':18} {'files':>6} " + " ".join(f"{outcome:>10}" for outcome in (*GOOD, "wrong")))
    for name, group in groupby(fates(names, arguments.files, folder / "files"), lambda fate: fate.name):
        outcomes = Counter()
        for fate in group:
            outcomes[fate.outcome] += 1
            if fate.outcome not in GOOD:
                wrong.append(f"{name} {fate.number}, {fate.damage}: {fate.outcome}: {fate.words}")
                print(wrong[-1][:400], flush=True)
        counts = [outcomes[outcome] for outcome in GOOD]
        counts.append(outcomes.total() - sum(counts))
        print(f"{name:18} {outcomes.total():6} " + " ".join(f"{count:10}" for count in counts), flush=True)
    shutil.rmtree(folder)
    print(
        f"mutations: {arguments.files} files of each of {len(names)} formats, {len(wrong)} wrong,"
        f" {time.monotonic() - begun:.0f} s"
    )
    sys.exit(bool(wrong))


def _names() -> list[str]:
    """Names of the formats; asked of a process, as the libraries of all would be loaded here."""
    command = [sys.executable, "-c", "from tests.mutations.formats import FORMATS; print(*FORMATS)"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()


if __name__ == "__main__":
    main()
