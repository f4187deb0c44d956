"""The bar of a run, from lines as Snakemake and its jobs write them."""

import io

from emulant.command.progress import Progress
from emulant.configuration.forecast import Forecast

CHATTER = [
    "Select jobs to execute...",
    "rule train:",
    "    jobid: 3",
    "4 of 9 steps (44%) done",
    "Finished jobid: 3",
]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def progress_of(tmp_path, seconds, stream=None):
    """A run of these jobs on two cores, planned, and its clock."""
    now = [0.0]
    plan = tmp_path / "plan.json"
    Forecast(2, seconds, memory=100.0, measured=1, elsewhere=0, disk=None).write(plan)
    progress = Progress(stream or io.StringIO(), plan, lambda: now[0])
    progress.read("Plan: so many jobs.\n")
    return progress, now


def test_chatter_goes_to_the_log_alone(tmp_path):
    progress, _ = progress_of(tmp_path, {"a reference": 1.0})
    for line in CHATTER:
        progress.read(line + "\n")
    assert progress.stream.getvalue() == "Plan: so many jobs.\n"


def test_time_left_is_the_forecasts_first_and_the_runs_own_later(tmp_path):
    """Jobs of 30 and 10 s on two cores are 20 s; once three quarters took 60 s, a third of that is left."""
    progress, now = progress_of(tmp_path, {"a long": 30.0, "a short": 10.0})
    assert progress.left == 20
    now[0] = 5.0
    assert progress.left == 15
    progress.read("a long | done in 60.0 s\n")
    now[0] = 60.0
    assert progress.part == 0.75 and progress.left == 20


def test_a_run_that_takes_longer_than_its_forecast_says_so(tmp_path):
    progress, now = progress_of(tmp_path, {"a long": 30.0, "a short": 10.0})
    now[0] = 31.0
    progress.read("a long | started\n")
    assert progress.left is None
    assert "0 of 2 jobs, 31 s, longer than forecast | a long: started" in progress.stream.getvalue()


def test_a_job_of_which_nothing_is_known_counts_like_the_others(tmp_path):
    progress, _ = progress_of(tmp_path, {"a x": 4.0, "a y": None, "a z": 6.0})
    progress.read("a y | done in 2.0 s\n")
    assert progress.part == 1 / 3


def test_time_left_is_a_guess_where_a_job_never_ran_before(tmp_path):
    progress, _ = progress_of(tmp_path, {"a x": 4.0, "a y": None})
    progress.read("a x | started\n")
    assert "perhaps 4 s left" in progress.stream.getvalue()


def test_in_a_terminal_there_is_one_line(tmp_path):
    progress, now = progress_of(tmp_path, {"a x": 4.0, "a y": 4.0}, Terminal())
    for line in ("a x | started", "a x | 40%|####      |", "a x | done in 2.0 s"):
        now[0] += 1
        progress.read(line + "\n")
    progress.close()
    *above, bar = progress.stream.getvalue().split("\r\x1b[K")
    assert above[1] == "Plan: so many jobs.\n" and all("\n" not in text for text in above[2:])
    assert bar.startswith("[############------------] 1 of 2 jobs")


def test_in_a_file_a_line_comes_now_and_then(tmp_path):
    progress, now = progress_of(tmp_path, {"a x": 4.0, "a y": 4.0})
    for _ in range(100):
        now[0] += 1
        progress.read("a x | 40%|####      |\n")
    assert 3 <= progress.stream.getvalue().count("0 of 2 jobs") <= 5


def test_errors_are_told_by_what_failed(tmp_path):
    progress, _ = progress_of(tmp_path, {"a x": 4.0})
    progress.read("a x | Error: mine.npy: configurations: expected finite numbers, got NaN\n")
    progress.read("Error in rule train:\n")
    progress.read("Error: config/config.yaml: scale: expected one of smoke, got smok\n")
    assert [line.split(":")[1] for line in progress.errors] == [" Error", " config/config.yaml"]


def test_a_damaged_file_that_is_made_again_is_told(tmp_path):
    progress, _ = progress_of(tmp_path, {"a x": 4.0})
    progress.read("results/smoke/a/observables.csv is damaged, it is made again.\n")
    assert "made again" in progress.stream.getvalue()
