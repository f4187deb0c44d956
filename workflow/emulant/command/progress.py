"""One bar for a run of many jobs, from what Snakemake and its jobs say on the way."""

import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from emulant.configuration.forecast import Forecast, spoken

__all__ = ["Progress"]

LINE = re.compile(r"(?P<job>\w\S*(?: \S+){0,3}) \| (?P<state>.*)")
UP_TO_DATE = "Nothing to be done"
SPOKEN = ("Plan: ", "Cleared the lock", "This folder is in use", "The report:", UP_TO_DATE)
"""How lines begin that are for a person, beside errors."""
OWN = re.compile(r".* is damaged, it is made again\.$|.*GPU.*")
WIDTH = 24
TERMINAL, FILE = 0.2, 30.0
"""Seconds between two states of the bar: in a terminal, where it is one line, and in a file, where each is a line."""
TRUSTED = 0.1
"""Part of a run after which its own speed, and no longer the forecast, says what is left."""


class Progress:
    """What a run has done and what is left of it.

    Arguments:
        stream: where it is shown; stderr unless given.
        plan: file of the forecast, which appears when the jobs are known.
        clock: seconds.

    Attributes:
        errors: lines that say what went wrong.
        up_to_date: whether nothing was to be done.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        plan: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stream, self.plan, self.clock = stream or sys.stderr, plan, clock
        self.weights: Mapping[str, float] = {}
        self.expected, self.guessed = 0.0, False
        self.finished: dict[str, float] = {}
        self.errors: list[str] = []
        self.up_to_date = False
        self.state, self.begun, self.shown = "", clock(), float("-inf")

    def read(self, line: str) -> None:
        """Take one line of the run's output."""
        line = line.rstrip()
        if line.startswith("Plan: "):
            self._begin()
        self.up_to_date = self.up_to_date or line.startswith(UP_TO_DATE)
        if line.startswith(SPOKEN) or OWN.fullmatch(line):
            self._say(line)
        elif line.startswith("Error") and not line.startswith("Error in rule"):
            self.errors.append(line)
        elif match := LINE.fullmatch(line):
            self._job(match["job"], match["state"])

    def close(self) -> None:
        """End the bar."""
        self._show(self.clock())
        if self.stream.isatty():
            self.stream.write("\n")
        self.stream.flush()

    @property
    def part(self) -> float:
        """Part of the run that is done, by the seconds of its jobs."""
        total = sum(self.weights.values())
        return sum(self.weights.get(job, 0.0) for job in self.finished) / total if total else 0.0

    @property
    def left(self) -> float | None:
        """Seconds that are left, by the run's own speed once there is one, by the forecast before, or None."""
        gone = self.clock() - self.begun
        if self.part > TRUSTED:
            return gone * (1 - self.part) / self.part
        return self.expected - gone if gone < self.expected else None

    def _begin(self) -> None:
        """Read the forecast."""
        if self.plan is not None and self.plan.exists():
            forecast = Forecast.read(self.plan)
            self.weights = forecast.weights
            self.guessed = None in forecast.seconds.values()
            self.expected = sum(self.weights.values()) / forecast.cores
        self.begun = self.clock()

    def _job(self, job: str, state: str) -> None:
        """A job says something: how far it is, that it is done, or what is wrong."""
        if state.startswith("Error"):
            self.errors.append(f"{job}: {state}")
            self._say(f"{job} failed; why is said at the end.")
        if state.startswith("done in "):
            self.finished[job] = self.clock()
        self.state = f"{job}: {state}"
        if self.clock() - self.shown >= (TERMINAL if self.stream.isatty() else FILE):
            self._show(self.clock())

    def _show(self, now: float) -> None:
        """Draw the bar."""
        if not self.weights:
            return
        self.shown = now
        filled = round(WIDTH * self.part)
        bar = f"[{'#' * filled}{'-' * (WIDTH - filled)}] " if self.stream.isatty() else ""
        done = sum(job in self.weights for job in self.finished)
        text = f"{bar}{done} of {len(self.weights)} jobs, {spoken(now - self.begun)}"
        if done < len(self.weights):
            text = f"{text}, {self._told()} | {self.state}"
        self._write(text)

    def _told(self) -> str:
        """Say what is left; jobs of which nothing is known may take any time."""
        if self.left is None:
            return "longer than forecast"
        guess = "perhaps " if self.guessed and self.part <= TRUSTED else ""
        return f"{guess}{spoken(self.left)} left"

    def _say(self, line: str) -> None:
        """Show a line above the bar."""
        self._write(line, stays=True)

    def _write(self, text: str, *, stays: bool = False) -> None:
        if not self.stream.isatty():
            self.stream.write(f"{text}\n")
        else:
            columns = shutil.get_terminal_size((100, 24)).columns
            text = text if stays else text[: columns - 1]
            self.stream.write(f"\r\x1b[K{text}" + ("\n" if stays else ""))
        self.stream.flush()
