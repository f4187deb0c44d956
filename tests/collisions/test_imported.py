"""Events that users bring as a reference: in every format, halves, and what is refused."""

import numpy as np
import pytest

from emulant.collisions.events import Events, boosted, concatenated
from emulant.collisions.imported import energy_of_nuclei, import_half
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.tables import read_events, write_events
from emulant.collisions.urqmd_types import centre_of_mass_boost
from emulant.errors import InputError
from emulant.forms.events import form
from emulant.systems.collision.system import Collision

from .foreign_files import write_hepmc, write_oscar1997, write_oscar2013, write_urqmd

CARBON = {"projectile": [12, 6], "target": [12, 6], "energy": 10.0, "impact": [1.0, 1.0]}
WRITERS = {"a.f14": write_urqmd, "a.f19": write_oscar1997, "a.oscar": write_oscar2013, "a.hepmc": write_hepmc}
ATTRIBUTES = {"system": "collision", "parameters": "{}", "sampler": "file", "seed": "1"}


@pytest.fixture(scope="module")
def events():
    return concatenated(list(Surrogate(**CARBON).events(130, seed=1)))


def in_parquet(path, events):
    write_events(path, events, ATTRIBUTES)


@pytest.mark.parametrize("name", [*WRITERS, "a.parquet"])
def test_halves_of_every_format_are_the_whole(tmp_path, events, name):
    """Even events train, odd ones judge; numbers, particles and impact parameters are kept."""
    WRITERS.get(name, in_parquet)(tmp_path / name, events)
    for half, first in (("training", 0), ("reference", 1)):
        path = tmp_path / f"{half}.parquet"
        assert import_half(tmp_path / name, path, CARBON, ATTRIBUTES, half=half) == 65
        imported = read_events(path)
        assert imported.number.tolist() == list(range(first, 130, 2))
        selected = concatenated([events[k : k + 1] for k in range(first, 130, 2)])
        np.testing.assert_array_equal(imported.pdg, selected.pdg)
        np.testing.assert_allclose(imported.momenta, selected.momenta, atol=1e-6)
        np.testing.assert_allclose(imported.facts["impact_parameter"], 1.0)


def test_the_target_frame_is_said_in_the_settings(tmp_path, events):
    beta = np.tile([0.0, 0.0, centre_of_mass_boost(10.0)], (len(events.pdg), 1))
    moving = Events(events.number, events.counts, events.pdg, boosted(events.momenta, beta), events.facts)
    write_oscar2013(tmp_path / "lab.oscar", moving)
    with pytest.raises(InputError, match=r"sum of E, event 0: expected 56\.6 GeV within 2\.8 in the nucleon"):
        import_half(tmp_path / "lab.oscar", tmp_path / "a.parquet", CARBON, ATTRIBUTES, half="reference")
    import_half(
        tmp_path / "lab.oscar", tmp_path / "a.parquet", CARBON, ATTRIBUTES, half="reference", frame="lab"
    )
    imported = read_events(tmp_path / "a.parquet")
    np.testing.assert_allclose(imported.sums(imported.momenta[:, 2]), 0, atol=1e-4)


def without_one(events, pdg):
    mask = np.ones(len(events.pdg), bool)
    mask[np.flatnonzero((events.pdg == pdg) & (events.owner == 7))[0]] = False
    return events.where(mask)


def test_events_of_other_nuclei_or_energies_are_refused(tmp_path, events):
    def refused(change, content=events, **options):
        write_events(tmp_path / "mine.parquet", content, ATTRIBUTES)
        with pytest.raises(InputError) as caught:
            import_half(
                tmp_path / "mine.parquet",
                tmp_path / "out.parquet",
                CARBON | change,
                ATTRIBUTES,
                half="training",
                **options,
            )
        assert "mine.parquet" in str(caught.value) and not (tmp_path / "out.parquet").exists()
        assert not list(tmp_path.glob(".out*"))
        return str(caught.value)

    assert "B, event 0: expected 126 as in the nuclei (`complete: false`" in refused(
        {"projectile": [63, 29], "target": [63, 29]}
    )
    assert "Q, event 0: expected 14" in refused({"projectile": [12, 7], "target": [12, 7]})
    assert "sum of E, event 0: expected 113" in refused({"energy": 46.0})
    assert "B, event 7: expected 24" in refused({}, without_one(events, 2212))
    assert "B, event 0: expected at most 22" in refused({"target": [10, 6]}, complete=False)
    assert "events: expected at least 128" in refused({}, events[:100])


def test_incomplete_events_are_taken_where_that_is_said(tmp_path, events):
    write_events(tmp_path / "mine.parquet", without_one(events, 2212), ATTRIBUTES)
    settings = {"sampler": "file", "complete": False, "file": str(tmp_path / "mine.parquet")}
    record = form.import_file(
        Collision(CARBON), tmp_path / "out.parquet", settings=settings, seed=1, half="reference"
    )
    assert record["samples"] == 65 and record["complete"] is False
    assert record["sum_B"]["mean"] == pytest.approx(24 - 1 / 65)


def test_energies_of_nuclei_by_hand():
    """Gold on gold at 10 GeV a nucleon: sqrt(s_NN) = 4.7226 GeV; a proton on gold moves backwards."""
    energy, momentum = energy_of_nuclei({"projectile": [197, 79], "target": [197, 79], "energy": 10.0})
    assert (energy, momentum) == (pytest.approx(197 * 4.7226, rel=1e-3), 0.0)
    assert energy_of_nuclei({"projectile": [1, 1], "target": [197, 79], "energy": 10.0})[1] < 0
