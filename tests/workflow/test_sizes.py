"""Cold starts: the library where torch is not needed, and the plan of everything.

Measured is CPU time, the least of some tries where one is too long; limits are seconds on a quiet machine, and where this
machine is slower or busy as many times the start of Snakemake itself, which takes 0.9 s there.
"""

import resource
import subprocess
import sys

import pytest

from emulant.contracts.declaration import system_kinds

pytestmark = pytest.mark.serial

YARDSTICK, TRIES = 0.9, 2
LIBRARY = 2.0
PLAN, PLAN_A_JOB = 2.5, 0.005
"""Of the plan, and of each job in it: 5.3 s for the 567 of the laptop scale, 8.3 s for the 1166 of the paper scale."""
ROOMS = (
    "statistics.jackknife",
    "storage.ensemble",
    "judging.judge",
    "judging.measure",
    "lattice.sampler",
    "plots.pulls",
)


def measured(command, **options):
    """CPU time of a process and its children, and what it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout.decode()


def holds(command, limit, **options):
    """Whether one of TRIES takes less CPU time than the limit, which may depend on what was said."""
    for _ in range(TRIES):
        spent, said = measured(command, **options)
        if spent < limit(said):
            return True
    return False


@pytest.fixture(scope="module")
def slowness():
    """How many times slower than a quiet machine this one is now, at least 1."""
    start = [sys.executable, "-c", "import snakemake.cli"]
    return max(1.0, min(measured(start)[0] for _ in range(TRIES)) / YARDSTICK)


def test_the_library_starts_within_two_seconds_and_without_torch(slowness):
    systems = [f"systems.{kind}.system" for kind in system_kinds()]
    names = [f"emulant.{module}" for module in (*ROOMS, *systems)]
    program = f"import sys, {', '.join(names)}; sys.exit('torch' in sys.modules)"
    assert holds([sys.executable, "-c", program], lambda said: LIBRARY * slowness)


@pytest.mark.pipeline
@pytest.mark.parametrize("scale", ["laptop", "paper"])
def test_a_plan_takes_milliseconds_a_job(checkout, slowness, scale):
    def limit(said):
        (jobs,) = {int(line.split()[1]) for line in said.splitlines() if line.startswith("total ")}
        return (PLAN + PLAN_A_JOB * jobs) * slowness

    command = [
        sys.executable,
        "-m",
        "snakemake",
        "-n",
        "--quiet",
        "rules",
        "host",
        "--config",
        f"scale={scale}",
    ]
    assert holds(command, limit, cwd=checkout.path, env=checkout.environment())
