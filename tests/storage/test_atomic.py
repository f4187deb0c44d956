import signal
import subprocess
import sys

import numpy as np
import pytest

from emulant.storage.atomic import atomic_path
from emulant.storage.ensemble import open_ensemble

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
def test_a_full_disk_leaves_the_old_file_and_no_litter(tmp_path, name, partial):
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
    with open_ensemble(ensemble) as old:
        np.testing.assert_array_equal(old.read(), fields)
    with atomic_path(table) as temporary:
        temporary.write_text("new")
    write(ensemble, fields[:300])
    assert table.read_text() == "new"
    with open_ensemble(ensemble) as new:
        assert len(new) == 300
