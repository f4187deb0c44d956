"""Observables of events against brute force, closed forms, and ensembles in which the answer is known."""

from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest

from emulant.collisions.conserved import (
    TOTALS,
    event_totals,
    net_charge_powers,
    net_charges,
    rounded_totals,
    sum_spread,
    violations,
)
from emulant.collisions.counts import (
    correlations,
    covariances,
    cumulants_of,
    powers,
    products,
    shape_of,
    species_counts,
)
from emulant.collisions.events import Events, concatenated, on_shell
from emulant.collisions.flow import flow_cumulants, plane_flow, plane_sums, signed_flow, tuple_sums
from emulant.collisions.species import PDG
from emulant.collisions.spectra import (
    dynamical_pt_covariance,
    event_mean_pt,
    mean_pt,
    mean_pt_spread,
    pt_density,
    pt_pairs,
    pt_sums,
    rapidity_density,
)
from emulant.collisions.surrogate import Surrogate
from emulant.collisions.windows import Window, event_histogram
from emulant.statistics.bootstrap import bootstrap

PION = 0.13957039


def pions(pt, phi, rapidity, counts):
    """Positive pions of given kinematics."""
    mass = np.hypot(pt, PION)
    momenta = np.column_stack(
        [pt * np.cos(phi), pt * np.sin(phi), mass * np.sinh(rapidity), mass * np.cosh(rapidity)]
    )
    return Events(np.arange(len(counts)), np.asarray(counts), np.full(len(pt), 211), momenta)


@pytest.fixture(scope="module")
def surrogate():
    return concatenated(
        list(Surrogate(projectile=(40, 18), target=(40, 18), impact=(2.0, 2.0)).events(300, seed=1))
    )


def test_counts_by_hand(events):
    counts = species_counts(events)
    for event in (0, 2, 699):
        mine = events.pdg[events.owner == event]
        np.testing.assert_array_equal(counts[event], [(mine == pdg).sum() for pdg in PDG])
    assert counts[2].sum() == 0
    positive = species_counts(events, Window(rapidity=(0, 0.5), pt=(0.2, np.inf), charged=True))
    chosen = (
        (events.rapidity >= 0) & (events.rapidity < 0.5) & (events.pt >= 0.2) & (events.charges[:, 1] != 0)
    )
    assert positive.sum() == chosen.sum() > 0


def test_particles_beyond_the_26_are_not_counted():
    photon = Events(
        np.arange(1), np.array([2]), np.array([22, 211]), on_shell(np.eye(3)[[0, 0]], np.array([0, PION]))
    )
    assert species_counts(photon).sum() == 1
    assert pt_sums(photon).sum() == pytest.approx(2)


def test_cumulants_are_central_moments():
    x = np.random.default_rng(1).gamma(3.0, size=(5000, 2)) * 40
    cumulants = cumulants_of(powers(x).mean(axis=0))
    d = x - x.mean(axis=0)
    second, fourth = (d**2).mean(axis=0), (d**4).mean(axis=0)
    exact = np.column_stack([x.mean(axis=0), second, (d**3).mean(axis=0), fourth - 3 * second**2])
    np.testing.assert_allclose(cumulants, exact, rtol=1e-9)
    np.testing.assert_allclose(cumulants_of(powers(x, 120.0).mean(axis=0), 120.0), exact, rtol=1e-9)


def test_cumulants_of_a_poisson_distribution_are_its_mean():
    """All C_n equal the mean; exactly, with the probabilities as weights."""
    n = np.arange(60.0)
    weight = np.exp(-7.0 + n * np.log(7.0) - np.cumsum(np.log(np.maximum(n, 1))))
    cumulants = cumulants_of(weight @ powers(n) / weight.sum())[0]
    np.testing.assert_allclose(cumulants, 7.0, rtol=1e-8)
    np.testing.assert_allclose(shape_of(cumulants), [7, 7, 1 / np.sqrt(7), 1 / 7], rtol=1e-8)


def test_net_number_of_two_poissonians_is_skellam():
    """C_1 = C_3 = a - b, C_2 = C_4 = a + b, within bootstrap errors."""
    generator = np.random.default_rng(2)
    net = generator.poisson(6.0, 20_000) - generator.poisson(2.0, 20_000)
    cumulants = bootstrap(powers(net), cumulants_of, seed=1)
    np.testing.assert_array_less(np.abs(cumulants.value[0] - [4, 8, 4, 8]), 4 * cumulants.error[0])


def test_a_number_that_does_not_fluctuate_has_no_shape():
    shape = shape_of(cumulants_of(powers(np.full(10, 394.0), 394.0).mean(axis=0), 394.0))[0]
    assert shape[:2].tolist() == [394, 0]
    assert np.isnan(shape[2:]).all()


def test_covariances_are_numpys(events):
    counts = species_counts(events)[:, :5]
    means = products(counts).mean(axis=0)
    np.testing.assert_allclose(covariances(means), np.cov(counts.T, bias=True), atol=1e-10)
    np.testing.assert_allclose(correlations(covariances(means)), np.corrcoef(counts.T), atol=1e-10)
    resampled = bootstrap(products(counts), lambda m: correlations(covariances(m)), seed=1, resamples=50)
    assert resampled.error.shape == (5, 5)
    np.testing.assert_allclose(np.diagonal(resampled.samples, axis1=1, axis2=2), 1)


def test_charge_conservation_correlates_species(surrogate):
    """In the whole acceptance B is fixed: p and n are anticorrelated; in mixed events they are not."""
    counts = species_counts(surrogate)[:, :2]
    correlation = bootstrap(products(counts), lambda m: correlations(covariances(m))[..., 0, 1], seed=1)
    assert correlation.value < -5 * correlation.error
    mixed = np.column_stack([counts[:, 0], np.roll(counts[:, 1], 1)])
    mixed = bootstrap(products(mixed), lambda m: correlations(covariances(m))[..., 0, 1], seed=1)
    assert abs(mixed.value) < 4 * mixed.error


def test_totals_and_violations(surrogate):
    totals = event_totals(surrogate)
    assert totals.shape == (300, len(TOTALS))
    np.testing.assert_array_equal(totals[:, 4:], [[80, 36, 0]] * 300)
    assert not violations(surrogate, (80, 36, 0)).any()
    assert violations(surrogate, (80, 37, 0)).all(axis=0).tolist() == [False, True, False]
    lossy = surrogate.where(np.arange(len(surrogate.pdg)) != 0)
    assert violations(lossy, (80, 36, 0)).any(axis=1).sum() == 1


def test_sums_that_are_exact_have_no_spread_and_others_theirs(surrogate):
    """Also in jackknife blocks, whatever the rounding of 32 bits has left in momenta."""
    rounding = 1e-5 * np.random.default_rng(4).normal(size=surrogate.momenta.shape)
    rounded = replace(surrogate, momenta=surrogate.momenta + rounding * (np.arange(4) < 3))
    totals, energies = rounded_totals(rounded), set()
    for part in (totals, totals[7:], totals[::3]):
        spread = sum_spread(cumulants_of(powers(part).mean(axis=0)))
        np.testing.assert_array_equal(spread[4:], [[80, 0], [36, 0], [0, 0]])
        np.testing.assert_array_equal(spread[:3], np.zeros((3, 2)))
        energies.add(tuple(spread[3]))
    assert len(energies) == 1
    lossy = surrogate.where(np.arange(len(surrogate.pdg)) % 50 != 0)
    spread = sum_spread(cumulants_of(powers(rounded_totals(lossy)).mean(axis=0)))
    totals = event_totals(lossy)
    np.testing.assert_allclose(spread[:, 0], totals.mean(axis=0), atol=1e-3)
    np.testing.assert_allclose(spread[:, 1], totals.std(axis=0), atol=1e-3)
    assert spread[[0, 3, 4], 1].min() > 0.3


def test_net_charges_fluctuate_only_in_a_window(surrogate):
    """C_2 of a conserved charge is 0 in the whole, and lies below the sum of numbers (no conservation) in a window."""
    assert np.ptp(net_charges(surrogate), axis=0).tolist() == [0, 0, 0]
    window = Window(rapidity=(-0.5, 0.5))
    cumulants = bootstrap(net_charge_powers(surrogate, window), cumulants_of, seed=1)
    baryons = species_counts(surrogate, window)[:, :18].sum(axis=1).mean()
    assert cumulants.value.shape == (3, 4)
    assert 0 < cumulants.value[0, 1] < baryons - 2 * cumulants.error[0, 1]
    assert abs(cumulants.value[2, 0]) < 4 * cumulants.error[2, 0]


def test_histograms_event_by_event(events):
    edges = np.array([-1.0, -0.2, 0.3, 2.0])
    histogram = event_histogram(events, events.rapidity, edges, events.pt)
    for event in (0, 2, 5):
        mine = events.owner == event
        direct = np.histogram(events.rapidity[mine], edges, weights=events.pt[mine])[0]
        np.testing.assert_allclose(histogram[event], direct)


def test_densities_integrate_to_the_number(events):
    edges = np.linspace(-20, 20, 81)
    np.testing.assert_allclose(rapidity_density(events, edges).sum(axis=1) * 0.5, events.counts)
    window = Window(pdg=(211,))
    edges = np.linspace(0, 10, 101)
    np.testing.assert_allclose(
        pt_density(events, edges, window).sum(axis=1) * 0.1, (species_counts(events)[:, PDG == 211])[:, 0]
    )
    flat = pions(np.array([0.55]), np.zeros(1), np.zeros(1), [1])
    np.testing.assert_allclose(
        pt_density(flat, np.array([0.5, 0.6]), invariant=True), 10 / (2 * np.pi * 0.55)
    )


def test_mean_transverse_momentum(events):
    means = mean_pt(pt_sums(events).mean(axis=0))
    direct = [events.pt[events.pdg == pdg].mean() for pdg in PDG]
    np.testing.assert_allclose(means, direct)
    assert (
        np.isnan(mean_pt(pt_sums(pions(np.ones(2), np.zeros(2), np.zeros(2), [2])).mean(axis=0))).sum() == 25
    )


def test_spread_of_the_event_mean(events):
    spread = mean_pt_spread(event_mean_pt(events).mean(axis=0))
    direct = np.array(
        [events.pt[events.owner == event].mean() for event in range(700) if events.counts[event]]
    )
    np.testing.assert_allclose(spread, [direct.mean(), direct.std()])


def test_dynamical_covariance_by_brute_force(events):
    few = events[:12]
    mean = few.pt.mean()
    pairs = [
        (few.pt[i] - mean) * (few.pt[j] - mean)
        for event in range(12)
        for i, j in combinations(np.flatnonzero(few.owner == event), 2)
    ]
    assert dynamical_pt_covariance(pt_pairs(few).mean(axis=0)) == pytest.approx(np.mean(pairs), rel=1e-10)


def test_dynamical_covariance_is_the_variance_of_a_common_factor():
    """Independent particles have none; a temperature that changes from event to event is seen whole."""
    generator = np.random.default_rng(5)
    counts = generator.poisson(50, 4000)
    pt = generator.gamma(2, 0.2, counts.sum())
    shared = np.repeat(generator.normal(1, 0.05, 4000), counts)
    zero = np.zeros(len(pt))
    for scale, exact in ((1.0, 0.0), (shared, (0.4 * 0.05) ** 2)):
        covariance = bootstrap(
            pt_pairs(pions(pt * scale, zero, zero, counts)), dynamical_pt_covariance, seed=1
        )
        assert abs(covariance.value - exact) < 4 * covariance.error


def test_tuples_by_brute_force():
    """All pairs and quadruples of small events, also of those with too few particles."""
    generator = np.random.default_rng(6)
    counts = np.array([6, 0, 1, 2, 3, 4, 7])
    events = pions(
        np.ones(counts.sum()), generator.uniform(-3, 3, counts.sum()), np.zeros(counts.sum()), counts
    )
    for harmonic in (1, 2, 3):
        sums = tuple_sums(events, harmonic)
        for event, count in enumerate(counts):
            phi = harmonic * events.phi[events.owner == event]
            two = sum(np.cos(phi[i] - phi[j]) for i, j in permutations(range(count), 2))
            four = sum(np.cos(phi[list(p)] @ [1, 1, -1, -1]) for p in permutations(range(count), 4))
            pairs, quadruples = count * (count - 1), count * (count - 1) * (count - 2) * (count - 3)
            np.testing.assert_allclose(sums[event], [two, pairs, four, quadruples], atol=1e-9)


def flowing(v1, v2, events, mean=120, seed=7):
    """Particles from 1 + 2 v1 sign(y) cos phi + 2 v2 cos 2 phi by rejection, the plane along x."""
    generator = np.random.default_rng(seed)
    counts = generator.poisson(mean, events)
    rapidity = generator.uniform(-1, 1, counts.sum())
    phi, todo = np.empty(counts.sum()), np.arange(counts.sum())
    while len(todo):
        draw = generator.uniform(-np.pi, np.pi, len(todo))
        density = 1 + 2 * v1 * np.sign(rapidity[todo]) * np.cos(draw) + 2 * v2 * np.cos(2 * draw)
        accepted = generator.random(len(todo)) * (1 + 2 * abs(v1) + 2 * abs(v2)) < density
        phi[todo[accepted]], todo = draw[accepted], todo[~accepted]
    return pions(generator.gamma(2, 0.2, len(phi)), phi, rapidity, counts)


def test_flow_of_the_sampled_law_is_recovered():
    """v_1 odd and v_2 even in rapidity; c_2{2} = v_2^2, c_2{4} = -v_2^4."""
    events, edges = flowing(0.05, 0.1, 1500), np.linspace(-1, 1, 5)
    directed = bootstrap(plane_sums(events, 1, edges), plane_flow, seed=1)
    np.testing.assert_array_less(np.abs(directed.value - [-0.05, -0.05, 0.05, 0.05]), 4 * directed.error)
    elliptic = bootstrap(plane_sums(events, 2, edges), plane_flow, seed=1)
    np.testing.assert_array_less(np.abs(elliptic.value - 0.1), 4 * elliptic.error)
    cumulants = bootstrap(tuple_sums(events), flow_cumulants, seed=1)
    np.testing.assert_array_less(np.abs(cumulants.value - [0.01, -1e-4]), 4 * cumulants.error)
    np.testing.assert_allclose(signed_flow(cumulants.value), [0.1, 0.1], rtol=0.1)


def test_without_flow_cumulants_have_either_sign():
    cumulants = bootstrap(tuple_sums(flowing(0.0, 0.0, 800)), flow_cumulants, seed=1)
    np.testing.assert_array_less(np.abs(cumulants.value), 4 * cumulants.error)
    np.testing.assert_array_equal(signed_flow(np.array([-0.04, 1e-4])), [-0.2, -0.1])


def test_particles_along_the_beam_do_not_flow(surrogate):
    """Spectators of the surrogate have no azimuth; arctan2(0, 0) = 0 would give them v_2 = 1."""
    flow = plane_flow(plane_sums(surrogate, 2, np.array([-3.0, 3.0])).mean(axis=0))
    assert np.any(surrogate.pt == 0)
    assert abs(flow[0]) < 0.1


def test_means_of_pieces_add_up(events):
    """Primaries are per event, so an ensemble can be measured in pieces."""
    for measure in (pt_pairs, pt_sums, event_totals, tuple_sums, species_counts, event_mean_pt):
        np.testing.assert_array_equal(
            measure(events), np.concatenate([measure(events[:400]), measure(events[400:])])
        )
