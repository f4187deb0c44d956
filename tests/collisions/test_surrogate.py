"""The surrogate: Glauber, gas and blast wave against closed forms, and exact conservation of it all."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import iv, kn

from emulant.collisions.blast_wave import thermal_momenta
from emulant.collisions.events import boosted, concatenated, on_shell
from emulant.collisions.glauber import collide, nucleons, woods_saxon_radius
from emulant.collisions.hadron_gas import canonical_counts, yields_per_baryon
from emulant.collisions.species import CHARGES, MASSES, PDG
from emulant.collisions.surrogate import FACTS, Surrogate
from emulant.collisions.tables import EventWriter, read_events
from emulant.errors import InputError

GOLD = (197, 79)


@pytest.fixture
def generator():
    return np.random.default_rng(7)


def test_nucleons_follow_woods_saxon(generator):
    radius = np.linalg.norm(nucleons(197, 400, generator), axis=-1)
    edge = woods_saxon_radius(197)
    assert edge == pytest.approx(6.37, abs=0.01)
    norm, second = (quad(lambda r, k=k: r**k / (1 + np.exp((r - edge) / 0.54)), 0, 16)[0] for k in (2, 4))
    assert np.mean(radius**2) == pytest.approx(second / norm, rel=4 * np.std(radius**2) / 28 / 280 / 1.4)


def test_participants_of_gold_at_7_fm(generator):
    """185 at 42 mb: T_RENTo has 185.2 with smooth nucleons; black discs differ by a few."""
    hit = collide(GOLD, GOLD, np.full(128, 7.0), 4.2, generator)
    participants = hit.projectile.sum(axis=1) + hit.target.sum(axis=1)
    assert participants.mean() == pytest.approx(185, abs=12)
    assert hit.eccentricity.mean() == pytest.approx(0.28, abs=0.06)
    assert hit.protons_target.sum(axis=1).tolist() == [79] * 128


def test_nuclei_that_miss_and_single_nucleons(generator):
    far = collide(GOLD, GOLD, np.full(4, 60.0), 4.2, generator)
    assert not far.projectile.any() and not far.eccentricity.any()
    radius = np.sqrt(4.2 / np.pi)
    near = collide((1, 1), (1, 1), np.array([0.99, 1.01]) * radius, 4.2, generator)
    assert near.projectile.ravel().tolist() == [True, False]


def test_yields_have_the_charges_of_the_nuclei():
    numbers = np.array(yields_per_baryon(0.115, 0.48, 0.5, 79 / 197))
    np.testing.assert_allclose(numbers @ CHARGES, [1, 79 / 197, 0], atol=1e-10)
    proton, antiproton = numbers[PDG == 2212], numbers[PDG == -2212]
    neutron = numbers[PDG == 2112]
    assert antiproton < 1e-3 * proton < proton < neutron


def test_canonical_pions(generator):
    """Charged pions alone with Q = 0: <N> = z I_1(2z) / I_0(2z), known in closed form."""
    z = 1.3
    means = np.full((20_000, 26), 1e-12)
    means[:, [PDG.tolist().index(pdg) for pdg in (211, -211)]] = z
    counts = canonical_counts(means, np.zeros((20_000, 3), int), generator)
    positive = counts[:, PDG == 211].ravel()
    np.testing.assert_array_equal(positive, counts[:, PDG == -211].ravel())
    exact = z * iv(1, 2 * z) / iv(0, 2 * z)
    assert positive.mean() == pytest.approx(exact, abs=4 * positive.std() / np.sqrt(20_000))
    assert np.mean(positive**2) == pytest.approx(z**2, abs=4 * np.std(positive**2) / np.sqrt(20_000))


def test_canonical_charges_are_exact(generator):
    means = 300 * np.tile(yields_per_baryon(0.115, 0.48, 0.5, 79 / 197), (50, 1))
    charges = np.column_stack([np.full(50, 300), np.arange(100, 150), np.zeros(50, int)])
    counts = canonical_counts(means, charges, generator)
    assert counts.min() >= 0
    np.testing.assert_array_equal(counts @ CHARGES, charges)


def test_thermal_momenta(generator):
    """<E> of a Boltzmann gas is m K_1(m/T) / K_2(m/T) + 3 T."""
    temperature = 0.12
    for kind in (0, int(np.flatnonzero(PDG == 211)[0])):
        momenta = thermal_momenta(np.full(40_000, kind), temperature, generator)
        energy = np.sqrt(np.sum(momenta**2, axis=1) + MASSES[kind] ** 2)
        ratio = MASSES[kind] / temperature
        exact = MASSES[kind] * kn(1, ratio) / kn(2, ratio) + 3 * temperature
        assert energy.mean() == pytest.approx(exact, abs=4 * energy.std() / 200)
        assert np.abs(momenta.mean(axis=0)).max() < 5 * momenta.std() / 200


def test_boosts_keep_masses_and_are_undone(generator):
    momenta = on_shell(generator.normal(size=(100, 3)), np.full(100, 0.5))
    velocity = generator.uniform(-0.5, 0.5, (100, 3))
    moved = boosted(momenta, velocity)
    np.testing.assert_allclose(moved[:, 3] ** 2 - np.sum(moved[:, :3] ** 2, axis=1), 0.25)
    np.testing.assert_allclose(boosted(moved, -velocity), momenta, atol=1e-12)
    still = boosted(np.array([[0, 0, 0, 2.0]]), velocity[:1])[0]
    np.testing.assert_allclose(still[:3] / still[3], velocity[0])


@pytest.mark.parametrize(
    "system",
    [
        Surrogate(),
        Surrogate(impact=(0.0, 16.0)),
        Surrogate(projectile=(63, 29), target=(208, 82), impact=(3.0, 3.0)),
        Surrogate(projectile=(2, 1), target=(2, 1), impact=(0.0, 3.0)),
    ],
)
def test_every_event_conserves_everything(system):
    """Energy, momentum, B, Q, S of the two nuclei, in every event; central, peripheral, asymmetric and tiny."""
    events = concatenated(list(system.events(96, seed=3)))
    (a, za), (b, zb) = system.projectile, system.target
    np.testing.assert_array_equal(events.sums(events.charges), [[a + b, za + zb, 0]] * 96)
    p = system.beam_momentum
    initial = (za + zb) * np.hypot(p, MASSES[0]) + (a + b - za - zb) * np.hypot(p, MASSES[1])
    np.testing.assert_allclose(events.sums(events.momenta), [[0, 0, (a - b) * p, initial]] * 96, atol=1e-9)
    low, high = system.impact
    assert np.all((events.facts["impact_parameter"] >= low) & (events.facts["impact_parameter"] <= high))


def test_the_same_seed_gives_the_same_events():
    system = Surrogate(projectile=(16, 8), target=(16, 8))
    one, two = (concatenated(list(system.events(n, seed=5))) for n in (100, 70))
    np.testing.assert_array_equal(one[:70].momenta, two.momenta)
    assert one.number.tolist() == list(range(100))
    later = concatenated(list(system.events(36, seed=5, first=64)))
    np.testing.assert_array_equal(later.momenta, one[64:].momenta)
    other = concatenated(list(system.events(70, seed=6)))
    assert not np.array_equal(other.counts, two.counts)


def test_central_gold_is_of_the_right_order():
    """UrQMD, b = 1 fm: <N> = 1022; p 170, n 191, pi- 189, K+ 22, <pT> of p 0.66 and pi- 0.30 GeV."""
    events = concatenated(list(Surrogate().events(64, seed=2)))
    assert events.counts.mean() == pytest.approx(1022, rel=0.1)
    for pdg, number, pt in ((2212, 170, 0.66), (2112, 191, 0.65), (-211, 189, 0.30), (321, 22, 0.51)):
        mine = events.pdg == pdg
        assert mine.sum() / 64 == pytest.approx(number, rel=0.25)
        assert events.pt[mine].mean() == pytest.approx(pt, rel=0.25)


def test_flow_follows_the_shape_of_the_overlap():
    events = concatenated(list(Surrogate(impact=(7.0, 7.0)).events(128, seed=2)))
    pions = (np.abs(events.pdg) == 211) & (events.pt > 0.3)
    v2 = np.cos(2 * events.phi[pions])
    assert 4 * v2.std() / np.sqrt(len(v2)) < v2.mean() < 0.3
    still = concatenated(list(replace(Surrogate(impact=(7.0, 7.0)), response=0.0).events(64, seed=2)))
    v2 = np.cos(2 * still.phi[still.pt > 0])
    assert abs(v2.mean()) < 4 * v2.std() / np.sqrt(len(v2))


def test_written_events_are_read_unchanged(tmp_path, attributes):
    system = Surrogate(projectile=(16, 8), target=(16, 8), impact=(0.0, 12.0))
    with EventWriter(tmp_path / "a.parquet", attributes, FACTS) as writer:
        for part in system.events(100, seed=1):
            writer.append(part)
    again = read_events(tmp_path / "a.parquet")
    np.testing.assert_array_equal(again.momenta, concatenated(list(system.events(100, seed=1))).momenta)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"impact": (3.0, 1.0)}, "impact"),
        ({"energy": 0.0}, "energy"),
        ({"surface_velocity": 1.0}, "surface_velocity"),
        ({"target": (8, 16)}, "target"),
        ({"kinetic_temperature": -0.1}, "kinetic_temperature"),
    ],
)
def test_bad_settings_are_named(change, words):
    with pytest.raises(InputError, match=words):
        Surrogate(**change)


def test_too_little_energy_is_said():
    system = Surrogate(energy=0.26, projectile=(16, 8), target=(16, 8))
    with pytest.raises(RuntimeError, match="too little energy"):
        next(system.events(1, seed=1))
