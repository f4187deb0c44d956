"""Where a job's words go, when it ends, and what it vouches for: its log, the terminal, its Snakemake, its files."""

import contextlib
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

import psutil

from emulant.configuration.progress import NamedLines, job_name
from emulant.errors import InputError
from emulant.storage.checksums import check_inputs, forget, record

__all__ = ["job_log"]

WATCH = 1.0


@contextlib.contextmanager
def job_log(path: str, inputs: Iterable[str] = (), outputs: Iterable[str] = ()) -> Iterator[None]:
    """Send stdout to the log `path`, stderr (and so the progress) to log and terminal; end with Snakemake.

    Inputs that the workflow wrote are checked first, checksums of the outputs recorded last. The terminal hears when
    the job starts and what it took, as lines that carry the job's name. An InputError ends the job with one line, any
    other exception with its traceback. A job whose Snakemake was killed ends within a second or two: a rerun must find
    nobody writing its files.
    """
    _end_with(_snakemake())
    with Path(path).open("w", buffering=1, encoding="utf-8") as log:
        lines, started = NamedLines(sys.__stderr__, job_name(path)), time.monotonic()
        terminal = _Tee(log, lines)
        lines.write("started\n")
        with contextlib.redirect_stdout(log), contextlib.redirect_stderr(terminal):
            try:
                forget(outputs)
                check_inputs(inputs)
                yield
                record(outputs)
                lines.write(f"done in {time.monotonic() - started:.1f} s\n")
            except InputError as error:
                terminal.write(f"Error: {error}\n")
                sys.exit(1)
            except Exception:
                terminal.write(traceback.format_exc())
                sys.exit(1)


class _Tee:
    """A stream that writes to all of `streams`."""

    def __init__(self, *streams: TextIO) -> None:
        self.streams = streams

    def write(self, text: str) -> int:
        for stream in self.streams:
            stream.write(text)
        return len(text)

    def flush(self) -> None:
        for stream in self.streams:
            stream.flush()


def _snakemake() -> psutil.Process | None:
    """The Snakemake that started this process."""
    for process in psutil.Process().parents():
        with contextlib.suppress(psutil.Error):
            if any(Path(word).name == "snakemake" for word in process.cmdline()[:4]):
                return process
    return None


def _end_with(process: psutil.Process | None) -> None:
    """Leave at once, with nothing cleaned up, when `process` is gone."""

    def watch() -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                time.sleep(WATCH)
        os._exit(1)

    if process is not None:
        threading.Thread(target=watch, daemon=True).start()
