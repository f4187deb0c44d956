"""UrQMD in subprocesses: its physics in a handful of events, and what happens when a process dies."""

import os
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from emulant.collisions import _urqmd_worker, urqmd
from emulant.collisions.shards import merge_shards
from emulant.collisions.species import PDG, charges_of
from emulant.collisions.tables import facts_path, read_events
from emulant.collisions.urqmd import Urqmd, make_pieces, piece_attributes
from emulant.collisions.urqmd_types import TYPES, centre_of_mass_boost, to_pdg
from emulant.errors import InputError
from emulant.storage.pieces import pieces_of

FAST = Urqmd(impact=(13.5, 13.5))
LIGHT = Urqmd(projectile=(12, 6), target=(12, 6), impact=(0.0, 1.0))

needs_urqmd = pytest.mark.skipif(not urqmd.available(), reason="chromo is not installed")


def bytes_of(pieces):
    return [path.read_bytes() for piece in pieces for path in (piece.path, facts_path(piece.path))]


def test_urqmds_particles_are_the_26_species():
    assert sorted(TYPES.values()) == sorted(PDG.tolist())
    kind, isospin = np.array(list(TYPES)).T
    np.testing.assert_array_equal(to_pdg(kind, isospin), list(TYPES.values()))
    baryon, charge, strangeness = charges_of(np.array(list(TYPES.values()))).T
    np.testing.assert_array_equal(2 * charge, isospin + baryon + strangeness)
    assert to_pdg(np.array([17, 1]), np.array([4, 1])).tolist() == [0, 2212]


def test_the_centre_of_mass_is_halfway_in_rapidity():
    total = 10 + 0.938
    assert np.arctanh(centre_of_mass_boost(10.0)) == pytest.approx(np.arccosh(total / 0.938) / 2, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"impact": (3.0, 1.0)}, "impact"),
        ({"impact": (0.0, np.nan)}, "impact"),
        ({"energy": -1.0}, "energy"),
        ({"projectile": (79, 197)}, "projectile"),
        ({"frame": "target"}, "cm or lab"),
    ],
)
def test_bad_settings_are_named(change, words):
    with pytest.raises(InputError, match=words):
        Urqmd(**change)


def test_shards_cover_all_events_and_have_seeds_of_their_own(tmp_path):
    pieces = pieces_of(tmp_path, 50, 20, "parquet")
    assert [(piece.first, piece.count) for piece in pieces] == [(0, 20), (20, 20), (40, 10)]
    seeds = [piece_attributes(FAST, piece, 1, attempt)["seed"] for piece in pieces for attempt in (0, 1)]
    assert len(set(seeds)) == 6


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A worker whose body is given in place of UrQMD; it sees `order`, what the parent asked for."""

    def use(body):
        module = tmp_path / "room" / "stand_in.py"
        module.parent.mkdir()
        module.write_text("import json, os, sys, time\norder = json.load(open(sys.argv[1]))\n" + body)
        monkeypatch.setenv("PYTHONPATH", str(module.parent), prepend=os.pathsep)
        monkeypatch.setattr(urqmd, "WORKER", "stand_in")
        monkeypatch.setattr(urqmd, "available", lambda: True)

    return use


def test_a_process_that_dies_is_reported_and_the_rest_goes_on(tmp_path, stand_in, capsys):
    stand_in(
        "if order['first'] == 3:\n"
        "    print('.', flush=True)\n"
        "    print('STOP mean mass range negative', file=sys.stderr)\n"
        "    os._exit(1)\n"
        "for k in range(order['events']):\n"
        "    print('.', flush=True)\n"
        "open(order['path'], 'w').close()\n"
    )
    pieces = pieces_of(tmp_path, 9, 3, "parquet")
    (failure,) = make_pieces(FAST, pieces, seed=1, workers=2)
    assert failure.piece == pieces[1]
    assert "STOP mean mass range negative" in failure.log.read_text()
    assert "events 3 to 5: UrQMD ended with status 1 after 1 events: STOP mean mass range negative" in str(
        failure
    )
    assert str(failure) in capsys.readouterr().err
    assert [piece.path.exists() for piece in pieces] == [True, False, True]
    assert not list(tmp_path.glob("00000.*log"))


def test_a_stopped_shard_is_tried_again_with_another_seed(tmp_path, stand_in):
    first = piece_attributes(FAST, pieces_of(tmp_path, 1, 20, "parquet")[0], 1, 0)["seed"]
    stand_in(
        f"if order['seed'] == {first}:\n    os._exit(2)\nopen(order['path'], 'w').write(str(order['seed']))\n"
    )
    (piece,) = pieces_of(tmp_path, 1, 20, "parquet")
    assert make_pieces(FAST, [piece], seed=1, progress=None) == []
    assert int(piece.path.read_text()) == piece_attributes(FAST, piece, 1, 1)["seed"]


@pytest.mark.parametrize(
    "end",
    [
        "def full(*_):\n    raise OSError(27, 'File too large')\n"
        "worker._events = full\nworker.main(Path(sys.argv[1]))\n",
        "os.kill(os.getpid(), signal.SIGKILL)\n",
    ],
    ids=["disk full", "killed"],
)
def test_no_other_seed_is_tried_where_the_machine_ends_a_process(tmp_path, stand_in, end):
    """Else the events of a run would depend on the day."""
    stand_in(
        "import signal\nfrom pathlib import Path\nfrom emulant.collisions import _urqmd_worker as worker\n"
        + end
    )
    (piece,) = pieces_of(tmp_path, 1, 20, "parquet")
    (failure,) = make_pieces(FAST, [piece], seed=1, progress=None)
    assert failure.log.name == "00000.0.log"
    assert not piece.path.exists()


def test_a_process_that_hangs_is_ended(tmp_path, stand_in):
    stand_in("time.sleep(60)\n")
    start = time.monotonic()
    (failure,) = make_pieces(
        FAST, pieces_of(tmp_path, 2, 20, "parquet"), seed=1, attempts=1, patience=0.5, progress=None
    )
    assert "made no event for 0 s" in failure.reason or "made no event for 1 s" in failure.reason
    assert time.monotonic() - start < 20


def test_without_the_package_the_way_out_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(urqmd, "available", lambda: False)
    with pytest.raises(RuntimeError, match="surrogate"):
        make_pieces(FAST, pieces_of(tmp_path, 2, 20, "parquet"), seed=1)


@pytest.fixture(scope="module")
def central(tmp_path_factory):
    """Two central events."""
    (piece,) = pieces_of(tmp_path_factory.mktemp("central"), 2, 20, "parquet")
    assert make_pieces(Urqmd(), [piece], seed=5, progress=None) == []
    return read_events(piece.path)


@needs_urqmd
@pytest.mark.slow
def test_events_conserve_everything(central):
    """B, Q, S and transverse momentum exactly; energy and pz but for the Fermi motion of the nuclei."""
    np.testing.assert_array_equal(central.sums(central.charges), [[394, 158, 0]] * 2)
    px, py, pz, energy = central.sums(central.momenta).T
    assert np.abs([px, py]).max() < 1e-9
    assert np.abs(pz).max() < 5
    assert np.abs(energy - 948.0).max() < 5


@needs_urqmd
@pytest.mark.slow
def test_central_events_look_like_the_measured_ones(central):
    """<N> = 1021.9 with deviation 23.6; forward and backward are alike; spectators are few."""
    assert np.abs(central.counts - 1021.9).max() < 6 * 23.6
    assert np.all(central.facts["impact_parameter"] == 1.0)
    assert np.all((central.facts["spectators"] >= 0) & (central.facts["spectators"] < 40))
    assert np.all(central.species >= 0)
    assert abs(np.mean(central.rapidity)) < 0.15
    assert np.mean(central.pt[central.pdg == -211]) == pytest.approx(0.30, abs=0.03)


@needs_urqmd
@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_however_many_run(tmp_path):
    """Peripheral events are fast. The second run has two workers, and starts from half of what it needs."""
    one, two = (pieces_of(tmp_path / name, 6, 2, "parquet") for name in ("one", "two"))
    assert make_pieces(FAST, one, seed=3, progress=None) == []
    two[0].path.parent.mkdir()
    for find in (lambda path: path, facts_path):
        find(two[1].path).write_bytes(find(one[1].path).read_bytes())
    modified = two[1].path.stat().st_mtime_ns
    two[0].path.write_bytes(b"cut short")
    assert make_pieces(FAST, two, seed=3, workers=2, progress=None) == []
    assert bytes_of(one) == bytes_of(two)
    assert two[1].path.stat().st_mtime_ns == modified
    merged = tmp_path / "all.parquet"
    assert (
        merge_shards([piece.path for piece in one], merged, piece_attributes(FAST, one[0], 3), events=6) == 6
    )
    events = read_events(merged)
    assert events.number.tolist() == list(range(6))
    assert not np.array_equal(events[:1].momenta, events[1:2].momenta)


@needs_urqmd
@pytest.mark.slow
def test_other_frames_and_impact_parameters(tmp_path):
    """The lab-frame cascade arrives in the centre of mass; impact parameters are drawn between the bounds."""
    system = replace(FAST, frame="lab", impact=(13.0, 14.0))
    (piece,) = pieces_of(tmp_path, 4, 20, "parquet")
    assert make_pieces(system, [piece], seed=2, progress=None) == []
    events = read_events(piece.path)
    impact = events.facts["impact_parameter"]
    assert np.all((impact >= 13) & (impact <= 14)) and np.ptp(impact) > 0
    np.testing.assert_array_equal(events.sums(events.charges), [[394, 158, 0]] * 4)
    px, py, pz, energy = events.sums(events.momenta).T
    assert np.abs([px, py]).max() < 1e-9
    assert np.abs(pz).max() < 25
    assert np.abs(energy - 197 * 4.7226).max() < 25


@needs_urqmd
@pytest.mark.slow
def test_another_run_in_the_same_folder_is_not_taken_for_this_one(tmp_path):
    (piece,) = pieces_of(tmp_path, 1, 20, "parquet")
    assert make_pieces(FAST, [piece], seed=1, progress=None) == []
    first = bytes_of([piece])
    assert make_pieces(FAST, [piece], seed=2, progress=None) == []
    assert bytes_of([piece]) != first


@needs_urqmd
@pytest.mark.slow
@pytest.mark.parametrize(("sabotage", "status"), [("sys.ap = 1000", 137), ("inputs.srtflag = 9", 0)])
def test_a_fortran_stop_does_not_take_the_others_down(tmp_path, stand_in, sabotage, status):
    """UrQMD itself stops in the second of three pieces: too large a nucleus, or a beam of no kind (with status 0)."""
    stand_in(
        "from pathlib import Path\n"
        "from emulant.collisions import _urqmd_worker as worker\n"
        "whole = worker._generator\n"
        "def broken(settings, seed):\n"
        "    generator = whole(settings, seed)\n"
        "    if order['first'] == 1:\n"
        f"        generator._lib.{sabotage}\n"
        "    return generator\n"
        "worker._generator = broken\n"
        "worker.main(Path(sys.argv[1]))\n"
    )
    pieces = pieces_of(tmp_path, 3, 1, "parquet")
    pieces[1].path.write_bytes(b"of another run")
    (failure,) = make_pieces(FAST, pieces, seed=1, attempts=1, progress=None)
    assert failure.piece == pieces[1]
    assert f"ended with status {status} after 0 events" in failure.reason
    assert "UrQMD" in failure.log.read_text() or "STOP" in failure.log.read_text()
    assert [piece.path.exists() for piece in pieces] == [True, False, True]


def test_the_worker_says_when_its_task_is_missing(tmp_path):
    command = [sys.executable, "-m", _urqmd_worker.__name__, str(tmp_path / "task.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "task.json" in done.stderr


CUT = """
import resource, sys
from emulant.collisions.urqmd import Urqmd, make_pieces
from emulant.storage.pieces import pieces_of
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
system = Urqmd(projectile=(12, 6), target=(12, 6), impact=(0.0, 1.0))
print(make_pieces(system, pieces_of(sys.argv[1], 4, 2, "parquet"), seed=1, progress=None))
"""


@pytest.mark.slow
@needs_urqmd
def test_tables_that_a_full_disk_cut_change_no_event(tmp_path):
    """UrQMD's own tables take 3.7 MB; the process after the one that could not write them all would stop on them."""
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    done = subprocess.run([sys.executable, "-c", CUT, str(cut)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert make_pieces(LIGHT, pieces_of(whole, 4, 2, "parquet"), seed=1, progress=None) == []
    for file in sorted(whole.glob("*.parquet")):
        assert (cut / file.name).read_bytes() == file.read_bytes()
