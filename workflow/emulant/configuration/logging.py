"""Where a job's words go: everything to its log, progress and the one clear error also to the terminal."""

import contextlib
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from emulant.errors import InputError

__all__ = ["job_log"]


class _Tee:
    """A stream that writes to the log and to the terminal."""

    def __init__(self, *streams: TextIO) -> None:
        self.streams = streams

    def write(self, text: str) -> int:
        for stream in self.streams:
            stream.write(text)
        return len(text)

    def flush(self) -> None:
        for stream in self.streams:
            stream.flush()


@contextlib.contextmanager
def job_log(path: str) -> Iterator[None]:
    """Send stdout to the log `path`, stderr to log and terminal; an InputError ends the job with one line."""
    with Path(path).open("w", buffering=1, encoding="utf-8") as log:
        terminal = _Tee(log, sys.__stderr__)
        with contextlib.redirect_stdout(log), contextlib.redirect_stderr(terminal):
            try:
                yield
            except InputError as error:
                terminal.write(f"Error: {error}\n")
                sys.exit(1)
            except Exception:
                terminal.write(traceback.format_exc())
                sys.exit(1)
