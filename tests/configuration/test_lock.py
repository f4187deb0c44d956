import json
import os
import socket
import subprocess
import sys

import psutil
import pytest

from emulant.configuration.lock import claim, owners


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of Snakemake with the locks of a run."""
    monkeypatch.setattr("atexit.register", lambda *arguments, **keywords: None)
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "0.output.lock").write_text("a.csv\n")
    (tmp_path / "owners").mkdir()
    return tmp_path


@pytest.fixture
def process():
    """Another process, alive."""
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield other
    other.kill()
    other.wait()


def record(folder, process, start, host=None):
    host = host or socket.gethostname()
    content = {"host": host, "process": process, "start": start}
    (folder / "owners" / f"{host}.{process}.json").write_text(json.dumps(content))


def locked(folder):
    return (folder / "locks" / "0.output.lock").exists()


def test_the_lock_of_a_live_run_stays(folder, process, capsys):
    record(folder, process.pid, psutil.Process(process.pid).create_time())
    assert claim(folder) == [f"process {process.pid}"]
    assert locked(folder)
    assert capsys.readouterr().err == f"This folder is in use by process {process.pid}; its lock stays.\n"


def test_the_lock_of_a_dead_run_goes(folder, process, capsys):
    record(folder, process.pid, psutil.Process(process.pid).create_time())
    process.kill()
    process.wait()
    assert claim(folder) == []
    assert not locked(folder)
    assert capsys.readouterr().err == "Cleared the lock of a run that died.\n"
    assert [file.stem for file in (folder / "owners").iterdir()] == [f"{socket.gethostname()}.{os.getpid()}"]


def test_a_later_process_with_the_same_number_owns_nothing(folder, process):
    record(folder, process.pid, psutil.Process(process.pid).create_time() - 3600)
    assert claim(folder) == []
    assert not locked(folder)


def test_a_run_on_another_host_cannot_be_asked(folder):
    record(folder, 1, 0.0, host="elsewhere")
    (other,) = claim(folder)
    assert other.startswith("process 1 on elsewhere (if it is dead, remove ")
    assert locked(folder)


def test_a_record_that_was_cut_short_names_no_owner(folder):
    (folder / "owners" / "here.1.json").write_text('{"host": ')
    assert owners(folder) == []


def test_a_hidden_copy_of_a_record_names_no_owner(folder):
    record(folder, 1, 0.0, host="elsewhere")
    (folder / "owners" / "elsewhere.1.json").rename(folder / "owners" / "._elsewhere.1.json")
    assert owners(folder) == []
