"""Cold starts: the library where torch is not needed, and the plan of everything.

Measured is CPU time, the least of some tries; limits are seconds on a quiet machine, and where this machine is slower or
busy as many times the start of Snakemake itself, which takes 0.9 s there.
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


def cpu_seconds(command, **options):
    """CPU time of a process and its children, the least of TRIES."""
    times = []
    for _ in range(TRIES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


@pytest.fixture(scope="module")
def slowness():
    """How many times slower than a quiet machine this one is now, at least 1."""
    return max(1.0, cpu_seconds([sys.executable, "-c", "import snakemake.cli"]) / YARDSTICK)


def test_the_library_starts_within_two_seconds_and_without_torch(slowness):
    systems = [f"systems.{kind}.system" for kind in system_kinds()]
    names = [f"emulant.{module}" for module in (*ROOMS, *systems)]
    program = f"import sys, {', '.join(names)}; sys.exit('torch' in sys.modules)"
    assert cpu_seconds([sys.executable, "-c", program]) < LIBRARY * slowness


@pytest.mark.pipeline
@pytest.mark.parametrize("scale", ["laptop", "paper"])
def test_a_plan_takes_milliseconds_a_job(checkout, slowness, scale):
    command = [sys.executable, "-m", "snakemake", "-n", "--quiet", "all", "--config", f"scale={scale}"]
    spent = cpu_seconds(command, cwd=checkout.path, env=checkout.environment())
    planned = subprocess.run(
        [*command[:4], "--config", f"scale={scale}"],
        cwd=checkout.path,
        env=checkout.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    (jobs,) = {int(line.split()[1]) for line in planned.stdout.splitlines() if line.startswith("total ")}
    assert spent < (PLAN + PLAN_A_JOB * jobs) * slowness
