"""Before a job begins, a copy of its process makes all outputs and names none.

When a file of the copy has its last byte and not yet its name, it is kept as a process killed at that moment would have
left it, and its checksum is noted. At its last output the copy is killed. Then the job itself begins. The copy says
that it is on another host: what it leaves may be removed by nobody, and all later jobs find it.
"""

import hashlib
import json
import os
import signal
import socket
import sys
from pathlib import Path

NOTES = os.environ["HALF_WRITTEN"]
# No process has so high a number.
NOBODY = 2**22 + 1
begun, waiting = False, {}


def watch(event, arguments):
    """Begin when all is loaded and no thread runs; keep every output that is about to get its name."""
    if event == "import" and arguments[0] == "emulant.configuration.logging" and not begun:
        begin(sys.modules["__main__"].snakemake)
    if event == "os.rename" and str(arguments[1]) in waiting:
        keep(*map(str, arguments[:2]))


def begin(job):
    """Fork; the copy goes on until it is killed, this process goes on then."""
    global begun
    begun = True
    if copy := os.fork():
        note(process=os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]))
        return
    socket.gethostname = lambda: "elsewhere"
    waiting.update({str(file): f"{job.rule}.{name}" for name, file in job.output.items()})


def keep(temporary, file):
    """Give what was written a second name, of another process; die where it is the last."""
    content = Path(temporary).read_bytes()
    note(file=file, output=waiting.pop(file), sum=hashlib.sha256(content).hexdigest())
    if not waiting:
        os.kill(os.getpid(), signal.SIGKILL)
    if (left := temporary.replace(f".{os.getpid()}.", f".{NOBODY}.")) != temporary:
        os.link(temporary, left)


def note(**words):
    """Add a line to the notes."""
    with Path(NOTES).open("a") as notes:
        notes.write(json.dumps(words) + "\n")


sys.addaudithook(watch)
