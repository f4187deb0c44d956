"""Events that users bring as a reference: in every format, halves, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from emulant.collisions.conserved import net_charges
from emulant.collisions.ensemble import EventEnsemble
from emulant.collisions.events import Events, boosted, concatenated, on_shell
from emulant.collisions.imported import import_half
from emulant.collisions.of_nuclei import energy_of_nuclei
from emulant.collisions.species import masses_of
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.tables import read_events, write_events
from emulant.collisions.urqmd_types import centre_of_mass_boost
from emulant.errors import InputError
from emulant.families._slots import impacts_of
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
    assert "sum of E, event 0: expected at most 54.5 GeV, the nuclei's and 2.6 more" in refused(
        {"target": [10, 6]}, complete=False
    )
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


def imported(tmp_path, events, change=None, **options):
    """Import events from Parquet; returns the reference half and what is to be said."""
    write_events(tmp_path / "mine.parquet", events, ATTRIBUTES)
    parameters = CARBON | (change or {})
    import_half(
        tmp_path / "mine.parquet",
        tmp_path / "out.parquet",
        parameters,
        ATTRIBUTES,
        half="reference",
        **options,
    )
    with EventEnsemble(tmp_path / "out.parquet") as ensemble:
        return ensemble.read(), ensemble.attributes.get("remarks", [])


def with_impacts(events, impact):
    return replace(events, facts={"impact_parameter": impact})


def test_an_unknown_impact_parameter_is_that_of_the_system(tmp_path, events):
    """NaN, -1 and -9999 are unknown; where the system has a range they stay so."""
    impact = np.where(np.arange(130) % 3 == 0, 1.0, np.resize([np.nan, -1.0, -9999.0], 130))
    half, remarks = imported(tmp_path, with_impacts(events, impact))
    assert half.facts["impact_parameter"].tolist() == [1.0] * 65
    assert remarks == ["86 events have no impact parameter in the file and get 1 fm, that of the system"]
    half, remarks = imported(tmp_path, with_impacts(events, impact), {"impact": [0.5, 2.0]})
    assert (
        np.isnan(half.facts["impact_parameter"]).sum()
        == np.isnan(impact[1::2]).sum() + (impact[1::2] < 0).sum()
    )
    assert remarks == ["86 events have no impact parameter in the file and can train no model"]


def test_events_without_an_impact_parameter_train_none(tmp_path, events):
    """Before any work; with that of every event they do."""
    impact = np.ones(130)
    impact[7] = np.nan
    with pytest.raises(
        InputError, match=r"impact_parameter: expected that of every event .*, got none in 1 of 130"
    ):
        impacts_of(with_impacts(events, impact))
    with pytest.raises(InputError, match="none in 130 of 130"):
        impacts_of(replace(events, facts={}))
    assert impacts_of(events).tolist() == [1.0] * 130


@pytest.mark.parametrize(
    ("impact", "allowed", "words"),
    [
        (6.0, [1.0, 1.0], "event 8: expected 1 fm, the `impact` of the system, got 6"),
        (3.02, [0.0, 3.0], "event 8: expected 0 to 3 fm, .* got 3.02"),
    ],
)
def test_an_impact_parameter_outside_the_systems_is_refused(tmp_path, events, impact, allowed, words):
    one = np.ones(130)
    one[8] = impact
    with pytest.raises(InputError, match=words):
        imported(tmp_path, with_impacts(events, one), {"impact": allowed})
    one[8] = allowed[1] + 0.004
    assert len(imported(tmp_path, with_impacts(events, one), {"impact": allowed})[0]) == 65


def with_other_kinds(events, old, new):
    """The same momenta, on the shell of other species, for every particle of one."""
    pdg = np.where(events.pdg == old, new, events.pdg)
    return replace(events, pdg=pdg, momenta=on_shell(events.momenta[:, :3], masses_of(pdg)))


def test_short_lived_kaons_count_where_strangeness_is_not_asked_for(tmp_path, events):
    """A kaon of no definite strangeness is one line for complete events, and said for others."""
    events = with_other_kinds(events, 311, 310)
    having = np.count_nonzero(events.sums(events.pdg == 310))
    assert having > 10
    with pytest.raises(
        InputError, match=r"S, event .*K_S and K_L have no definite strangeness .*got [1-9] of 310 or 130"
    ):
        imported(tmp_path, events)
    ensemble, remarks = imported(tmp_path, events, complete=False)
    assert (ensemble.pdg == 310).any()
    assert remarks == [
        f"{having} events have K_S or K_L, which are of no definite strangeness and count as S = 0",
        "no event has K0",
    ]


def test_a_file_without_neutral_particles_says_so(tmp_path, events):
    charged = np.isin(events.pdg, [2212, 211, -211, 321, -321])
    chosen = replace(
        events,
        counts=events.sums(charged).astype(int),
        pdg=events.pdg[charged],
        momenta=events.momenta[charged],
    )
    _, remarks = imported(tmp_path, chosen, complete=False)
    assert remarks == ["no event has n, pi0, K0, Lambda, eta, Sigma-, K~0, Sigma0, Sigma+"]


def test_antimatter_neutrinos_and_hypernuclei_are_events_too(tmp_path):
    """p + p of which a window sees net B = 3: what balances it is outside."""
    kinds = np.array([2212, 2212, 1010010030, -12, -2112, -1010010030, 2212, 1000010020])
    momenta = on_shell(np.tile([0.1, 0.2, 0.3], (8, 1)), masses_of(kinds))
    pdg, momenta = np.tile(kinds, 130), np.tile(momenta, (130, 1))
    events = Events(np.arange(130), np.full(130, 8), pdg, momenta, {"impact_parameter": np.zeros(130)})
    protons = {"projectile": [1, 1], "target": [1, 1], "energy": 200.0, "impact": [0.0, 0.0]}
    ensemble, _ = imported(tmp_path, events, protons, complete=False)
    np.testing.assert_array_equal(net_charges(ensemble), np.tile([4, 4, 0], (65, 1)))


def test_neighbours_without_collision_are_said(tmp_path, events):
    """SMASH's events whose particles are not listed leave no hole: every second of the others judges."""
    path = tmp_path / "a.oscar"
    write_oscar2013(path, events)
    end = "# event 9 end 0 impact   1.000 scattering_projectile_target no\n"
    path.write_text(path.read_text().replace("# event 0 in", end + "# event 0 in", 1))
    settings = {"sampler": "file", "file": str(path)}
    record = form.import_file(
        Collision(CARBON), tmp_path / "out.parquet", settings=settings, seed=1, half="reference"
    )
    words = "1 events without a list of particles (nuclei that missed each other) are left out"
    assert record["remarks"] == [words] and record["samples"] == 65
