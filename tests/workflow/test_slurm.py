"""One experiment through the profile of a cluster, on a real Slurm of our own: loopback, no accounting, a fake GPU."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import psutil
import pytest

DAEMONS = ("munged", "slurmctld", "slurmd")
MISSING = [name for name in DAEMONS if shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") is None]
pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.serial,
    pytest.mark.skipif(bool(MISSING), reason=f"no Slurm here: {', '.join(MISSING)} not found"),
]

PATIENCE, HARD_LIMIT = 30, 420
EXPERIMENT = """
title: A test
about: Of the workflow itself.
system: {kind: two_peak, mean: 1.0, width: 0.5}
reference: {sampler: exact, samples: 4096, training_samples: 4096}
models:
  - name: vp_diffusion
    family: single_site
    network: {kind: pointwise, channels: 8, blocks: 1, embedding: 8}
    corrected: false
job: {mem_mb: 1000, minutes: 10, gpus: 1}
"""
INDEX = "results/smoke/cluster/figures/index.json"
CONFIGURATION = """
ClusterName=local
SlurmctldHost=localhost
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
SlurmctldPort={controller}
SlurmdPort={node}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MinJobAge=3600
ReturnToService=2
SchedulerParameters=sched_interval=1
GresTypes=gpu
NodeName=localhost CPUs={cpus} RealMemory={memory} Gres=gpu:1 State=UNKNOWN
PartitionName=main Nodes=localhost Default=YES MaxTime=INFINITE State=UP
"""
SRUN = """#!/bin/sh
# The executor's job step forgets SLURM_CONF, which a cluster has in its usual place.
SLURM_CONF={configuration} exec {srun} "$@"
"""


class Cluster:
    """A Slurm with one node, all of its files in one folder.

    Attributes:
        folder: keys, sockets, state, logs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = folder / "slurm.conf"
        self.daemons: list[subprocess.Popen] = []

    @property
    def environment(self) -> dict[str, str]:
        """What a shell on the login node has."""
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}:/usr/sbin"
        return {**os.environ, "PATH": path, "SLURM_CONF": str(self.configuration)}

    def write(self) -> None:
        """Keys, configuration, a GPU that is a file."""
        for name in ("munge", "state", "spool", "bin"):
            (self.folder / name).mkdir(mode=0o700)
        key = self.folder / "munge/key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        controller, node = _free_ports(2)
        text = CONFIGURATION.format(
            user=psutil.Process().username(),
            folder=self.folder,
            controller=controller,
            node=node,
            cpus=os.cpu_count(),
            memory=psutil.virtual_memory().total // 2**20 * 3 // 4,
        )
        self.configuration.write_text(text)
        (self.folder / "gres.conf").write_text("NodeName=localhost Name=gpu File=/dev/null\n")
        srun = self.folder / "bin/srun"
        srun.write_text(SRUN.format(configuration=self.configuration, srun=shutil.which("srun")))
        srun.chmod(0o755)

    def start(self) -> None:
        """All daemons in the foreground, as children: whoever starts them can end them."""
        munge = self.folder / "munge"
        files = (f"--{name}-file={munge / name}" for name in ("key", "log", "pid", "seed"))
        self._daemon("munged", "--foreground", "--force", f"--socket={munge / 'socket'}", *files)
        _wait_until((munge / "socket").exists, "munge")
        self._daemon("slurmctld", "-D", "-c", "-f", self.configuration)
        self._daemon("slurmd", "-D", "-N", "localhost", "-f", self.configuration)
        _wait_until(lambda: self.run("sinfo", "-h", "-o", "%T") == "idle", "an idle node")

    def stop(self) -> None:
        """Cancel what runs, end the daemons, leave no process."""
        with suppress(subprocess.SubprocessError, AssertionError):
            self.run("scancel", "--user", psutil.Process().username())
            _wait_until(lambda: not self.run("squeue", "-h"), "jobs to end")
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def run(self, *command: str) -> str:
        """What a command of Slurm says; nothing where it fails."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=20, check=False
        )
        return done.stdout.strip()

    def jobs(self) -> list[dict[str, str]]:
        """All jobs that Slurm remembers, each as its fields."""
        lines = self.run("scontrol", "--oneliner", "show", "job").splitlines()
        return [dict(re.findall(r"(\w+)=(\S+)", line)) for line in lines if line.startswith("JobId=")]

    def jobs_of(self, name: str) -> list[dict[str, str]]:
        """Those of a rule or of a group, in the order of their submission."""
        matching = (
            job for job in self.jobs() if re.match(rf"(rule|group)_{name}(_|$)", job.get("Comment", ""))
        )
        return sorted(matching, key=lambda job: int(job["JobId"]))

    def _daemon(self, name: str, *arguments: object) -> None:
        log = (self.folder / f"{name}.out").open("w")
        command = [shutil.which(name, path=self.environment["PATH"]), *map(str, arguments)]
        self.daemons.append(subprocess.Popen(command, env=self.environment, stdout=log, stderr=log))


def _free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens to, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _wait_until(condition, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}"
        time.sleep(0.2)


@contextmanager
def _losing_the_first_training(cluster):
    """Cancel the first job of `train` as soon as Slurm has it, as an administrator or a preemption would."""
    over = threading.Event()

    def watch():
        while not over.wait(0.5):
            with suppress(subprocess.SubprocessError):
                for job in cluster.jobs_of("train"):
                    cluster.run("scancel", job["JobId"])
                    return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A running Slurm."""
    cluster = Cluster(tmp_path_factory.mktemp("slurm"))
    cluster.write()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def submitted(cluster, checkout, tmp_path_factory):
    """A copy whose experiment went through the cluster, and what Snakemake said."""
    folder = checkout.copy(tmp_path_factory.mktemp("submitted"))
    folder.write("config/experiments/cluster.yaml", EXPERIMENT)
    folder.write("overlay.yaml", "experiments: [cluster]\nscale: smoke\n")
    command = [sys.executable, "-m", "snakemake", INDEX, "--configfile", "overlay.yaml"]
    command += ["--workflow-profile", "profiles/slurm"]
    # What a test cannot wait for; everything else is the profile's.
    command += ["--slurm-init-seconds-before-status-checks", "1", "--slurm-keep-successful-logs"]
    with _losing_the_first_training(cluster):
        said = _bounded(command, folder.path, {**folder.environment(), **_slurm_only(cluster)})
    return folder, said


def _slurm_only(cluster):
    return {key: cluster.environment[key] for key in ("PATH", "SLURM_CONF")}


def _bounded(command, folder, environment):
    """Run in a process group of its own that is killed, whole, when time is up: the executor ignores SIGTERM."""
    log = folder / "cluster.log"
    with log.open("w") as file:
        run = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=file, stderr=file, start_new_session=True
        )
        try:
            code = run.wait(HARD_LIMIT)
        except subprocess.TimeoutExpired:
            code = f"no end in {HARD_LIMIT} s"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
    assert code == 0, f"{code}\n{log.read_text()[-8000:]}"
    return log.read_text()


def test_the_experiment_is_judged(submitted):
    folder, _ = submitted
    assert (folder.path / INDEX).exists()
    verdict = pd.read_csv(folder.path / "results/smoke/cluster/verdict.csv")
    assert {"reference", "vp_diffusion"} <= set(verdict["model"])


def test_every_job_went_through_slurm(cluster, submitted):
    folder, said = submitted
    ids = set(re.findall(r"SLURM jobid (\d+)", said)) | set(re.findall(r"SLURM job ID (\d+)", said))
    assert ids == {job.get("ArrayJobId", job["JobId"]) for job in cluster.jobs()}
    for name in ("generate_fields", "judge"):
        assert [job["JobState"] for job in cluster.jobs_of(name)] == ["COMPLETED"], name
    assert list(folder.path.glob(".snakemake/slurm_logs/rule_generate_fields/**/*.log"))


def test_both_simulations_are_one_array(cluster, submitted):
    tasks = cluster.jobs_of("reference_fields")
    assert len(tasks) == 2
    assert len({job["ArrayJobId"] for job in tasks}) == 1
    assert {job["ArrayTaskId"] for job in tasks} == {"1", "2"}
    assert {job["JobState"] for job in tasks} == {"COMPLETED"}


def test_the_judges_share_a_submission(cluster, submitted):
    comments = {job["Comment"] for job in cluster.jobs()}
    assert not [comment for comment in comments if re.match("rule_(measure|compare|figures)", comment)]
    assert len(cluster.jobs_of("judge")) == 1


def test_jobs_with_a_network_ask_for_a_gpu_and_no_others(cluster, submitted):
    asked = {name: cluster.jobs_of(name)[-1].get("TresPerJob") for name in ("train", "generate_fields")}
    assert set(asked.values()) == {"gres:gpu:1"}
    assert not [
        job for name in ("reference_fields", "judge") for job in cluster.jobs_of(name) if "TresPerJob" in job
    ]


def test_a_lost_job_comes_back_and_asks_for_more(cluster, submitted):
    first, second = cluster.jobs_of("train")
    assert (first["JobState"], second["JobState"]) == ("CANCELLED", "COMPLETED")
    assert (first["MinMemoryNode"], second["MinMemoryNode"]) == ("1000M", "2000M")
    assert (first["TimeLimit"], second["TimeLimit"]) == ("00:10:00", "00:20:00")
