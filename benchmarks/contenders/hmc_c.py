"""Algorithm of the notebook in C with the system's compiler."""

import ctypes
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from race import task
from work_hmc import compete

work = task()
COMPILER = os.environ.get("CC", "cc")
FLAGS = ("-O3", "-march=native", "-ffast-math", "-shared", "-fPIC")
with tempfile.TemporaryDirectory() as folder:
    library = Path(folder) / "hmc.so"
    source = Path(__file__).with_name("hmc.c")
    subprocess.run([COMPILER, *FLAGS, str(source), "-o", str(library), "-lm"], check=True)
    advance = ctypes.CDLL(str(library)).advance
integer, number = ctypes.c_int, ctypes.c_double
advance.argtypes = [ctypes.c_void_p, *[integer] * 4, *[number] * 3, ctypes.POINTER(ctypes.c_uint64)]
advance.restype = None


def make(fields, seed):
    fields = np.ascontiguousarray(fields, dtype=np.float64).copy()
    state = ctypes.c_uint64(2 * seed + 1)

    def move(count):
        sizes = (len(fields), fields.shape[1], count, work["steps"])
        advance(
            fields.ctypes.data, *sizes, work["step"], work["kappa"], work["coupling"], ctypes.byref(state)
        )
        return fields

    return move


shown = subprocess.run([COMPILER, "--version"], capture_output=True, text=True, check=True).stdout
compete(work, make, f"C, {shown.splitlines()[0]}, {' '.join(FLAGS[:3])}, float64")
