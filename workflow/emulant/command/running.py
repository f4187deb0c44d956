"""`emulant run`: Snakemake in the checkout, its chatter in a log, one bar for the whole run."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import chdir
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TextIO

from emulant.command.progress import Progress
from emulant.configuration.pages import page_of
from emulant.configuration.summary import summary
from emulant.errors import InputError

__all__ = ["command_of", "run"]

PLAN = Path(".snakemake") / "emulant" / "plan.json"
LAST = 15
"""Lines of the log that are shown where nothing in it says what went wrong."""
STOPPED = 130
"""What a shell answers for a program that was interrupted."""


def command_of(names: Sequence[str], scale: str, options: Sequence[str]) -> list[str]:
    """Write Snakemake's command: experiments of a scale, all of it without names.

    Raises:
        InputError: where Snakemake is not installed.
    """
    if find_spec("snakemake") is None:
        raise InputError("emulant", "run", "Snakemake (pip install 'emulant[workflow]')", "the library alone")
    config = [f"scale={scale}", *([f"experiments=[{','.join(names)}]"] if names else [])]
    return [sys.executable, "-m", "snakemake", *options, "--config", *config]


def run(folder: Path, names: Sequence[str], scale: str, options: Sequence[str], verbose: bool = False) -> int:
    """Run experiments in a checkout; returns the exit status.

    Arguments:
        folder: the checkout.
        names: of experiments; all of the scale without.
        scale: how big.
        options: of Snakemake.
        verbose: whether everything that Snakemake says is shown.
    """
    command, where = command_of(names, scale, options), {"cwd": folder, "env": _environment()}
    if verbose or "-n" in options or "--dry-run" in options:
        return subprocess.run(command, check=False, **where).returncode
    log = folder / "logs" / scale / "run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    (folder / PLAN).unlink(missing_ok=True)
    print(f"Planning; everything that Snakemake says goes to {log.relative_to(folder)}.", file=sys.stderr)
    progress = Progress(plan=folder / PLAN)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"\n{time.strftime('%Y-%m-%d %H:%M:%S')} {' '.join(command)}\n")
        status = _followed(command, where, file, progress, log)
    # Snakemake calls no hook then. A path among the options is a file that was asked for, which has no page.
    if progress.up_to_date and not any("/" in option for option in options):
        with chdir(folder):
            print(_left_by_an_earlier_run(names, scale))
    return status


def _left_by_an_earlier_run(names: Sequence[str], scale: str) -> str:
    """Format the verdicts and the path of a report that is up to date; the working directory is the checkout."""
    page = page_of(Path("config"), names, scale) if names else ""
    return summary([], [Path(f"results/{scale}{page}/report.html")])


def _followed(command: list[str], where: dict, log: TextIO, progress: Progress, file: Path) -> int:
    """Run a command, its output in the log and as progress; returns the exit status."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "errors": "replace"}
    interrupted = False
    with subprocess.Popen(command, **where, **pipes) as process:
        said: list[str] = []
        # Two pipes: what the run says in the end comes by one, everything else by the other.
        listener = Thread(target=lambda: said.extend(process.stdout), daemon=True)
        listener.start()
        while True:
            try:
                for line in process.stderr:
                    log.write(line)
                    log.flush()
                    progress.read(line)
                break
            except KeyboardInterrupt:
                # The terminal told Snakemake too, which ends its jobs first.
                interrupted = True
        process.wait()
        listener.join()
    progress.close()
    log.writelines(said)
    return _ended(process.returncode, interrupted, said, progress.errors, file)


def _ended(status: int, interrupted: bool, said: list[str], errors: list[str], log: Path) -> int:
    """Say how the run ended."""
    if interrupted:
        print("Stopped; the same command goes on from here.", file=sys.stderr)
        return STOPPED
    print("".join(said).strip("\n"))
    if status:
        log_lines = log.read_text(encoding="utf-8").splitlines()
        print("\n".join(errors or log_lines[-LAST:]), file=sys.stderr)
        print(f"The run failed; the whole log is {log}.", file=sys.stderr)
    return status


def _environment() -> dict[str, str]:
    """One thread a job: jobs run side by side, and small tensors gain nothing from more."""
    return {"OMP_NUM_THREADS": "1", **os.environ, "PYTHONUNBUFFERED": "1"}
