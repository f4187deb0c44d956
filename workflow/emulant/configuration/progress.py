"""Progress of jobs that share a terminal: whole lines, each with the name of its job."""

import time
from pathlib import Path
from typing import TextIO

__all__ = ["NamedLines", "job_name"]

EVERY = 5.0


class NamedLines:
    """A stream that turns the rewritten line of a progress bar into lines, one every few seconds and the last.

    Arguments:
        stream: the terminal.
        name: put before every line.
        every: seconds between two states of a bar.
    """

    def __init__(self, stream: TextIO, name: str, every: float = EVERY) -> None:
        self.stream, self.name, self.every = stream, name, every
        self.pending, self.shown = "", time.monotonic()

    def write(self, text: str) -> int:
        """Take text in pieces of any size."""
        *whole, self.pending = (self.pending + text).split("\n")
        for line in whole:
            self._show(line)
        if "\r" in self.pending:
            self.pending = "\r" + _state(self.pending)
            if time.monotonic() - self.shown > self.every:
                self._show(self.pending)
        return len(text)

    def flush(self) -> None:
        """Nothing waits: every line is handed on at once."""
        self.stream.flush()

    def _show(self, line: str) -> None:
        state = _state(line)
        if state:
            self.stream.write(f"{self.name} | {state}\n")
            self.stream.flush()
            self.shown = time.monotonic()


def job_name(log: str | Path) -> str:
    """What a job is called in the terminal: logs/smoke/two_peak/vp_diffusion.train.log is two_peak vp_diffusion train."""
    return " ".join(Path(log).with_suffix("").parts[2:]).replace(".", " ")


def _state(line: str) -> str:
    """What is seen of a line after its last carriage return that something follows."""
    return next((part for part in reversed(line.split("\r")) if part.strip()), "").rstrip()
