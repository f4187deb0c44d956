"""Every file and folder that a job opens to read is noted, beside the inputs and outputs that its rule declares.

HDF5, Parquet and safetensors open files in C, where Python's audit hooks see nothing: their entrances are wrapped. Of each
process of a job the folder AUDIT gets a file: a line of JSON with what its rule declares, then one for each name.
"""

import functools
import json
import os
import sys
import time
from pathlib import Path

FOLDER, CHECKOUT = Path(os.environ["AUDIT"]), Path.cwd()
noted = set()
file = None


def watch(event, arguments):
    """Begin when the job's own modules are loaded; note what Python opens."""
    if event == "import" and arguments[0] == "emulant.configuration.logging" and file is None:
        begin(sys.modules["__main__"].snakemake)
    elif file is None:
        return
    elif event == "open" and (arguments[2] or 0) & os.O_ACCMODE != os.O_WRONLY:
        note(arguments[0])
    elif event in ("os.scandir", "os.listdir") and arguments[0] is not None:
        note(arguments[0], end="/*")


def begin(job):
    """Say what the rule declares, and wrap what opens files in C."""
    global file
    import h5py
    import pyarrow.parquet
    import safetensors

    FOLDER.mkdir(exist_ok=True)
    name = FOLDER / f"{os.getpid()}.{time.time_ns()}"
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    write({"rule": job.rule, "inputs": list(job.input), "outputs": list(job.output)})
    for owner in (h5py.File, pyarrow.parquet.ParquetFile):
        owner.__init__ = noting(owner.__init__, 1)
    pyarrow.parquet.read_table = noting(pyarrow.parquet.read_table, 0)
    replace("safe_open", safetensors.safe_open, noting(safetensors.safe_open, 0))


def noting(function, position):
    """The same function, which notes one of its arguments where it is the name of a file that is there."""

    @functools.wraps(function)
    def wrapped(*arguments, **keys):
        for name in arguments[position : position + 1]:
            if isinstance(name, (str, os.PathLike)) and Path(name).exists():
                note(name)
        return function(*arguments, **keys)

    return wrapped


def replace(name, old, new):
    """Put `new` wherever a module has imported `old` by its name."""
    for module in list(sys.modules.values()):
        if vars(module).get(name) is old:
            setattr(module, name, new)


def note(name, end=""):
    """Write down the name of a file below the checkout, or of a folder and what of it is read, once."""
    if not isinstance(name, (str, bytes, os.PathLike)):
        return
    path = CHECKOUT / os.fsdecode(name)
    read = f"{os.path.relpath(path, CHECKOUT)}{end}"
    # A folder is opened as a file where it is synchronised with the disk.
    if read not in noted and not read.startswith("..") and (end or not path.is_dir()):
        noted.add(read)
        write({"read": read})


def write(words):
    """Add a line."""
    os.write(file, json.dumps(words).encode() + b"\n")


sys.addaudithook(watch)
