"""Loaded by every Python below a disturbed run: arms one fault in some of the jobs' own processes, as they begin.

A fault that strikes leaves an empty file `NUMBER.SCRIPT.KIND.MOMENT` in the folder FAULTS, for an empty file can be made on
a full disk too. A fault that comes too late for its job leaves none and does not count.
"""

import json
import os
import random
import re
import resource
import signal
import sys
import threading
import time
from pathlib import Path

FOLDER = Path(os.environ.get("FAULTS", ""))
WRITES = {"open", "os.rename", "os.remove", "os.mkdir", "os.truncate", "os.link"}
OURS = re.compile(r"(^|/)(results|checkpoints|logs|\.snakemake/checksums)/")


def script_of(command):
    """Name of the script that this process runs, if it runs one."""
    match = re.search(r"\.snakemake/scripts/tmp[^/]*?\.(\w+)\.py$", command[-1] if command else "")
    return match and match[1]


def mark(script, kind):
    """Say that a fault struck; False where enough have."""
    plan = json.loads((FOLDER / "plan.json").read_text())
    for number in range(plan["budget"]):
        if not any(FOLDER.glob(f"{number}.*")):
            os.close(os.open(FOLDER / f"{number}.{script}.{kind}", os.O_CREAT | os.O_WRONLY))
            return True
    return False


def kill(script, kind):
    """End this very process, as the kernel does when memory is short."""
    if mark(script, kind):
        os.kill(os.getpid(), signal.SIGKILL)


def kill_later(script, delay):
    def wait():
        time.sleep(delay)
        kill(script, f"job_killed.after {delay:.2f} s")

    threading.Thread(target=wait, daemon=True).start()


def kill_at_write(script, count):
    """Die just before the `count`-th time that a file of ours is opened for writing, renamed or removed."""
    writes = 0

    def watch(event, arguments):
        nonlocal writes
        if event not in WRITES or not OURS.search(str(arguments[0])):
            return
        if event == "open" and not (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR):
            return
        writes += 1
        if writes == count:
            kill(script, f"job_killed_at_write.{count}")

    sys.addaudithook(watch)


def fill_disk(script, size):
    """No file may grow beyond `size` bytes: a write fails as it does on a full disk."""
    struck = False

    def strike(*_):
        nonlocal struck
        if not struck:
            struck = True
            mark(script, f"disk_full.at {size} bytes")

    signal.signal(signal.SIGXFSZ, strike)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def arm(script):
    """One fault, or none, by chance."""
    plan = json.loads((FOLDER / "plan.json").read_text())
    chance = random.Random(f"{plan['seed']} {script} {time.time_ns()}")
    if len(list(FOLDER.glob("[0-9]*"))) >= plan["budget"] or chance.random() > plan["probability"]:
        return
    kind = chance.choice(["later", "write", "full"])
    if kind == "later":
        kill_later(script, chance.uniform(0, plan["seconds"].get(script, 5)))
    elif kind == "write":
        kill_at_write(script, chance.randint(1, 16))
    else:
        fill_disk(script, int(10 ** chance.uniform(1, 6)))


def begin(event, arguments):
    """Arm when a job has its modules: it may be a fork of a process that has loaded this for all jobs."""
    if (
        event == "import"
        and arguments[0] == "emulant.configuration.logging"
        and (script := script_of(sys.argv))
    ):
        arm(script)


if FOLDER.name:
    sys.addaudithook(begin)
