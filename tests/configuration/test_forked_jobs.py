import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from snakemake.benchmark import BenchmarkRecord

from emulant.configuration import forked_jobs
from emulant.configuration.forked_jobs import JobServer, fork_jobs

PATIENCE = 60


@pytest.fixture(scope="module")
def server():
    server = JobServer(("numba", "torch"))
    yield server
    server.close()


@pytest.fixture
def script(tmp_path):
    """Write a script; the path of it."""

    def script(text, name="script.py"):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return script


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_job_begins_as_a_script_of_python_does(server, script, tmp_path):
    """Its own process, arguments and variables, and nothing of emulant from before; what it leaves undone is done."""
    words = f"""
import json, os, sys, tempfile
snakemake = "a job"
state = {{
    "main": sys.modules["__main__"].snakemake, "name": __name__, "arguments": sys.argv, "parent": os.getppid(),
    "folder": tempfile.gettempdir(), "cwd": os.getcwd(), "torch": "torch" in sys.modules,
    "emulant": sorted(name for name in sys.modules if name.startswith("emulant")),
}}
with open({str(tmp_path / "state.json")!r}, "w") as file:
    json.dump(state, file)
"""
    file = script(words)
    assert server.run(file, {"TMPDIR": str(tmp_path)}) == 0
    assert json.loads((tmp_path / "state.json").read_text()) == {
        "main": "a job",
        "name": "__main__",
        "arguments": [file],
        "parent": server.process.pid,
        "folder": str(tmp_path),
        "cwd": str(Path.cwd()),
        "torch": True,
        "emulant": ["emulant", "emulant.configuration"],
    }


def test_libraries_have_one_thread_after_numba_has_launched_its_own(server, script):
    words = """
from emulant.configuration.job import _limit_threads
import os, sys
import numba, torch
import numpy as np
_limit_threads(1)
numba.njit(parallel=True)(lambda x: x + x)(np.ones(10**5))
threads = (numba.get_num_threads(), torch.get_num_threads(), os.environ["OMP_NUM_THREADS"])
sys.exit(threads != (1, 1, "1"))
"""
    assert server.run(script(words), {}) == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("pass", 0),
        ("import sys; sys.exit(3)", 3),
        ("1 / 0", 1),
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("import signal; signal.raise_signal(signal.SIGINT)", 1),
    ],
)
def test_the_end_of_a_job_is_that_of_its_process(server, script, words, code):
    assert server.run(script(words), {}) == code


def test_jobs_run_beside_each_other(server, script, tmp_path):
    """Each waits for the file that the other writes."""
    words = """
import pathlib, time
here = pathlib.Path(__file__).parent
(here / "{0}").touch()
while not (here / "{1}").exists():
    time.sleep(0.02)
"""
    files = [script(words.format(*names), f"{names[0]}.py") for names in (("a", "b"), ("b", "a"))]
    with ThreadPoolExecutor() as pool:
        assert list(pool.map(lambda file: server.run(file, {}), files)) == [0, 0]


def test_a_job_that_ends_before_anybody_looks_has_a_time(server, script, monkeypatch):
    record = BenchmarkRecord()
    assert server.run(script("pass"), {}, record) == 0 and record.running_time > 0

    def late(pid, record):
        raise psutil.NoSuchProcess(pid)

    monkeypatch.setattr(forked_jobs, "benchmarked", late)
    record = BenchmarkRecord()
    assert server.run(script("pass"), {}, record) == 0
    assert record.running_time > 0 and record.process_gone and record.to_tsv(False).count("NA") == 8


class Script:
    """What is used of Snakemake's class of scripts."""

    conda_env = container_img = env_modules = shadow_dir = bench_record = None

    def __init__(self, **resources):
        self.threads, self.resources, self.plain = resources.pop("threads", 1), resources, []

    def execute_script(self, fname, edit=False):
        self.plain.append(fname)


class Server:
    """Says how a script ended."""

    def __init__(self):
        self.code = 0

    def run(self, script, environment, record=None):
        if self.code is None:
            raise ConnectionResetError
        return self.code


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.setattr(Script, "execute_script", Script.execute_script)
    server = Server()
    fork_jobs(Script, server)
    return server


@pytest.mark.parametrize(
    ("resources", "plain"), [({"gpu": 0}, []), ({"gpu": 1}, ["s.py"]), ({"gpu": 0, "threads": 2}, ["s.py"])]
)
def test_jobs_that_ask_for_more_begin_with_python(scripts, resources, plain):
    job = Script(**resources)
    job.execute_script("s.py")
    assert job.plain == plain


def test_a_failure_is_snakemakes_and_without_a_server_python_runs_the_job(scripts):
    job = Script(gpu=0)
    scripts.code = 2
    with pytest.raises(subprocess.CalledProcessError, match="exit status 2"):
        job.execute_script("s.py")
    assert job.plain == []
    scripts.code = None
    job.execute_script("s.py")
    assert job.plain == ["s.py"]


RUN = """
import sys
from emulant.configuration.forked_jobs import JobServer
server = JobServer(())
try:
    print(server.run(sys.argv[1], {}), flush=True)
    server.run(sys.argv[1], {})
except ConnectionError:
    print("gone", flush=True)
"""
JOB = """
import os, pathlib, time
from emulant.configuration.job import run
from emulant.configuration.logging import _end_with
import psutil
_end_with(psutil.Process())
file = pathlib.Path(__file__).with_suffix(".pid")
file.with_suffix(".new").write_text(str(os.getpid()))
file.with_suffix(".new").rename(file)
time.sleep(600)
"""


@pytest.mark.parametrize("killed", ["snakemake", "server"])
def test_no_job_outlives_the_run_or_the_server(script, tmp_path, killed):
    file = script(JOB)
    run = subprocess.Popen([sys.executable, "-c", RUN, file], stdout=subprocess.PIPE, text=True)
    wait_for((tmp_path / "script.pid").exists)
    job = psutil.Process(int((tmp_path / "script.pid").read_text()))
    server = job.parent()
    os.kill(run.pid if killed == "snakemake" else server.pid, signal.SIGKILL)
    said, _ = run.communicate(timeout=PATIENCE)
    assert said.split() == ([] if killed == "snakemake" else ["-9", "gone"])
    wait_for(lambda: not job.is_running() and not server.is_running())
