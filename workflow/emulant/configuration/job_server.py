"""A process that has imported what jobs need of other libraries, and forks one process for each script of a run.

    python -m emulant.configuration.job_server FD LIBRARY ...

Of emulant nothing is imported before a fork, so that a job runs the sources of the moment in which it starts. The server
computes nothing. It ends, and its jobs with it, when the other end of FD does; see `forked_jobs`.
"""

import gc
import os
import runpy
import signal
import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

__all__ = ["serve"]

Jobs = dict[int, tuple[int, BaseProcess]]


def serve(control: Connection) -> None:
    """Fork for each (number, script, environment) that arrives; answer (number, pid), then (number, exit code).

    No job goes on after None has arrived, or where nobody is left to ask.
    """
    jobs: Jobs = {}
    try:
        while all(_served(ready, control, jobs) for ready in wait([control, *jobs])):
            pass
    except (EOFError, ConnectionError):
        pass
    finally:
        for _, process in jobs.values():
            process.kill()


def _served(ready: Connection | int, control: Connection, jobs: Jobs) -> bool:
    """Say how a job ended, or begin the next; False where there is no more."""
    if ready is not control:
        number, process = jobs.pop(ready)
        process.join()
        control.send((number, process.exitcode))
        return True
    asked = control.recv()
    if asked is not None:
        number, script, environment = asked
        process = get_context("fork").Process(target=_run, args=(control, script, environment))
        process.start()
        jobs[process.sentinel] = number, process
        control.send((number, process.pid))
    return asked is not None


def _run(control: Connection, script: str, environment: Mapping[str, str]) -> None:
    """Run a script as Python alone would."""
    control.close()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.update(environment)
    tempfile.tempdir = None
    sys.argv = [script]
    runpy.run_path(script, run_name="__main__")


def main() -> None:
    """Import, and serve; a terminal's interrupt is for the jobs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    descriptor, *libraries = sys.argv[1:]
    for library in libraries:
        import_module(library)
    # What is here already is no garbage, and stays shared.
    gc.freeze()
    serve(Connection(int(descriptor)))
    # Taking the libraries down would cost as much as a job.
    os._exit(0)


if __name__ == "__main__":
    main()
