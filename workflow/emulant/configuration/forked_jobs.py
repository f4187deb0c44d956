"""Scripts of this machine's jobs, run by processes that a server forks: most of a short job is the import of libraries.

Jobs that ask for a GPU, for more than one thread or for an environment of their own, and all jobs of a cluster, begin
with Python itself, as Snakemake has it; so do all where the server is gone.
"""

import atexit
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import count
from multiprocessing import Pipe
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

import psutil
from snakemake.benchmark import benchmarked

__all__ = ["FEWEST", "JobServer", "fork_jobs"]

LIBRARIES = (
    "h5py",
    "jinja2",
    "jsonschema",
    "lightning_fabric",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "numba",
    "numpy",
    "pandas",
    "psutil",
    "pyarrow.parquet",
    "pyerrors",
    "safetensors.torch",
    "scipy.fft",
    "scipy.integrate",
    "scipy.interpolate",
    "scipy.optimize",
    "scipy.sparse.linalg",
    "scipy.special",
    "scipy.stats",
    "sklearn.linear_model",
    "snakemake.iocontainers",
    "snakemake.logging",
    "torch",
    # An optimizer of torch imports it at its first call.
    "torch._dynamo",
    "torch.func",
    "tqdm",
    "yaml",
)
"""What most jobs import, in 2 to 4 s of a core."""

FEWEST = 4
"""Jobs that are worth a server: it starts in the time that two or three take to import the same."""
# Libraries read it when they are imported; Numba's is emulant's affair, the others are what Snakemake gives a job.
THREADS = ("OMP", "GOTO", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")
ONE_THREAD = {**{f"{name}_NUM_THREADS": "1" for name in THREADS}, "VECLIB_MAXIMUM_THREADS": "1"}
FOLDERS = ("TMPDIR", "TMP", "TEMPDIR", "TEMP")


class JobServer:
    """The server of this run, which ends with it.

    Arguments:
        libraries: what it imports, by name.

    Attributes:
        process: the server.
    """

    def __init__(self, libraries: Iterable[str] = LIBRARIES) -> None:
        self._control, theirs = Pipe()
        python = [*shlex.split(sys.executable), "-m", "emulant.configuration.job_server"]
        command = [*python, str(theirs.fileno()), *libraries]
        options = {"env": {**os.environ, **ONE_THREAD}, "stdin": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], **options)
        theirs.close()
        self._numbers, self._sending = count(), Lock()
        self._answers: dict[int, SimpleQueue] = {}
        Thread(target=self._listen, daemon=True).start()
        atexit.register(self.close)

    def close(self) -> None:
        """End the server, and what runs."""
        with suppress(OSError):
            self._control.send(None)
        self.process.wait()

    def run(self, script: str, environment: Mapping[str, str], record: Any = None) -> int:
        """Run a script to its end; returns its exit code, or minus the signal that ended it.

        Arguments:
            script: its path.
            environment: what its process has beside the server's.
            record: Snakemake's record of time and memory of the process.

        Raises:
            ConnectionError: where the server is gone and the script did not begin.
        """
        number, answers = next(self._numbers), SimpleQueue()
        self._answers[number] = answers
        try:
            with self._sending:
                self._control.send((number, script, dict(environment)))
            pid = answers.get()
            if pid is None:
                raise ConnectionResetError("the server of jobs is gone")
            status = answers.get() if record is None else _timed(pid, record, answers)
        finally:
            del self._answers[number]
        # A job does not outlive the server.
        return -9 if status is None else status

    def _listen(self) -> None:
        """Hand answers to those who wait; None when there are no more."""
        try:
            while True:
                number, answer = self._control.recv()
                self._answers[number].put(answer)
        except (EOFError, OSError):
            for answers in list(self._answers.values()):
                answers.put(None)


def _timed(pid: int, record: Any, answers: SimpleQueue) -> int | None:
    """How a process ended; its time and memory go to `record`, the time alone where it ended before anybody looked."""
    begun = time.time()
    try:
        with benchmarked(pid, record):
            return answers.get()
    except psutil.NoSuchProcess:
        record.process_gone = True
    status = answers.get()
    record.running_time = time.time() - begun
    return status


def fork_jobs(scripts: type, server: JobServer) -> None:
    """Let a server run what `scripts`, Snakemake's class of Python scripts, executes from now on."""
    plain: Callable[..., None] = scripts.execute_script

    def execute(script: Any, file: str, edit: bool = False) -> None:
        if not _forks(script):
            return plain(script, file, edit)
        folder = script.resources.get("tmpdir")
        try:
            code = server.run(file, dict.fromkeys(FOLDERS, folder) if folder else {}, script.bench_record)
        except ConnectionError:
            return plain(script, file, edit)
        if code:
            raise subprocess.CalledProcessError(code, f"{sys.executable} {file}")
        return None

    scripts.execute_script = execute


def _forks(script: Any) -> bool:
    """Whether the libraries as the server has imported them are those of a job."""
    another = script.conda_env or script.container_img or script.env_modules or script.shadow_dir
    return script.threads == 1 and not script.resources.get("gpu") and not another
