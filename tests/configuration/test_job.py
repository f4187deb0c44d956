import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from emulant.configuration.job import arguments_of


@pytest.fixture
def job():
    return SimpleNamespace(
        rule="make",
        threads=2,
        wildcards={"shard": "3", "table": "hidden by the output"},
        params={"seed": 7, "file": "a/b.npz", "empty": []},
        input={"many": ["one.h5", "two.h5"], "single": "one.h5", "none": []},
        output={"table": "table.csv"},
    )


def test_values_by_name_and_annotation(job):
    def main(
        table: Path,
        many: list[Path],
        single: list[Path],
        none: list[Path],
        file: Path,
        seed: int,
        shard: int,
        threads: int,
        missing: str = "default",
    ): ...

    assert arguments_of(main, job) == {
        "table": Path("table.csv"),
        "many": [Path("one.h5"), Path("two.h5")],
        "single": [Path("one.h5")],
        "none": [],
        "file": Path("a/b.npz"),
        "seed": 7,
        "shard": 3,
        "threads": 2,
    }


def test_a_parameter_that_the_rule_lacks_is_named(job):
    def main(table: Path, weights: Path): ...

    with pytest.raises(TypeError, match="rule make has no weights"):
        arguments_of(main, job)


@pytest.mark.parametrize("first", ["import numba", "import torch"])
def test_libraries_take_the_threads_of_the_job(first):
    """Numba may be imported before or after, and its loops do not give torch more threads."""
    words = f"""
{first}
from emulant.configuration.job import _limit_threads
_limit_threads(1)
import numba, torch
import numpy as np
if "{first}" == "import numba":
    torch.set_num_threads(1)
double = numba.njit(parallel=True)(lambda x: x + x)
double(np.ones(10**5))
print(numba.get_num_threads(), torch.get_num_threads())
"""
    run = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, check=True, timeout=120
    )
    assert run.stdout.split() == ["1", "1"]


def test_a_forked_process_has_the_threads_of_its_job_too():
    """Numba launches its threads anew there, and gives torch as many unless torch's number is said after it."""
    words = """
import os, sys
import numba, torch
import numpy as np
numba.njit(parallel=True)(lambda x: x + x)(np.ones(10**5))
from emulant.configuration.job import _limit_threads
if os.fork() == 0:
    _limit_threads(1)
    sys.stdout.write(str(torch.get_num_threads()))
    sys.stdout.flush()
    os._exit(0)
os.wait()
"""
    run = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, check=True, timeout=120
    )
    assert run.stdout == "1"
