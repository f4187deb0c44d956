"""What a run costs beside its physics: CPU seconds of every rule's jobs, imports, Snakemake, and a second run.

    python benchmarks/overhead.py --experiments two_peak bose_gas

A copy of the checkout runs the experiments at smoke scale on one core, first to compile, then with a Python for each job
(`--no-hooks`: no server of jobs), then with forked jobs, then once more with nothing to do. Results of both must be the
same (`tests/same_bytes.py`).
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
PARTS = ("Snakefile", "config", "workflow", "profiles", "resources", "envs")
HOOK = Path(__file__).parent / "overhead_hook"


def copied(folder):
    """A copy of the checkout, with what Numba compiled."""
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    return folder


def run(folder, experiments, *options):
    """CPU seconds of Snakemake and all that it started, and one row of numbers for each job."""
    file = folder / "overhead.json"
    file.unlink(missing_ok=True)
    paths = os.pathsep.join(map(str, (HOOK, folder / "workflow")))
    environment = {**os.environ, "PYTHONPATH": paths, "OVERHEAD": str(file), "OMP_NUM_THREADS": "1"}
    config = ["--config", "scale=smoke", f"experiments=[{','.join(experiments)}]"]
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "all", *options, *config]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, cwd=folder, env=environment, check=True, **quiet)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = file.read_text().splitlines() if file.exists() else []
    return total, pd.DataFrame(map(json.loads, lines), columns=["rule", "cpu", "imports"])


def cleaned(folder, name):
    """Keep results as `name`, and forget that there were any."""
    (folder / "results").rename(folder / name)
    for other in ("logs", "timings", "checkpoints", ".snakemake"):
        shutil.rmtree(folder / other, ignore_errors=True)


def main():
    """Run, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--experiments", nargs="+", default=["two_peak", "bose_gas"])
    parser.add_argument(
        "--compiled", action="store_true", help="Numba has compiled all: leave out the first run"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as path:
        folder = copied(Path(path))
        if not arguments.compiled:
            run(folder, arguments.experiments)
            cleaned(folder, "compiled")
        plain, before = run(folder, arguments.experiments, "--no-hooks")
        cleaned(folder, "plain")
        forked, after = run(folder, arguments.experiments)
        again, _ = run(folder, arguments.experiments)
        compared = [sys.executable, ROOT / "tests/same_bytes.py", folder / "plain", folder / "results"]
        subprocess.run(compared, check=True)
    rules = [table.groupby("rule").mean() for table in (before, after)]
    table = pd.concat(rules, axis=1, keys=["a Python each", "forked"])
    table.insert(0, "jobs", after.groupby("rule").size())
    print(table.round(2).to_string())
    for name, total, jobs in (("a Python each", plain, before), ("forked", forked, after)):
        parts = f"jobs {jobs['cpu'].sum():.1f}, of these imports {jobs['imports'].sum():.1f}"
        print(f"{name}: {total:.1f} CPU seconds for {len(jobs)} jobs, {total / len(jobs):.2f} each; {parts}")
    print(f"a second run: {again:.1f} CPU seconds")


if __name__ == "__main__":
    main()
