"""What a run is going to take, by what its jobs took before."""

import csv
from pathlib import Path

import pytest

from emulant.configuration.forecast import forecast, shipped_costs, spoken

TABLE = Path(__file__).parents[2] / "resources/job_costs.csv"
JOBS = [
    (f"logs/smoke/a/{name}.log", f"timings/smoke/a/{name}.tsv", 3000.0)
    for name in ("reference", "x.train", "measure")
]
SHIPPED = {
    ("smoke", "a x train"): {"seconds": "40", "memory_mb": "500", "disk_mb": ""},
    ("smoke", "a"): {"disk_mb": "12"},
}


@pytest.fixture
def timed(tmp_path, monkeypatch):
    """A working directory in which one job ran before."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "timings/smoke/a/reference.tsv"
    file.parent.mkdir(parents=True)
    with file.open("w", newline="") as table:
        csv.writer(table, delimiter="\t").writerows([["s", "max_rss", "cpu_time"], ["9.0", "200.5", "20.0"]])


def test_timings_of_here_come_before_those_of_elsewhere(timed):
    """20 s here and 40 s elsewhere are 41 s on two cores, for the longest job is one, and a second is Snakemake's."""
    plan = forecast(JOBS, 2, SHIPPED)
    assert plan.seconds == {"a reference": 21.0, "a x train": 41.0, "a measure": None}
    assert plan.duration == 41 and plan.elsewhere == 1 and plan.disk == 12
    assert str(plan) == (
        "3 jobs on 2 cores, more than 41 s (1 never ran before) by timings of another machine, "
        "3.5 GB of memory, 12 MB of disk"
    )


def test_where_nothing_is_known_nothing_is_promised(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = str(forecast(JOBS, 1, {}))
    assert (
        said
        == "3 jobs on 1 core, time unknown, as none of them ran before, up to 3.0 GB of memory, disk unknown"
    )


def test_a_forecast_is_read_as_it_was_written(timed, tmp_path):
    plan = forecast(JOBS, 2, SHIPPED)
    plan.write(tmp_path / "plan.json")
    assert type(plan).read(tmp_path / "plan.json") == plan
    assert plan.weights["a measure"] == 31, "the median of the others"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "1 s"), (80, "80 s"), (600, "10 minutes"), (7000, "1.9 hours")]
)
def test_times_are_told_in_their_unit(seconds, said):
    assert spoken(seconds) == said


def test_the_table_that_is_shipped_covers_smoke():
    costs = shipped_costs(TABLE)
    smoke = [
        float(row["seconds"]) for (scale, _), row in costs.items() if scale == "smoke" and row["seconds"]
    ]
    assert len(smoke) > 200 and 100 < sum(smoke) < 2000
    assert shipped_costs(TABLE.with_name("no.csv")) == {}
