"""Event files made to fill the memory: each is one line, before anything large is made."""

import gzip
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emulant.collisions.readers import read_foreign
from emulant.collisions.tables import facts_path, open_events, write_events
from emulant.errors import InputError

from .conftest import random_events
from .foreign_files import write_hepmc, write_oscar1997, write_oscar2013, write_urqmd

CLAIMS = {
    "a.f13": (partial(write_urqmd, more=" 0.1E+01" * 8), 9, 0),
    "a.f14": (write_urqmd, 9, 0),
    "a.f19": (write_oscar1997, 4, 1),
    "a.oscar": (write_oscar2013, 6, 4),
    "second.hepmc": (partial(write_hepmc, version=2), 6, 8),
    "third.hepmc": (write_hepmc, 3, 3),
}
"""Writer, line from 1 and entry from 0 that count particles."""
MEMORY = 1 << 30
READ = "import sys; from emulant.collisions.readers import read_foreign; list(read_foreign(sys.argv[1]))"


@pytest.mark.parametrize("name", CLAIMS)
@pytest.mark.parametrize("count", ["1000000000000", "300000000", "9" * 400, "9" * 5000, "-1"])
def test_a_header_that_claims_many_particles(tmp_path, name, count):
    writer, line, entry = CLAIMS[name]
    writer(tmp_path / name, random_events(4, mean=3))
    lines = (tmp_path / name).read_text().splitlines()
    entries = lines[line - 1].split()
    assert entries[entry].isdecimal()
    entries[entry] = count
    lines[line - 1] = " ".join(entries)
    (tmp_path / name).write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match=r"line \d+: expected ") as error:
        list(read_foreign(tmp_path / name))
    assert "\n" not in str(error.value)


@pytest.mark.skipif(sys.platform != "linux", reason="bounds the memory of a process")
@pytest.mark.parametrize(
    "beginning", ["", "#!OSCAR2013 particle_lists t x y z mass p0 px py pz pdg\n# Units: none\n"]
)
def test_a_compressed_line_without_an_end(tmp_path, beginning):
    """Two GB in two MB, read by a process that may have half as much beyond its libraries."""
    path, block = tmp_path / "a.oscar.gz", gzip.compress(b"#" * 2**24)
    path.write_bytes(gzip.compress(beginning.encode()) + block * 128)

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (8 * MEMORY, 8 * MEMORY))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))

    result = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, preexec_fn=limit, timeout=300
    )
    assert "InputError" in result.stderr.splitlines()[-1], result.stderr
    assert "expected a line of fewer than 1048576 characters" in result.stderr


def test_more_events_than_a_table_may_have(tmp_path):
    """A hundred million equal rows in some kilobytes."""
    path = tmp_path / "a.parquet"
    write_events(path, random_events(4, mean=3), {"system": "a"})
    rows = pa.table({"event": np.zeros(10**6, np.int64), "particles": np.ones(10**6, np.int32)})
    with pq.ParquetWriter(facts_path(path), rows.schema, compression="zstd") as writer:
        for _ in range(101):
            writer.write_table(rows)
    assert facts_path(path).stat().st_size < 10**6
    with pytest.raises(InputError, match="rows: expected at most 100000000 events, got 101000000"):
        open_events(path)


def test_an_event_of_impossibly_many_particles(tmp_path):
    """Millions of equal rows that are one event would be in memory together."""
    path, number = tmp_path / "a.parquet", 3 * 10**5
    write_events(path, random_events(1, mean=3), {"system": "a"})
    pq.write_table(pa.table({"event": [0], "particles": [number]}), facts_path(path))
    columns = {name: np.zeros(number) for name in ("px", "py", "pz")}
    pq.write_table(pa.table({"event": np.zeros(number, int), "pdg": np.full(number, 22), **columns}), path)
    with pytest.raises(InputError, match="particles, row 0: expected a number of particles from 0 to 262144"):
        open_events(path)


def test_a_page_that_unpacks_to_more_than_it_says(tmp_path):
    """Other bytes in a compressed page are a damaged file, not whatever they unpack to."""
    path = tmp_path / "a.parquet"
    write_events(path, random_events(200), {"system": "a"})
    content = bytearray(path.read_bytes())
    content[200:400] = bytes(200)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a damaged one|expected"), open_events(path) as file:
        file.read()


LINES = {
    "a number that is none": ("third.hepmc", 7, 4, "x", "the numbers of a particle"),
    "a status that is none": ("third.hepmc", 7, 9, "final", "the numbers of a particle"),
    "a PDG number that would be cut off": ("third.hepmc", 7, 3, "4294967507", "the numbers of a particle"),
    "another particle": ("third.hepmc", 7, 1, "3", "particle 2 of its event"),
    "a number before the lists": ("third.hepmc", 5, 22, "4000000000", "the numbers of GenHeavyIon"),
    "a list that is too short": (
        "third.hepmc",
        5,
        23,
        "40",
        "entries of GenHeavyIon|the lengths of two lists",
    ),
    "more random states": ("second.hepmc", 3, 11, "7", "an event of HepMC2, with the lengths of its lists"),
    "more vertices": ("second.hepmc", 3, 8, "7", "without 6 vertices"),
    "fewer particles": ("second.hepmc", 6, 8, "1", "no more particles"),
    "more flows": ("second.hepmc", 8, 12, "7", "7 flows"),
}


@pytest.mark.parametrize("case", LINES)
def test_lines_of_hepmc_that_pyhepmc_would_trust(tmp_path, case):
    """With these it reads 0, hangs, or ends the process."""
    name, line, entry, text, words = LINES[case]
    CLAIMS[name][0](tmp_path / name, random_events(4, mean=5))
    lines = Path(tmp_path / name).read_text().splitlines()
    entries = lines[line - 1].split()
    entries[entry] = text
    lines[line - 1] = " ".join(entries)
    (tmp_path / name).write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match=words):
        list(read_foreign(tmp_path / name))
