"""Loaded by every Python below benchmarks/overhead.py: each job says at its end what it cost, a line of JSON in a file.

CPU seconds are those of its process since it began, or since it was forked; those of imports are spent in the outermost
statement that imports, whatever it imports.
"""

import _frozen_importlib
import atexit
import json
import os
import sys
import threading
import time
from pathlib import Path

FILE = os.environ.get("OVERHEAD")
load, leave = _frozen_importlib._find_and_load, os._exit
spent = {"job": None, "begun": 0.0, "imports": 0.0, "inside": False}


def loading(name, function):
    """Import a module, on the clock if nothing else is being imported by the main thread."""
    if spent["inside"] or threading.current_thread() is not threading.main_thread():
        return load(name, function)
    spent["inside"], begun = True, time.process_time()
    try:
        return load(name, function)
    finally:
        spent["imports"] += time.process_time() - begun
        spent["inside"] = False


def watch(event, arguments):
    """Remember the job, when the last of its modules is imported."""
    if event == "import" and arguments[0] == "emulant.configuration.logging":
        spent["job"] = sys.modules["__main__"].snakemake


def report():
    """Write the line of a job; other processes write none."""
    if spent["job"] is None:
        return
    numbers = {"cpu": time.process_time() - spent["begun"], "imports": spent["imports"]}
    with Path(FILE).open("a") as lines:
        lines.write(json.dumps({"rule": spent["job"].rule, **numbers}) + "\n")


def reported(code):
    """End a process at once, as a forked one ends."""
    report()
    leave(code)


def forked():
    """Begin again in a process that was forked."""
    spent.update(begun=time.process_time(), imports=0.0)


if FILE:
    _frozen_importlib._find_and_load, os._exit = loading, reported
    sys.addaudithook(watch)
    atexit.register(report)
    os.register_at_fork(after_in_child=forked)
