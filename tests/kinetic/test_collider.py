"""Collisions in cells: rates and relaxation against kinetic theory, sums to rounding."""

import numpy as np
import pytest

from emulant.kinetic.collider import cells_of, collide, collide_in_cell
from emulant.kinetic.draws import stream_of
from emulant.kinetic.partons import thermal_momenta
from emulant.kinetic.two_body import invariant, relative_velocity
from tests.kinetic.gases import massless, mixed, off_shell

COUNT = 50_000


def stream(seed):
    return stream_of(np.random.SeedSequence(seed))


def one_cell(momentum, mass, exposure, seed):
    return collide_in_cell(momentum, mass, np.arange(len(mass)), exposure, stream(seed))


def anisotropic(count, a, generator):
    """Unit vectors with the density 1 + a P_2(cos theta)."""
    cosine = generator.uniform(-1, 1, 3 * count)
    cosine = cosine[generator.random(3 * count) * (1 + a) < 1 + a * (3 * cosine**2 - 1) / 2][:count]
    angle, sine = generator.uniform(0, 2 * np.pi, len(cosine)), np.sqrt(1 - cosine**2)
    return np.column_stack([sine * np.cos(angle), sine * np.sin(angle), cosine])


def second_moment(momentum):
    """Q = <p_z^2 - p^2 / 3>."""
    return np.mean(momentum[:, 3] ** 2 - momentum[:, 0] ** 2 / 3)


@pytest.mark.parametrize("depth", [0.05, 2.0])
def test_isotropic_massless_particles_collide_n_sigma_times(depth):
    """<v_rel> = 1, in a step much shorter and longer than a mean free path. Three errors of counting: false alarm 0.3 %."""
    momentum = thermal_momenta(COUNT, 0.3, np.random.default_rng(1))
    collisions = one_cell(momentum, np.zeros(COUNT), depth / COUNT, 2)
    expected = depth * COUNT / 2
    assert abs(collisions - expected) < 3 * np.sqrt(expected) + 2


def test_massive_particles_collide_as_often_as_their_velocities_say():
    """Against the sum of v_rel over all pairs, three errors."""
    matter = mixed(600, np.random.default_rng(3))
    p, m, depth = matter.momentum, matter.mass, 0.02
    total = sum(relative_velocity(p[i], p[j], m[i], m[j]) for i in range(600) for j in range(i))
    runs = [one_cell(p.copy(), m, depth / 600, seed) for seed in range(400)]
    expected = total * depth / 600
    assert abs(np.mean(runs) - expected) < 3 * np.sqrt(expected / 400)


def test_no_cross_section_no_collision():
    matter = mixed(100, np.random.default_rng(4))
    before = matter.momentum.copy()
    assert collide(matter.position, matter.momentum, matter.mass, 1.0, 0.0, stream(5))[0] == 0
    np.testing.assert_array_equal(matter.momentum, before)


@pytest.mark.parametrize(
    ("alike", "exact"),
    [(True, lambda a: -(7 / 9 + 2 * a / 45)), (False, lambda a: -(2 / 3 + a / 30))],
    ids=["one energy", "thermal"],
)
def test_anisotropy_decays_at_first_as_the_collision_integral_says(alike, exact):
    """d ln Q / dt in units of n sigma of the density 1 + a P_2; three errors over boxes, false alarm 0.3 %.

    The step, a hundredth of a mean free path, changes the rate by less than one per cent, a third of the error.
    """
    a, depth, changes = 0.8, 0.01, []
    for seed in range(100):
        generator = np.random.default_rng((6, seed))
        directions = anisotropic(COUNT, a, generator)
        energy = np.ones(COUNT) if alike else generator.gamma(3, 0.3, COUNT)
        momentum = massless(directions, energy)
        expected = (a / 5) * (2 / 3) * np.mean(energy**2)
        before = second_moment(momentum)
        one_cell(momentum, np.zeros(COUNT), depth / COUNT, (6, seed))
        changes.append((second_moment(momentum) - before) / expected / depth)
    error = np.std(changes, ddof=1) / np.sqrt(len(changes))
    assert error < 0.03
    assert abs(np.mean(changes) - exact(a)) < 3 * error


def test_many_collisions_make_it_isotropic():
    generator = np.random.default_rng(7)
    momentum = massless(anisotropic(COUNT, 0.8, generator), np.ones(COUNT))
    before = second_moment(momentum)
    one_cell(momentum, np.zeros(COUNT), 10 / COUNT, 8)
    # Four errors of a thermal gas, <p^4> = 40/27 <p>^4 and <P_2^2> = 1/5.
    assert abs(second_moment(momentum)) < 4 * (2 / 3) * np.sqrt(40 / 27 / 5 / COUNT)
    assert before > 0.1
    # A gas of one energy becomes thermal: <E^2> / <E>^2 = 4/3 of the massless Boltzmann gas.
    assert np.mean(momentum[:, 0] ** 2) / np.mean(momentum[:, 0]) ** 2 == pytest.approx(4 / 3, rel=0.02)


def test_energy_momentum_and_masses_stay():
    matter = mixed(2000, np.random.default_rng(9))
    before = matter.momentum.sum(axis=0)
    collisions, _ = collide(matter.position, matter.momentum, matter.mass, 1.0, 0.5, stream(10))
    assert collisions > 1000
    assert np.abs(matter.momentum.sum(axis=0) - before).max() < 1e-12 * before[0]
    assert off_shell(matter) < 1e-14


def test_each_particle_is_in_one_cell_with_its_neighbours():
    position = np.random.default_rng(11).normal(0, 3, (500, 2))
    order, starts = cells_of(position, 1.0, stream(12))
    assert sorted(order) == list(range(500))
    for low, high in zip(starts[:-1], starts[1:], strict=True):
        if high > low:
            assert np.ptp(position[order[low:high]], axis=0).max() < 1


def test_two_collinear_massless_particles_pass():
    momentum = massless(np.array([[0, 0, 1.0], [0, 0, 1.0]]), np.array([1.0, 2.0]))
    assert one_cell(momentum, np.zeros(2), 100.0, 13) == 0
    assert invariant(momentum[0], momentum[1]) == 0
