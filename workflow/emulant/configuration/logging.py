"""Job log: copies output to file and terminal, verifies checksums of the inputs, and exits when Snakemake dies."""

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

# Seconds between two looks at Snakemake: a job survives it by no more, and looking costs little.
WATCH = 1.0


@contextlib.contextmanager
def job_log(path: str, inputs: Iterable[str] = (), outputs: Iterable[str] = ()) -> Iterator[None]:
    """Write stdout to the log `path`, stderr (with the progress) to log and terminal; exit when Snakemake dies.

    Checksums of the inputs are verified first, those of the outputs recorded last. The terminal shows the start and the
    duration of the job, in lines that carry its name. An InputError ends the job with one line, any other exception with its
    traceback. A job whose Snakemake was killed exits within a second or two: a rerun must not find another process writing
    its files.
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
    """Find the Snakemake process that started this one."""
    for process in psutil.Process().parents():
        with contextlib.suppress(psutil.Error):
            if any(Path(word).name == "snakemake" for word in process.cmdline()[:4]):
                return process
    return None


def _end_with(process: psutil.Process | None) -> None:
    """Exit at once, without cleaning up, when `process` has ended, or the shell or the server that started this job."""
    starter = os.getppid()

    def watch() -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            while (
                process.is_running() and process.status() != psutil.STATUS_ZOMBIE and os.getppid() == starter
            ):
                time.sleep(WATCH)
        os._exit(1)

    if process is not None:
        threading.Thread(target=watch, daemon=True).start()
