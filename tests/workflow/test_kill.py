"""A run killed in the middle of a training: its lock is respected while it lives, and cleared once it is dead."""

import os
import re
import signal
import subprocess
import time

import h5py
import psutil
import pytest

pytestmark = [pytest.mark.pipeline, pytest.mark.serial]

TARGET = "results/smoke/two_peak/ve_diffusion/ensemble.h5"
TRAINING = "override: {two_peak: {training: {steps: 600, checkpoint_every: 10}}}\n"
REFERENCE = "results/smoke/phi4_symmetric/reference.h5"
SAMPLING = "override: {phi4_symmetric: {reference: {samples: 300000}}}\n"
PATIENCE = 300


@pytest.fixture(scope="module")
def killed(checkout, tmp_path_factory):
    """The copy, a run refused while another lived, files that the killed run had finished, and the run after it."""
    folder = checkout.copy(tmp_path_factory.mktemp("killed"))
    folder.write("overlay.yaml", TRAINING)
    arguments = (TARGET, "--configfile", "overlay.yaml")
    run = _start(folder, *arguments)
    _wait_for(folder.path / "checkpoints/smoke/two_peak/ve_diffusion.safetensors", run)
    jobs = psutil.Process(run.pid).children(recursive=True)
    for job in jobs:
        job.suspend()
    refused = folder.run(*arguments)
    run.send_signal(signal.SIGKILL)
    run.wait()
    for job in jobs:
        job.resume()
    psutil.wait_procs(jobs, timeout=PATIENCE)
    training = folder.path / "results/smoke/two_peak/training.h5"
    age = training.stat().st_mtime_ns
    return folder, refused, (training, age), folder.run(*arguments)


def _start(folder, *arguments):
    """A run in a process group of its own."""
    with (folder.path / "killed.log").open("w") as log:
        return subprocess.Popen(
            folder.command(*arguments),
            cwd=folder.path,
            env=folder.environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait_for(file, run):
    deadline = time.monotonic() + PATIENCE
    while not file.exists():
        assert run.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)


def test_a_live_run_is_left_alone(killed):
    refused = killed[1]
    assert refused.returncode != 0
    assert "This folder is in use by process" in refused.stdout
    assert "LockException" in refused.stdout


def test_a_killed_run_goes_on(killed):
    folder, _, (training, age), finished = killed
    assert finished.returncode == 0, finished.stdout[-6000:]
    assert "Cleared the lock of a run that died." in finished.stdout
    assert (folder.path / TARGET).exists()
    assert training.stat().st_mtime_ns == age


def test_the_training_goes_on_where_its_checkpoint_is(killed):
    log = (killed[0].path / "logs/smoke/two_peak/ve_diffusion.train.log").read_text()
    assert int(re.search(r"\| *(\d+)/600", log)[1]) >= 10


def test_nothing_of_the_killed_run_is_left(killed):
    folder = killed[0].path
    assert not list(folder.glob("results/**/*.part*"))
    assert not [file for file in folder.glob("checkpoints/**/*") if file.is_file()]


def test_every_job_says_its_name_in_the_terminal(killed):
    finished = killed[3].stdout
    assert "two_peak ve_diffusion train | started" in finished
    assert "two_peak ve_diffusion generate | done in " in finished


def test_a_chain_killed_with_its_whole_process_group_goes_on(checkout, tmp_path):
    folder = checkout.copy(tmp_path)
    folder.write("overlay.yaml", SAMPLING)
    arguments = (REFERENCE, "--configfile", "overlay.yaml")
    run = _start(folder, *arguments)
    _wait_for(folder.path / "checkpoints/smoke/phi4_symmetric/reference.npz", run)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert any((folder.path / ".snakemake/locks").iterdir())
    assert not (folder.path / REFERENCE).exists()
    assert "Cleared the lock of a run that died." in folder.make(*arguments)
    log = (folder.path / "logs/smoke/phi4_symmetric/reference.log").read_text()
    assert int(re.search(r"\| *(\d+)/300000", log)[1]) > 0
    with h5py.File(folder.path / REFERENCE) as file:
        assert len(file["configurations"]) == 300000
