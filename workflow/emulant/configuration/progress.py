"""Progress of jobs that share a terminal: whole lines, each with the name of its job."""

import time
from pathlib import Path
from typing import TextIO

__all__ = ["NamedLines", "job_name"]

# Seconds between two lines of one job: often enough to see progress, seldom enough for many jobs in one terminal.
EVERY = 5.0


class NamedLines:
    """A stream that turns the updates of a progress bar into lines, one every few seconds and the last.

    Arguments:
        stream: the terminal.
        name: printed before every line.
        every: seconds between two lines of a bar.
    """

    def __init__(self, stream: TextIO, name: str, every: float = EVERY) -> None:
        self.stream, self.name, self.every = stream, name, every
        self.pending, self.shown = "", time.monotonic()

    def write(self, text: str) -> int:
        """Accept text in pieces of any size."""
        *whole, self.pending = (self.pending + text).split("\n")
        for line in whole:
            self._show(line)
        if "\r" in self.pending:
            self.pending = "\r" + _state(self.pending)
            if time.monotonic() - self.shown > self.every:
                self._show(self.pending)
        return len(text)

    def flush(self) -> None:
        """Flush the stream; complete lines are written at once."""
        self.stream.flush()

    def _show(self, line: str) -> None:
        """Print a line with the job's name, unless it is empty."""
        state = _state(line)
        if state:
            self.stream.write(f"{self.name} | {state}\n")
            self.stream.flush()
            self.shown = time.monotonic()


def job_name(log: str | Path) -> str:
    """Name a job by its log: logs/<scale>/<experiment>/<model>.train.log gives "<experiment> <model> train"."""
    *folders, last = Path(log).with_suffix("").parts[2:]
    return " ".join([*folders, *last.rsplit(".", 1)])


def _state(line: str) -> str:
    """Return the visible part of a line: the last non-empty text between carriage returns."""
    return next((part for part in reversed(line.split("\r")) if part.strip()), "").rstrip()
