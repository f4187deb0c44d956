"""Event tables: what is written is read, in pieces; what is wrong is named."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emulant.collisions import tables
from emulant.collisions.events import Events, concatenated
from emulant.collisions.shards import merge_shards
from emulant.collisions.tables import EventWriter, facts_path, open_events, read_events, write_events
from emulant.errors import InputError

from .conftest import random_events


def equal(one, two):
    for column in ("number", "counts", "pdg", "momenta"):
        np.testing.assert_array_equal(getattr(one, column), getattr(two, column))
    assert set(one.facts) == set(two.facts)
    for name in one.facts:
        np.testing.assert_array_equal(one.facts[name], two.facts[name])


def test_what_is_written_is_read(tmp_path, events, attributes):
    write_events(tmp_path / "a.parquet", events, attributes)
    equal(read_events(tmp_path / "a.parquet"), events)
    with open_events(tmp_path / "a.parquet") as file:
        assert len(file) == 700
        assert file.attributes["parameters"] == {"energy": 10.0}
        assert file.attributes["seed"] == 1
        for size in (1, 3, 128, 10_000):
            equal(concatenated(list(file.chunks(size))), events)


def test_pieces_do_not_change_the_bytes(tmp_path, events, attributes, monkeypatch):
    """Whatever pieces they come in; row groups are small here, so that many are written."""
    monkeypatch.setattr(tables, "GROUP", 1000)
    write_events(tmp_path / "whole.parquet", events, attributes)
    with EventWriter(tmp_path / "pieces.parquet", attributes, tuple(events.facts)) as writer:
        for start in range(0, 700, 37):
            writer.append(events[start : start + 37])
    for find in (Path, facts_path):
        assert find(tmp_path / "whole.parquet").read_bytes() == find(tmp_path / "pieces.parquet").read_bytes()
    assert pq.ParquetFile(tmp_path / "whole.parquet").num_row_groups > 20
    equal(read_events(tmp_path / "pieces.parquet"), events)


def test_an_interrupted_writer_leaves_nothing(tmp_path, events, attributes):
    with pytest.raises(KeyboardInterrupt), EventWriter(tmp_path / "a.parquet", attributes) as writer:
        writer.append(events)
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_events_without_particles(tmp_path, attributes):
    nothing = Events(np.arange(5), np.zeros(5, int), np.zeros(0, int), np.zeros((0, 4)))
    write_events(tmp_path / "a.parquet", nothing, attributes)
    equal(read_events(tmp_path / "a.parquet"), nothing)


def write_columns(path, change=None, drop=(), **more):
    """Tables of two events of two pions, changed; as a user's own program would write them."""
    rows = {"event": [0, 0, 1, 1], "pdg": [211, -211, 211, 111], "px": [0.1, 0.2, 0.3, 0.4]}
    rows |= {"py": [0.0] * 4, "pz": [1.0] * 4} | (change or {}) | more
    pq.write_table(pa.table({name: column for name, column in rows.items() if name not in drop}), path)
    pq.write_table(pa.table({"event": [0, 1], "particles": [2, 2]}), facts_path(path))
    return path


def test_masses_are_the_pdgs_where_none_are_given(tmp_path):
    plain = read_events(write_columns(tmp_path / "a.parquet"))
    np.testing.assert_allclose(plain.momenta[0], [0.1, 0, 1, np.sqrt(1.01 + 0.13957039**2)])
    massive = read_events(write_columns(tmp_path / "b.parquet", mass=[0.138] * 4))
    np.testing.assert_allclose(
        massive.momenta[:, 3] ** 2 - np.sum(massive.momenta[:, :3] ** 2, axis=1), 0.138**2
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"px": [0.1, np.nan, 0.3, 0.4]}, "px, row 1: expected a finite number, got nan"),
        ({"pz": [1.0, 1.0, 1.0, None]}, "pz, row 3: expected a number, got null"),
        ({"pdg": [211, 211, 4711, 111]}, "pdg, row 2: expected a particle of the PDG, got 4711"),
        ({"pdg": [211, 211, 1000030020, 111]}, "pdg, row 2: .*1000030020 is no nucleus"),
        ({"pdg": [211.0, 211.0, 211.0, 111.0]}, "pdg: expected a column of which each entry is an integer"),
        ({"px": ["a", "b", "c", "d"]}, "px: expected a column of which each entry is a number"),
        ({"event": [0, 1, 1, 1]}, "event, row 1: expected the events in the order"),
        ({"energy": [1.0146, 1.0293, 1053.0, 1.0855]}, "energy, row 2: .*GeV.* got 1053"),
        ({"energy": [1.0146, 0.9, 1.053, 1.0855]}, "energy, row 1: "),
        (
            {"mass": [0.138, 0.138, 0.138, 135.0]},
            "mass, row 3: expected a mass in GeV near the PDG's, got 135",
        ),
    ],
)
def test_bad_rows_are_named(tmp_path, change, words):
    path = write_columns(tmp_path / "a.parquet", change)
    with pytest.raises(InputError, match=words) as caught:
        read_events(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_columns(tmp_path):
    for name in ("event", "pdg", "pz"):
        with pytest.raises(InputError, match=f"{name}: expected a column of this name"):
            read_events(write_columns(tmp_path / "a.parquet", drop=(name,)))


@pytest.mark.parametrize("find", [Path, facts_path])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "whole Parquet"),
        (lambda path: path.write_bytes(path.read_bytes()[:-3]), "whole Parquet"),
        (lambda path: path.write_text("event,pdg"), "whole Parquet"),
        (lambda path: path.write_bytes(b""), "whole Parquet"),
        (lambda path: path.unlink(), "no such file"),
    ],
)
def test_truncated_foreign_and_missing_files(tmp_path, events, attributes, find, spoil, words):
    path = tmp_path / "a.parquet"
    write_events(path, events, attributes)
    spoil(find(path))
    with pytest.raises(InputError, match=words) as caught:
        open_events(path)
    assert str(find(path)) in str(caught.value)


def test_damage_in_the_middle_of_a_file(tmp_path, events, attributes):
    path = tmp_path / "a.parquet"
    write_events(path, events, attributes)
    content = bytearray(path.read_bytes())
    content[5000:9000] = bytes(4000)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.parquet: "):
        read_events(path)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"event": [0, 1], "particles": [2, 3]}, "rows: expected 5, as a.events.parquet counts"),
        ({"event": [0, 0], "particles": [2, 2]}, "event, row 1: expected an event that no other row has"),
        ({"event": [0, 1], "particles": [5, -1]}, "particles, row 1"),
        ({"event": pa.array([], pa.int64()), "particles": pa.array([], pa.int64())}, "at least one event"),
        ({"event": [0, 1], "particles": [2, 2], "impact_parameter": [1, np.inf]}, "impact_parameter, row 1"),
        ({"event": [0, 1]}, "particles: expected a column"),
    ],
)
def test_tables_of_events_that_cannot_be(tmp_path, facts, words):
    path = write_columns(tmp_path / "a.parquet")
    pq.write_table(pa.table(facts), facts_path(path))
    with pytest.raises(InputError, match=words):
        open_events(path)


def test_shards_make_a_whole(tmp_path, events, attributes):
    shards = [tmp_path / f"{k}.parquet" for k in range(7)]
    for k, shard in enumerate(shards):
        write_events(shard, events[100 * k : 100 * (k + 1)], {**attributes, "seed": k})
    assert merge_shards(shards, tmp_path / "whole.parquet", attributes, events=700) == 700
    write_events(tmp_path / "direct.parquet", events, attributes)
    for find in (Path, facts_path):
        assert find(tmp_path / "whole.parquet").read_bytes() == find(tmp_path / "direct.parquet").read_bytes()


def test_shards_that_do_not_belong_together(tmp_path, attributes):
    one, two, other = (tmp_path / f"{name}.parquet" for name in ("one", "two", "other"))
    write_events(one, random_events(5), attributes)
    write_events(two, random_events(5, first=4), attributes)
    write_events(other, random_events(5, first=5), {**attributes, "sampler": "another"})
    for shards, events, words in (
        ([one, two], None, r"two\.parquet: event: .*event 4 again"),
        ([one, other], None, r"other\.parquet: sampler: expected none as in one\.parquet, got another"),
        ([one], 10, "expected 10 in 1 shards"),
        ([one, tmp_path / "missing.parquet"], None, "no such file"),
        ([], None, "at least one shard"),
    ):
        with pytest.raises(InputError, match=words):
            merge_shards(shards, tmp_path / "whole.parquet", attributes, events=events)
    assert not (tmp_path / "whole.parquet").exists()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_events(tmp_path, attributes):
    """Peak of resident memory while 40 times more events are written and read, in a fresh process each."""
    assert importlib.util.find_spec("resource"), "peak memory is asked of the operating system"
    peaks = [_peak(tmp_path / f"{n}.parquet", n) for n in (20, 800)]
    assert peaks[1] - peaks[0] < 40_000


def _peak(path, pieces):
    code = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from conftest import random_events
from emulant.collisions.tables import EventWriter, open_events
piece = random_events(100, mean=100)
with EventWriter({str(path)!r}, {{}}) as writer:
    for k in range({pieces}):
        writer.append(type(piece)(piece.number + 100 * k, piece.counts, piece.pdg, piece.momenta, piece.facts))
with open_events({str(path)!r}) as file:
    assert sum(len(part) for part in file.chunks()) == 100 * {pieces}
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    return int(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    )


def edited(path, change):
    """A Parquet file with columns changed."""
    table = pq.read_table(path)
    for name, values in change(table).items():
        table = table.set_column(table.column_names.index(name), name, values)
    pq.write_table(table, path)


def test_wider_numbers_than_a_column_are_not_wrapped(tmp_path, events, attributes):
    """An unsigned number above 2^63, and counts whose sum overflows to the number of rows."""
    path = tmp_path / "a.parquet"
    write_events(path, events, attributes)
    edited(path, lambda table: {"event": pa.array(np.full(len(table), 2**63 + 5, np.uint64))})
    with open_events(path) as file, pytest.raises(InputError, match=r"event, row 0: .* below 2\^63"):
        next(file.chunks())
    write_events(path, events, attributes)
    counts = events.counts.astype(np.int64)
    counts[:4] += 2**62
    edited(facts_path(path), lambda table: {"particles": pa.array(counts)})
    with pytest.raises(InputError, match=r"particles, row 0: expected a number of particles from 0 to"):
        open_events(path)


def test_events_as_pandas_writes_them_are_read(tmp_path, events):
    """Whole numbers in int64, momenta in float64, as `DataFrame.to_parquet` makes them where nobody says otherwise."""
    columns = dict(zip(("px", "py", "pz", "energy"), events.momenta.T, strict=True))
    rows = {"event": events.number[events.owner], "pdg": events.pdg.astype(int), **columns}
    pd.DataFrame(rows).to_parquet(tmp_path / "a.parquet")
    facts = {"event": events.number, "particles": events.counts.astype(int), **events.facts}
    pd.DataFrame(facts).to_parquet(facts_path(tmp_path / "a.parquet"))
    equal(read_events(tmp_path / "a.parquet"), events)


def test_a_table_that_may_not_be_read_is_not_called_damaged(tmp_path, monkeypatch):
    """Root may read everything, so the system's refusal is put in."""

    def refuse(path):
        raise PermissionError(13, f"Failed to open local file '{path}'. Detail: [errno 13] Permission denied")

    monkeypatch.setattr(tables.pq, "ParquetFile", refuse)
    with pytest.raises(InputError, match=r"a file that may be read, got .*Permission denied"):
        open_events(tmp_path / "a.parquet")
