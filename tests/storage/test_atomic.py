import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from emulant.collisions.tables import EventWriter
from emulant.storage.atomic import atomic_path, remove_leftovers, temporary_path
from emulant.storage.ensemble import EnsembleWriter, open_ensemble

FULL_DISK = """
import resource, signal, sys
import numpy as np
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance
from emulant.storage.records import write_json
attributes = provenance(system="phi4", parameters={}, sampler="hmc", seed=1)
partial = sys.argv[2] or None
try:
    if sys.argv[1].endswith("json"):
        write_json(sys.argv[1], {"long": "x" * 300_000})
    with EnsembleWriter(sys.argv[1], (16, 16), attributes=attributes, partial=partial) as writer:
        for _ in range(20):
            writer.append(np.random.default_rng(1).normal(size=(100, 16, 16)).astype("float32"))
except OSError as error:
    sys.exit(3)
"""


def test_what_was_there_survives_a_failure(tmp_path):
    path = tmp_path / "a.txt"
    with atomic_path(path) as temporary:
        temporary.write_text("whole")
    with pytest.raises(OSError), atomic_path(path) as temporary:
        temporary.write_text("half")
        raise OSError("No space left on device")
    assert path.read_text() == "whole"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(("name", "partial"), [("a.json", ""), ("a.h5", ""), ("a.h5", "stream")])
def test_a_full_disk_leaves_the_old_file_and_no_temporary_one(tmp_path, name, partial):
    path = tmp_path / name
    path.write_bytes(b"what was there")
    stream = str(tmp_path / "b" / partial) if partial else ""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path), stream], check=False, capture_output=True
    )
    assert done.returncode == 3, done.stderr
    assert path.read_bytes() == b"what was there"
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [name]


KILLED = """
import os, signal, sys
import numpy as np
from emulant.storage.atomic import atomic_path
from emulant.storage.ensemble import EnsembleWriter
from emulant.storage.provenance import provenance
attributes = provenance(system="phi4", parameters={}, sampler="hmc", seed=1)
with EnsembleWriter(sys.argv[1], (8, 8), attributes=attributes) as writer:
    writer.append(np.zeros((300, 8, 8), "float32"))
    writer.flush()
    with atomic_path(sys.argv[2]) as temporary:
        temporary.write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_leaves_the_old_files_and_blocks_no_later_writer(tmp_path, write, fields):
    ensemble, table = write(tmp_path / "a.h5", fields), tmp_path / "a.csv"
    table.write_text("whole")
    done = subprocess.run([sys.executable, "-c", KILLED, str(ensemble), str(table)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert table.read_text() == "whole"
    assert list(tmp_path.glob("*.csv")) == [table] and list(tmp_path.glob("*.h5")) == [ensemble]
    assert len(list(tmp_path.iterdir())) == 4
    with open_ensemble(ensemble) as old:
        np.testing.assert_array_equal(old.read(), fields)
    with atomic_path(table) as temporary:
        temporary.write_text("new")
    write(ensemble, fields[:300])
    assert table.read_text() == "new"
    with open_ensemble(ensemble) as new:
        assert len(new) == 300
    assert sorted(tmp_path.iterdir()) == [table, ensemble]


@pytest.fixture
def dead():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def of_another(temporary, *, process=None, host=None):
    """The temporary file, as a process of another number, or on another host, would have left it."""
    *name, own_host, own_process, suffix = temporary.name.split(".")
    file = temporary.with_name(".".join([*name, host or own_host, str(process or own_process), suffix]))
    file.write_text("half")
    return file


def test_no_pattern_of_whole_files_matches_a_temporary_one(tmp_path, attributes):
    for name in ("a.json", "a.csv", "a.yaml", "a.safetensors"):
        with atomic_path(tmp_path / name) as temporary:
            temporary.write_text("half")
            assert not list(tmp_path.glob(f"*{(tmp_path / name).suffix}"))
        (tmp_path / name).unlink()
    with (
        EnsembleWriter(tmp_path / "a.h5", (4,), attributes=attributes),
        EventWriter(tmp_path / "a.parquet", {}),
    ):
        assert len(list(tmp_path.iterdir())) == 3
        assert not [*tmp_path.glob("*.h5"), *tmp_path.glob("*.parquet")]


def test_only_what_dead_processes_left_is_removed(tmp_path, dead):
    temporary = temporary_path(tmp_path / "smoke/a.json")
    left, other = of_another(temporary, process=dead), of_another(temporary, process=dead, host="elsewhere")
    live = of_another(temporary, process=os.getppid())
    old = of_another(temporary, process=dead, host="long-gone")
    user = tmp_path / "smoke/.film.part"
    user.write_text("of a user")
    for file in (old, live, user):
        os.utime(file, (time.time() - 40 * 86400,) * 2)
    remove_leftovers(tmp_path)
    assert not left.exists() and not old.exists()
    assert other.exists() and live.exists() and user.exists()


def test_the_next_writer_of_a_file_removes_what_a_dead_one_left_of_it(tmp_path, dead):
    left, other = (
        of_another(temporary_path(tmp_path / name), process=dead) for name in ("a.json", "ba.json")
    )
    with atomic_path(tmp_path / "a.json") as temporary:
        assert not left.exists() and other.exists()
        temporary.write_text("whole")


def test_a_name_of_any_length_has_a_temporary_one(tmp_path, monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "node.of.a.cluster" * 10)
    with atomic_path(tmp_path / ("a" * 250 + ".json")) as temporary:
        temporary.write_text("whole")
    assert [len(file.name) for file in tmp_path.iterdir()] == [255]
