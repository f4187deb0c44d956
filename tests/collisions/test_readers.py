"""Files of other generators: written here in each format and read back; what is wrong is named with its line."""

import gzip
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import emulant
from emulant.collisions import urqmd
from emulant.collisions.events import boosted, concatenated
from emulant.collisions.readers import import_events, read_foreign
from emulant.collisions.readers.importing import format_of
from emulant.collisions.tables import read_events
from emulant.collisions.urqmd import Urqmd, make_pieces, piece_attributes
from emulant.errors import InputError
from emulant.storage.pieces import pieces_of

from .conftest import random_events
from .foreign_files import write_hepmc, write_oscar1997, write_oscar2013, write_urqmd

FILES = {
    "urqmd": "a.f14",
    "urqmd13": "a.f13",
    "oscar1997": "a.f19",
    "oscar2013": "a.oscar",
    "hepmc": "a.hepmc",
}


@pytest.fixture
def events():
    return random_events(130, mean=12)


@pytest.fixture
def folder(tmp_path, events):
    """The same events in every format."""
    write_urqmd(tmp_path / "a.f14", events, times=2)
    write_urqmd(tmp_path / "a.f13", events, more="".join(f"{number:16.8E}" for number in range(8)))
    write_oscar1997(tmp_path / "a.f19", events)
    write_oscar2013(tmp_path / "a.oscar", events)
    write_hepmc(tmp_path / "a.hepmc", events)
    return tmp_path


def same(imported, events, digits=1e-7):
    np.testing.assert_array_equal(imported.number, events.number)
    np.testing.assert_array_equal(imported.counts, events.counts)
    np.testing.assert_array_equal(imported.pdg, events.pdg)
    np.testing.assert_allclose(imported.momenta, events.momenta, atol=digits)
    np.testing.assert_allclose(
        imported.facts["impact_parameter"], events.facts["impact_parameter"], atol=1e-4
    )


@pytest.mark.parametrize("name", FILES.values())
def test_every_format_gives_the_same_events(folder, events, attributes, name):
    """Among them an event without particles; batches do not cut events."""
    assert import_events(folder / name, folder / "a.parquet", attributes) == 130
    same(read_events(folder / "a.parquet"), events)


def test_formats_are_told_by_their_first_line(folder):
    formats = [format_of(folder / name) for name in FILES.values()]
    assert formats == ["urqmd", "urqmd", "oscar1997", "oscar2013", "hepmc"]


def test_compressed_files(folder, events):
    for name in ("a.f14", "a.hepmc"):
        packed = folder / f"{name}.gz"
        packed.write_bytes(gzip.compress((folder / name).read_bytes()))
        same(concatenated(list(read_foreign(packed))), events)
        packed.write_bytes(packed.read_bytes()[:-4000])
        with pytest.raises(InputError, match=r"\.gz: "):
            list(read_foreign(packed))


def test_variants_of_oscar2013(tmp_path, events):
    """Several ensembles, extended files with other columns first, columns in another order."""
    write_oscar2013(tmp_path / "a.oscar", events, ensemble=" ensemble 0", more="Extended")
    same(concatenated(list(read_foreign(tmp_path / "a.oscar"))), events)
    (tmp_path / "b.oscar").write_text(
        "#!OSCAR2013 particle_lists pdg px py pz p0\n# Units: none GeV GeV GeV GeV\n# SMASH-3.3\n"
        "# event 0 out 1\n211 0.3 0.4 0 0.5191124\n# event 0 end\n"
    )
    (imported,) = read_foreign(tmp_path / "b.oscar")
    np.testing.assert_allclose(imported.momenta, [[0.3, 0.4, 0, 0.5191124]])
    assert np.isnan(imported.facts["impact_parameter"][0])


def test_units_of_hepmc_are_its_own(tmp_path, events):
    write_hepmc(tmp_path / "a.hepmc", events, scale=1000.0)
    same(concatenated(list(read_foreign(tmp_path / "a.hepmc"))), events)


def test_files_in_the_frame_of_the_target(tmp_path, events):
    """f13 and f14 tell the velocity of their frame; for other formats the user does."""
    beta = 0.9176237
    lab = replace(events, momenta=boosted(events.momenta, np.tile([0, 0, beta], (len(events.pdg), 1))))
    write_urqmd(tmp_path / "a.f14", lab, beta=-beta)
    same(concatenated(list(read_foreign(tmp_path / "a.f14"))), events, digits=1e-6)
    write_oscar1997(tmp_path / "a.f19", lab)
    same(concatenated(list(read_foreign(tmp_path / "a.f19", beta=beta))), events, digits=1e-6)


def edited(path, line, change):
    """Change one line, counted from 1."""
    lines = path.read_text().split("\n")
    lines[line - 1] = change(lines[line - 1])
    path.write_text("\n".join(lines))


def worded(old, new):
    return lambda line: line.replace(old, new, 1)


def column(index, new):
    def change(line):
        entries = line.split()
        entries[index] = new
        return " ".join(entries)

    return change


@pytest.mark.parametrize(
    ("name", "line", "change", "words"),
    [
        ("a.f14", 14, column(5, "nan"), "px, line 14: expected a finite number"),
        ("a.f14", 14, column(5, "0.1.2"), "line 14: expected a number in column 6, got '0.1.2'"),
        ("a.f14", 14, column(4, "1.0E+03"), "energy, line 14: .*GeV"),
        ("a.f14", 14, column(9, "17"), "line 14: .*let resonances decay.*, got UrQMD's type 17"),
        ("a.f14", 14, lambda line: line[:40], "line 14: expected 12 columns"),
        ("a.f14", 4, worded("fm):", "fm):x"), "line 4: expected a number for impact"),
        ("a.f14", 8, lambda line: "", "expected pvec: in the header that line 1 begins, got another header"),
        ("a.f14", 12, lambda line: "x y", "line 12: expected the number of particles and the time"),
        ("a.f14", 1, lambda line: "QMD", "line 1: expected the beginning of a file of urqmd, oscar1997"),
        ("a.f19", 4, column(1, "many"), "line 4: expected an event: its number"),
        ("a.f19", 6, column(1, "4711"), "pdg, line 6: expected a particle of the PDG, got 4711"),
        ("a.f19", 6, column(1, "211.5"), "pdg, line 6: expected a whole number, got 211.5"),
        ("a.f19", 4, column(1, "-3"), "line 4: expected a number of particles from 0 to 262144, got -3"),
        ("a.f19", 6, column(5, "0.001"), "energy, line 6"),
        ("a.oscar", 1, worded(" p0", ""), "line 1: expected a column p0"),
        (
            "a.oscar",
            2,
            worded("GeV GeV GeV GeV GeV", "MeV MeV MeV MeV MeV"),
            "line 2: expected p0 in GeV, got MeV",
        ),
        ("a.oscar", 6, worded("out", "out 1 #"), "line 8: expected '# event', for the list"),
        ("a.oscar", 7, column(6, "inf"), "px, line 7: expected a finite number"),
    ],
)
def test_bad_lines_are_named(folder, name, line, change, words):
    edited(folder / name, line, change)
    with pytest.raises(InputError, match=words) as caught:
        list(read_foreign(folder / name))
    assert str(folder / name) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", FILES.values())
@pytest.mark.parametrize("part", [0.999, 0.5, 0.03])
def test_truncated_files(folder, attributes, name, part):
    """Cut in the middle of a line; nothing is left where the table would be."""
    path = folder / name
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part) - 7])
    with pytest.raises(InputError, match=r"line [0-9]+: expected"):
        import_events(path, folder / "out" / "a.parquet", attributes)
    assert not list((folder / "out").glob("*"))


@pytest.mark.parametrize(("text", "words"), [("", "line 1"), ("event,pdg\n0,211\n", "line 1: .*'event,pdg'")])
def test_foreign_files(tmp_path, text, words):
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(InputError, match=words):
        list(read_foreign(tmp_path / "a.txt"))
    with pytest.raises(InputError, match="no such file"):
        list(read_foreign(tmp_path / "b.txt"))
    with pytest.raises(InputError, match="format: expected one of urqmd"):
        list(read_foreign(tmp_path / "a.txt", "root"))


def test_files_without_events(tmp_path):
    (tmp_path / "a.f19").write_text("OSC1997A\nfinal_id_p_x\n UrQMD\n")
    with pytest.raises(InputError, match="at least one event"):
        list(read_foreign(tmp_path / "a.f19"))


OWN_FILES = """
import sys
from emulant.collisions._urqmd_worker import _generator
settings, seed = eval(sys.argv[1]), int(sys.argv[2])
generator = _generator(settings, seed)
library = generator._lib
for unit in (13, 14, 19):
    setattr(library.loptions, f"bf{unit}", 0)
for number, _ in enumerate(generator(2)):
    # f13 and f14 are written by the event itself, f19 by the main program that chromo replaces.
    if number == 0:
        library.osc_header()
    library.osc_event()
"""


@pytest.mark.skipif(not urqmd.available(), reason="chromo is not installed")
@pytest.mark.slow
@pytest.mark.parametrize("frame", ["cm", "lab"])
def test_urqmds_own_files_hold_the_events_that_we_make(tmp_path, frame):
    """The same seed written by UrQMD itself as f13, f14 and f19: species, spectators' Fermi momenta, frame."""
    system = Urqmd(impact=(13.5, 13.5), frame=frame)
    (piece,) = pieces_of(tmp_path / "pieces", 2, 20, "parquet")
    assert make_pieces(system, [piece], seed=4, progress=None) == []
    events = read_events(piece.path)
    seed = str(piece_attributes(system, piece, 4)["seed"])
    settings = vars(system)
    environment = os.environ | {"PYTHONPATH": str(Path(emulant.__file__).parent.parent)}
    subprocess.run(
        [sys.executable, "-c", OWN_FILES, repr(settings), seed],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
    )
    for name, beta in (("fort.13", 0.0), ("fort.14", 0.0), ("fort.19", 0.9176237 if frame == "lab" else 0.0)):
        (imported,) = read_foreign(tmp_path / name, beta=beta)
        np.testing.assert_array_equal(imported.counts, events.counts)
        np.testing.assert_array_equal(imported.pdg, events.pdg)
        np.testing.assert_allclose(imported.momenta, events.momenta, atol=5e-4)
        assert imported.facts["impact_parameter"].tolist() == [13.5, 13.5]
