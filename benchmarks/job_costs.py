"""What jobs took, from the folders `timings` and `results` of runs: resources/job_costs.csv, which forecasts begin with.

    python benchmarks/job_costs.py CHECKOUT ...

CPU seconds and memory of each job, and of each experiment what its folder holds; of several runs of a job the last counts,
and jobs that no folder has stay as they were.
"""

import sys
from pathlib import Path

import pandas as pd

from emulant.configuration.progress import job_name

TARGET = Path(__file__).parents[1] / "resources" / "job_costs.csv"
KEY = ["scale", "job"]


def job_rows(folder):
    """One row for each timing of a checkout."""
    for file in sorted((folder / "timings").glob("*/**/*.tsv")):
        timing = pd.read_csv(file, sep="\t").iloc[-1]
        if "subsets" not in file.parts:
            name = job_name(file.relative_to(folder).with_suffix(".log"))
            scale = file.relative_to(folder / "timings").parts[0]
            yield scale, name, round(float(timing["cpu_time"]), 1), round(float(timing["max_rss"])), None


def folder_rows(folder):
    """One row for each finished experiment: what lies in its folder."""
    for file in sorted((folder / "results").glob("*/*/verdict.csv")):
        size = sum(part.stat().st_size for part in file.parent.rglob("*") if part.is_file())
        yield file.parent.parent.name, file.parent.name, None, None, round(size / 1e6, 1)


def main(folders):
    """Collect and write."""
    rows = [row for folder in map(Path, folders) for row in (*job_rows(folder), *folder_rows(folder))]
    table = pd.DataFrame(rows, columns=[*KEY, "seconds", "memory_mb", "disk_mb"])
    table = pd.concat([pd.read_csv(TARGET), table])
    table.drop_duplicates(KEY, keep="last").sort_values(KEY).to_csv(TARGET, index=False)


if __name__ == "__main__":
    main(sys.argv[1:])
