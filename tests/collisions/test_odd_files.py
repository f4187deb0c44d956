"""Files as programs and their users really leave them: Fortran's numbers, joined files, events without particles."""

import re
from collections import Counter

import numpy as np
import pytest

from emulant.collisions.events import concatenated
from emulant.collisions.readers import read_foreign
from emulant.errors import InputError

from .conftest import random_events
from .foreign_files import write_hepmc, write_oscar1997, write_oscar2013, write_urqmd

EXPONENT = re.compile(r"E([+-]\d\d)\b")


@pytest.fixture
def sample():
    return random_events(70, mean=6)


def same(path, sample):
    events = concatenated(list(read_foreign(path)))
    np.testing.assert_array_equal(events.counts, sample.counts)
    np.testing.assert_array_equal(events.pdg, sample.pdg)
    np.testing.assert_allclose(events.momenta, sample.momenta, atol=1e-7)
    np.testing.assert_allclose(events.facts["impact_parameter"], sample.facts["impact_parameter"], atol=1e-4)


@pytest.mark.parametrize("writer", [write_urqmd, write_oscar1997])
def test_exponents_of_double_precision(tmp_path, sample, writer):
    """0.1D+00 throughout, and a few numbers that are too small for an exponent of two digits."""
    path = tmp_path / "a"
    writer(path, sample)
    text = EXPONENT.sub(r"D\1", path.read_text())
    path.write_text(re.sub(r" 1\.00000000D\+00 ", " 0.12345678-100 ", text))
    same(path, sample)


def test_stars_of_urqmd(tmp_path, sample):
    """A position beyond the field fills it, up to the number before: it is not used, and no column moves."""
    path = tmp_path / "a.f14"
    write_urqmd(path, sample)
    position = f"{1:16.8E}{-2:16.8E}"
    assert position in path.read_text()
    path.write_text(path.read_text().replace(position, f"{1:16.8E}{'*' * 16}"))
    same(path, sample)
    path.write_text(path.read_text().replace(f"{1:16.8E}{'*' * 16}", "*" * 32))
    same(path, sample)


def test_a_header_before_each_event_and_joined_files(tmp_path, sample):
    path = tmp_path / "a.f19"
    write_oscar1997(path, sample)
    lines = path.read_text().splitlines(keepends=True)
    header, events = lines[:3], lines[3:]
    path.write_text("".join(re.sub(r"^( +\d+ +\d+ +\d\.\d{4} .*)$", r"HEADER\1", line) for line in events))
    path.write_text(path.read_text().replace("HEADER", "".join(header)))
    assert path.read_text().count("OSC1997A") == 70
    same(path, sample)
    write_oscar1997(path, sample)
    path.write_text(path.read_text() * 2)
    same(path, concatenated([sample, sample]))


def test_joined_files_may_order_their_columns_otherwise(tmp_path):
    first = "#!OSCAR2013 particle_lists pdg px py pz p0\n# Units: none GeV GeV GeV GeV\n# event 0 out 1\n"
    other = "#!OSCAR2013 particle_lists p0 px py pz pdg\n# Units: GeV GeV GeV GeV none\n# event 0 out 1\n"
    end = "# event 0 end 0 impact 1.0\n"
    (tmp_path / "a.oscar").write_text(
        f"{first}211 0.3 0.4 0 0.5191124\n{end}{other}0.5191124 0.4 0.3 0 -211\n{end}"
    )
    (events,) = read_foreign(tmp_path / "a.oscar")
    assert events.pdg.tolist() == [211, -211]
    np.testing.assert_allclose(events.momenta[:, :2], [[0.3, 0.4], [0.4, 0.3]])


@pytest.mark.parametrize("version", [2, 3])
def test_empty_events_and_joined_files_of_hepmc(tmp_path, version):
    """An event that says that it is empty is one; the same lines where particles were promised are a truncated one."""
    import pyhepmc

    path = tmp_path / "a.hepmc"
    writers = {2: pyhepmc.io.WriterAsciiHepMC2, 3: pyhepmc.io.WriterAscii}
    with writers[version](str(path)) as file:
        for number in range(3):
            event = pyhepmc.GenEvent(pyhepmc.Units.GEV, pyhepmc.Units.MM)
            event.event_number, event.weights = number, [0.5 + number]
            if number != 1:
                vertex = pyhepmc.GenVertex()
                vertex.add_particle_in(pyhepmc.GenParticle((0, 0, 1, 1), 2212, 4))
                vertex.add_particle_out(pyhepmc.GenParticle((0.3, 0.4, 0, 0.5191124), 211, 1))
                event.add_vertex(vertex)
            file.write(event)
    (events,) = read_foreign(path)
    assert events.counts.tolist() == [1, 0, 1]
    assert events.facts["weight"].tolist() == [0.5, 1.5, 2.5]
    text = path.read_text()
    path.write_text(text * 2)
    assert concatenated(list(read_foreign(path))).counts.tolist() == [1, 0, 1] * 2
    cut = text.index("\nE 1 ")
    path.write_text(text[:cut] + "\nE 1 1 2\n" if version == 3 else text[: text.index("\nV ")] + "\n")
    with pytest.raises(InputError, match="a whole HepMC event from here"):
        list(read_foreign(path))


SMASH = "# event {} ensemble {} end 0 impact  12.300 scattering_projectile_target {}\n"


def test_events_of_smash_without_a_list(tmp_path, sample):
    """`Only_Final: IfNotEmpty` leaves an end alone where nuclei missed each other; a list of none is an empty event."""
    path = tmp_path / "a.oscar"
    write_oscar2013(path, sample[:3], ensemble=" ensemble 0")
    path.write_text(path.read_text() + SMASH.format(3, 0, "no") + "# event 4 end 0 impact 12.3 empty yes\n")
    remarks = Counter()
    (events,) = read_foreign(path, remarks=remarks)
    assert events.counts.tolist() == sample.counts[:3].tolist() and events.counts[2] == 0
    assert remarks == {"without a list of particles (nuclei that missed each other) are left out": 2}
    path.write_text(path.read_text() + SMASH.format(5, 0, "yes"))
    with pytest.raises(InputError, match="expected particles before the end of an event, got none"):
        list(read_foreign(path))


def test_parallel_ensembles_and_several_weights_are_counted(tmp_path, sample):
    write_oscar2013(tmp_path / "a.oscar", sample[:3], ensemble=" ensemble 1")
    remarks = Counter()
    list(read_foreign(tmp_path / "a.oscar", remarks=remarks))
    ((remark, number),) = remarks.items()
    assert number == 3 and "parallel ensembles" in remark
    write_hepmc(tmp_path / "a.hepmc", sample[:2], weights=([0.5, 9.0], [0.7, 9.0]))
    remarks = Counter()
    (events,) = read_foreign(tmp_path / "a.hepmc", remarks=remarks)
    assert events.facts["weight"].tolist() == [0.5, 0.7]
    ((remark, number),) = remarks.items()
    assert number == 2 and "several weights" in remark


def test_weights_of_particles_are_refused(tmp_path):
    text = "#!OSCAR2013 particle_lists pdg px py pz p0 photon_weight\n# Units: none GeV GeV GeV GeV none\n"
    text += "# event 0 out 2\n211 0.3 0.4 0 0.5191124 1\n22 0.3 0.4 0 0.5 {}\n# event 0 end 0 impact 1.0\n"
    (tmp_path / "a.oscar").write_text(text.format("1.0"))
    assert len(next(read_foreign(tmp_path / "a.oscar")).pdg) == 2
    (tmp_path / "a.oscar").write_text(text.format("0.01"))
    with pytest.raises(InputError, match=r"line 5: expected photon_weight 1, .*got 0.01"):
        list(read_foreign(tmp_path / "a.oscar"))


@pytest.mark.parametrize("unknown", [-1.0, -9999.0])
def test_negative_impact_parameters_are_unknown(tmp_path, sample, unknown):
    events = sample[:2]
    events.facts["impact_parameter"][:] = [unknown, 2.0]
    write_oscar2013(tmp_path / "a.oscar", events)
    (events,) = read_foreign(tmp_path / "a.oscar")
    np.testing.assert_array_equal(events.facts["impact_parameter"], [np.nan, 2.0])
