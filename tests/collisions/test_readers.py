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
from emulant.collisions.urqmd import Urqmd, make_shards, shard_attributes, shards_of
from emulant.collisions.urqmd_types import TYPES
from emulant.errors import InputError

from .conftest import random_events

ITYP = {pdg: pair for pair, pdg in TYPES.items()}
FILES = {
    "urqmd": "a.f14",
    "urqmd13": "a.f13",
    "oscar1997": "a.f19",
    "oscar2013": "a.oscar",
    "hepmc": "a.hepmc",
}


def write_urqmd(path, events, more="", beta=0.0, times=1):
    """f14, or f13 with `more` columns; the output times before the last hold a pion at rest."""
    with path.open("w") as file:
        for k in range(len(events)):
            part = events[k : k + 1]
            file.write("UQMD   version:       30400   1000  30400  output_file  14\n")
            file.write("projectile:  (mass, char)  197  79   target:  (mass, char)  197  79 \n")
            file.write(f"transformation betas (NN,lab,pro) {beta:13.7f}  0.9176237 -0.9176237\n")
            file.write(
                f"impact_parameter_real/min/max(fm): {part.facts['impact_parameter'][0]:.4f}  0.00 13.50  total\n"
            )
            file.write("event#         0 random seed:           0 (auto)\nop  1    0    0\npa 0.1000E+01\n")
            file.write("pvec: r0              rx              ry   ityp 2i3 chg lcl#  ncl or \n")
            for _ in range(times - 1):
                file.write("           1          20\n      14       3       5       6\n")
                file.write(
                    "  0.2E+02"
                    + " 0.0E+00" * 3
                    + " 0.138E+00"
                    + " 0.0E+00" * 3
                    + " 0.138E+00  101 0 0 0 0 0\n"
                )
            file.write(f"{len(part.pdg):12d}         200\n      14       3       5       6       5       5\n")
            for pdg, (px, py, pz, energy) in zip(part.pdg, part.momenta, strict=True):
                kind, isospin = ITYP[int(pdg)]
                numbers = [200, 1, -2, 3, energy, px, py, pz, 0]
                file.write("".join(f"{number:16.8E}" for number in numbers))
                file.write(f"{kind:11d}{isospin:3d}{0:3d}{0:9d}{0:5d}{0:4d}{more}\n")


def write_oscar1997(path, events):
    with path.open("w") as file:
        file.write(
            "OSC1997A    \nfinal_id_p_x\n   UrQMD  3.4       (197,    79)+(197,    79)  eqsp  0.1000E+02         1\n"
        )
        for k in range(len(events)):
            part = events[k : k + 1]
            file.write(f"{k:10d}  {len(part.pdg):10d}  {part.facts['impact_parameter'][0]:8.4f}  {0:8.3f}\n")
            for place, (pdg, p) in enumerate(zip(part.pdg, part.momenta, strict=True), 1):
                file.write(
                    f"{place:10d}  {pdg:10d}  "
                    + "  ".join(f"{x:.9E}" for x in (*p, 0.138, 0, 0, 0, 0))
                    + "\n"
                )


def write_oscar2013(path, events, ensemble="", more=""):
    with path.open("w") as file:
        file.write(f"#!OSCAR2013{more} particle_lists t x y z mass p0 px py pz pdg ID charge\n")
        file.write("# Units: fm fm fm fm GeV GeV GeV GeV GeV none none e\n# SMASH-3.3\n")
        for k in range(len(events)):
            part = events[k : k + 1]
            file.write(f"# event {k}{ensemble} in 1\n0 0 0 0 0.138 0.138 0 0 0 111 0 0\n")
            file.write(f"# event {k}{ensemble} out {len(part.pdg)}\n")
            for place, (pdg, p) in enumerate(zip(part.pdg, part.momenta, strict=True)):
                file.write(f"200 1 2 3 0.138 {p[3]:.9g} {p[0]:.9g} {p[1]:.9g} {p[2]:.9g} {pdg} {place} 0\n")
            impact = part.facts["impact_parameter"][0]
            file.write(f"# event {k}{ensemble} end 0 impact {impact:7.4f} scattering_projectile_target yes\n")


def write_hepmc(path, events, scale=1.0):
    import pyhepmc

    unit = pyhepmc.Units.GEV if scale == 1.0 else pyhepmc.Units.MEV
    with pyhepmc.open(str(path), "w") as file:
        for k in range(len(events)):
            part = events[k : k + 1]
            event = pyhepmc.GenEvent(unit, pyhepmc.Units.MM)
            event.event_number = k
            ions = pyhepmc.GenHeavyIon()
            ions.impact_parameter = part.facts["impact_parameter"][0]
            event.heavy_ion = ions
            vertex = pyhepmc.GenVertex()
            beam = pyhepmc.GenParticle((0, 0, scale, scale), 2212, 4)
            vertex.add_particle_in(beam)
            for pdg, p in zip(part.pdg, part.momenta, strict=True):
                vertex.add_particle_out(pyhepmc.GenParticle(tuple(p * scale), int(pdg), 1))
            vertex.add_particle_out(pyhepmc.GenParticle((0, 0, scale, scale * 2), 113, 2))
            event.add_vertex(vertex)
            file.write(event)


@pytest.fixture
def made():
    return random_events(130, mean=12)


@pytest.fixture
def folder(tmp_path, made):
    """The same events in every format."""
    write_urqmd(tmp_path / "a.f14", made, times=2)
    write_urqmd(tmp_path / "a.f13", made, more="".join(f"{number:16.8E}" for number in range(8)))
    write_oscar1997(tmp_path / "a.f19", made)
    write_oscar2013(tmp_path / "a.oscar", made)
    write_hepmc(tmp_path / "a.hepmc", made)
    return tmp_path


def same(found, made, digits=1e-7):
    np.testing.assert_array_equal(found.number, made.number)
    np.testing.assert_array_equal(found.counts, made.counts)
    np.testing.assert_array_equal(found.pdg, made.pdg)
    np.testing.assert_allclose(found.momenta, made.momenta, atol=digits)
    np.testing.assert_allclose(found.facts["impact_parameter"], made.facts["impact_parameter"], atol=1e-4)


@pytest.mark.parametrize("name", FILES.values())
def test_every_format_gives_the_same_events(folder, made, attributes, name):
    """Among them an event without particles; batches do not cut events."""
    assert import_events(folder / name, folder / "a.parquet", attributes) == 130
    same(read_events(folder / "a.parquet"), made)


def test_formats_are_told_by_their_first_line(folder):
    found = [format_of(folder / name) for name in FILES.values()]
    assert found == ["urqmd", "urqmd", "oscar1997", "oscar2013", "hepmc"]


def test_compressed_files(folder, made):
    for name in ("a.f14", "a.hepmc"):
        packed = folder / f"{name}.gz"
        packed.write_bytes(gzip.compress((folder / name).read_bytes()))
        same(concatenated(list(read_foreign(packed))), made)
        packed.write_bytes(packed.read_bytes()[:-4000])
        with pytest.raises(InputError, match=r"\.gz: "):
            list(read_foreign(packed))


def test_variants_of_oscar2013(tmp_path, made):
    """Several ensembles, extended files with other columns first, columns in another order."""
    write_oscar2013(tmp_path / "a.oscar", made, ensemble=" ensemble 0", more="Extended")
    same(concatenated(list(read_foreign(tmp_path / "a.oscar"))), made)
    (tmp_path / "b.oscar").write_text(
        "#!OSCAR2013 particle_lists pdg px py pz p0\n# Units: none GeV GeV GeV GeV\n# SMASH-3.3\n"
        "# event 0 out 1\n211 0.3 0.4 0 0.5191124\n# event 0 end\n"
    )
    (found,) = read_foreign(tmp_path / "b.oscar")
    np.testing.assert_allclose(found.momenta, [[0.3, 0.4, 0, 0.5191124]])
    assert np.isnan(found.facts["impact_parameter"][0])


def test_units_of_hepmc_are_its_own(tmp_path, made):
    write_hepmc(tmp_path / "a.hepmc", made, scale=1000.0)
    same(concatenated(list(read_foreign(tmp_path / "a.hepmc"))), made)


def test_files_in_the_frame_of_the_target(tmp_path, made):
    """f13 and f14 tell the velocity of their frame; for other formats the user does."""
    beta = 0.9176237
    lab = replace(made, momenta=boosted(made.momenta, np.tile([0, 0, beta], (len(made.pdg), 1))))
    write_urqmd(tmp_path / "a.f14", lab, beta=-beta)
    same(concatenated(list(read_foreign(tmp_path / "a.f14"))), made, digits=1e-6)
    write_oscar1997(tmp_path / "a.f19", lab)
    same(concatenated(list(read_foreign(tmp_path / "a.f19", beta=beta))), made, digits=1e-6)


def edited(path, line, change):
    """Change one line, counted from 1."""
    lines = path.read_text().split("\n")
    lines[line - 1] = change(lines[line - 1])
    path.write_text("\n".join(lines))


def worded(old, new):
    return lambda line: line.replace(old, new, 1)


def column(place, new):
    def change(line):
        entries = line.split()
        entries[place] = new
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
        ("a.f19", 6, column(1, "310"), "pdg, line 6: .*K0 and K0bar are"),
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
    assert not list((folder / "out").iterdir())


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
    (shard,) = shards_of(tmp_path / "shards", 2)
    assert make_shards(system, [shard], seed=4, progress=None) == []
    made = read_events(shard.path)
    seed = str(shard_attributes(system, shard, 4)["seed"])
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
        (found,) = read_foreign(tmp_path / name, beta=beta)
        np.testing.assert_array_equal(found.counts, made.counts)
        np.testing.assert_array_equal(found.pdg, made.pdg)
        np.testing.assert_allclose(found.momenta, made.momenta, atol=5e-4)
        assert found.facts["impact_parameter"].tolist() == [13.5, 13.5]
