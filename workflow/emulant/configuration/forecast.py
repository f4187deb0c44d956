"""What a run is going to take: jobs, time, memory and disk, by what the same jobs took before, here or elsewhere."""

import csv
import json
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from emulant.configuration.progress import job_name
from emulant.storage.atomic import atomic_path

__all__ = ["Forecast", "JobCost", "forecast", "shipped_costs", "spoken"]

OVERHEAD = 1.0
"""Seconds that Snakemake adds to a job, to plan, start and record it (benchmarks/overhead.py: 1.8 with the imports)."""
UNKNOWN = 10.0
"""Seconds that a job is taken for, in the share of a run that is done, where nothing is known of any."""


@dataclass(frozen=True)
class JobCost:
    """What a job took, or asks for.

    Attributes:
        seconds: CPU seconds, or None where it never ran.
        memory: in MB.
        here: whether it ran on this machine.
    """

    seconds: float | None
    memory: float
    here: bool


@dataclass(frozen=True)
class Forecast:
    """What a run is going to do.

    Attributes:
        cores: that it may use.
        seconds: name of a job -> seconds of it, or None.
        memory: in MB, of as many jobs as run at once.
        measured: jobs whose memory was measured; others count with what they may take.
        elsewhere: jobs that were timed on another machine.
        disk: in MB, of the folders of the experiments, or None where no folder of one is known.
    """

    cores: int
    seconds: Mapping[str, float | None]
    memory: float
    measured: int
    elsewhere: int
    disk: float | None

    def write(self, path: Path) -> None:
        """Write for whoever follows the run."""
        with atomic_path(path) as temporary:
            temporary.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    @property
    def weights(self) -> dict[str, float]:
        """Seconds of every job; those of which nothing is known count like the median of the others."""
        told = [value for value in self.seconds.values() if value is not None]
        usual = statistics.median(told) if told else UNKNOWN
        return {name: max(usual if value is None else value, 0.1) for name, value in self.seconds.items()}

    @property
    def duration(self) -> float:
        """Seconds that the jobs take whose time is known, side by side on all cores."""
        told = [value for value in self.seconds.values() if value is not None]
        return max(sum(told) / self.cores, *told, 0.0)

    def __str__(self) -> str:
        count = len(self.seconds)
        parts = [
            f"{count} job{'s' * (count != 1)} on {self.cores} core{'s' * (self.cores != 1)}",
            self._time(),
        ]
        least = "" if self.measured else "up to "
        parts.append(f"{least}{_size(self.memory)} of memory")
        parts.append("disk unknown" if self.disk is None else f"{_size(self.disk)} of disk")
        return ", ".join(parts)

    def _time(self) -> str:
        untimed = sum(value is None for value in self.seconds.values())
        if untimed == len(self.seconds):
            return "time unknown, as none of them ran before"
        text = f"about {spoken(self.duration)}" if not untimed else f"more than {spoken(self.duration)}"
        text += f" ({untimed} never ran before)" if untimed else ""
        return text + (" by timings of another machine" if self.elsewhere else "")


def forecast(
    jobs: Iterable[tuple[str, str, float]],
    cores: int,
    shipped: Mapping[tuple[str, str], Mapping[str, str]],
) -> Forecast:
    """Look up what jobs took before.

    Arguments:
        jobs: log, benchmark (both below the working directory) and declared memory in MB of each.
        cores: of the run.
        shipped: as of `shipped_costs`.
    """
    costs, scale, folders = {}, "", set()
    for log, benchmark, declared in jobs:
        scale, name = Path(log).parts[1], job_name(log)
        costs[name] = _cost(Path(benchmark), shipped.get((scale, name)), declared)
        folders |= {Path(log).parts[2]} if len(Path(log).parts) > 3 else set()
    largest = sorted((cost.memory for cost in costs.values()), reverse=True)[:cores]
    sizes = [_folder_size(scale, folder, shipped) for folder in sorted(folders)]
    return Forecast(
        cores=cores,
        seconds={
            name: None if cost.seconds is None else cost.seconds + OVERHEAD for name, cost in costs.items()
        },
        memory=sum(largest),
        measured=sum(cost.seconds is not None for cost in costs.values()),
        elsewhere=sum(cost.seconds is not None and not cost.here for cost in costs.values()),
        disk=sum(filter(None, sizes)) if any(sizes) else None,
    )


def shipped_costs(table: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Read the table of another machine: (scale, job) -> its columns; nothing where there is no table."""
    if not table.exists():
        return {}
    with table.open(encoding="utf-8", newline="") as file:
        return {(row["scale"], row["job"]): row for row in csv.DictReader(file)}


def spoken(seconds: float) -> str:
    """Say how long something takes, in the unit that suits it."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _cost(benchmark: Path, shipped: Mapping[str, str] | None, declared: float) -> JobCost:
    """What a job took here, or elsewhere, or what it asks for."""
    if benchmark.is_file() and (rows := _rows(benchmark)):
        return JobCost(_number(rows[-1]["cpu_time"], 0.0), _number(rows[-1]["max_rss"], declared), here=True)
    if shipped and shipped["seconds"]:
        return JobCost(float(shipped["seconds"]), _number(shipped["memory_mb"], declared), here=False)
    return JobCost(None, declared, here=False)


def _rows(benchmark: Path) -> list[dict[str, str]]:
    with benchmark.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter="\t") if {"cpu_time", "max_rss"} <= row.keys()]


def _number(text: str, otherwise: float) -> float:
    """A number of a table, where Snakemake may have written NA."""
    try:
        return float(text)
    except ValueError:
        return otherwise


def _folder_size(scale: str, experiment: str, shipped: Mapping[tuple[str, str], Mapping[str, str]]) -> float:
    """MB of an experiment's folder elsewhere, 0 where nobody knows."""
    row = shipped.get((scale, experiment))
    return _number(row["disk_mb"], 0.0) if row else 0.0


def _size(megabytes: float) -> str:
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{max(round(megabytes), 1)} MB"
