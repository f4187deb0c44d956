"""The integrator: reversible, volume-preserving, of second order, and true to the action."""

import numpy as np
import pytest

from emulant.lattice.action import action, gradient, schwinger_dyson
from emulant.lattice.geometry import Geometry
from emulant.lattice.leapfrog import integrate, means, trajectory
from emulant.lattice.trajectory import LEAPFROG, OMELYAN

KAPPA, COUPLING = 0.23, 0.05
SHAPES = [(7,), (6, 5), (4, 3, 5), (2, 3, 2, 2)]


def moved(shape, field, momentum, *, size=0.1, steps=10, xi=OMELYAN):
    """Field and momentum, both of `shape`, after a trajectory in double precision."""
    geometry = Geometry.of(shape)
    position, velocity = (geometry.pad(x[None], "float64")[0] for x in (field, momentum))
    scratch = np.zeros((2, geometry.size))
    integrate(position, velocity, scratch, size, steps, xi, KAPPA, COUPLING, *geometry.tables)
    return tuple(geometry.sites(x[None])[0].copy() for x in (position, velocity))


def energy(field, momentum):
    return action(field[None], KAPPA, COUPLING)[0] + (momentum**2).sum() / 2


def start(shape, seed=3):
    return np.random.default_rng(seed).normal(size=(2, *shape))


@pytest.mark.parametrize("xi", [LEAPFROG, OMELYAN])
@pytest.mark.parametrize("shape", SHAPES)
def test_reversible(shape, xi):
    field, momentum = start(shape)
    proposal, velocity = moved(shape, field, momentum, xi=xi)
    assert not np.allclose(proposal, field)
    back, velocity = moved(shape, proposal, -velocity, xi=xi)
    np.testing.assert_allclose(back, field, atol=1e-12)
    np.testing.assert_allclose(velocity, -momentum, atol=1e-12)


@pytest.mark.parametrize("xi", [LEAPFROG, OMELYAN])
def test_volume_is_preserved(xi):
    """The Jacobian of (phi, p) is 1, by central differences."""
    shape, step = (3, 2), 1e-5
    origin = start(shape).ravel()

    def map_(point):
        return np.concatenate([x.ravel() for x in moved(shape, *point.reshape(2, *shape), size=0.3, xi=xi)])

    shifts = step * np.eye(origin.size)
    jacobian = np.array([(map_(origin + s) - map_(origin - s)) / (2 * step) for s in shifts])
    assert np.linalg.det(jacobian) == pytest.approx(1, abs=1e-7)


@pytest.mark.parametrize("xi", [LEAPFROG, OMELYAN])
@pytest.mark.parametrize("shape", SHAPES)
def test_energy_error_falls_with_the_square_of_the_step(shape, xi):
    point = start(shape)
    errors = [
        abs(energy(*moved(shape, *point, size=1.2 / n, steps=n, xi=xi)) - energy(*point)) for n in (40, 80)
    ]
    assert 3.7 < errors[0] / errors[1] < 4.3


@pytest.mark.parametrize("shape", SHAPES)
def test_a_short_step_follows_the_gradient(shape):
    """Momentum after two forces of size h is p - 2 h dS/dphi + O(h^2)."""
    field, momentum = start(shape)
    _, velocity = moved(shape, field, 0 * momentum, size=1e-4, steps=2)
    np.testing.assert_allclose(velocity / -2e-4, gradient(field[None], KAPPA, COUPLING)[0], atol=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_metropolis_step_accepts_by_the_change_of_energy(shape):
    """Accepted just below exp(-dH), rejected and restored just above; a NaN is rejected."""
    geometry, (field, momentum) = Geometry.of(shape), start(shape, 4)
    proposal, velocity = moved(shape, field, momentum, size=0.3)
    change = energy(proposal, velocity) - energy(field, momentum)
    if change < 0:
        (field, momentum), (proposal, change) = (proposal, -velocity), (field, -change)
    chance = np.exp(-change)
    assert 0 < chance < 1 - 1e-6

    def step(uniform, size=0.3):
        flat, scratch = geometry.pad(field[None], "float64")[0], np.zeros((4, geometry.size))
        moves = (uniform, size, 10, OMELYAN, KAPPA, COUPLING)
        accepted = trajectory(flat, momentum.ravel(), scratch, *moves, *geometry.tables)
        return accepted, geometry.sites(flat[None])[0]

    for uniform, accepted, result in ((chance * (1 - 1e-9), 1, proposal), (chance * (1 + 1e-9), 0, field)):
        assert step(uniform)[0] == accepted
        np.testing.assert_allclose(step(uniform)[1], result, atol=1e-12)
    assert step(0.0, 1e30)[0] == 0
    np.testing.assert_array_equal(step(0.0, 1e30)[1], field)


@pytest.mark.parametrize("shape", SHAPES)
def test_means(shape):
    geometry, field = Geometry.of(shape), start(shape)[0]
    averages = means(geometry.pad(field[None], "float64")[0], KAPPA, COUPLING, *geometry.tables)
    np.testing.assert_allclose(averages, (field.mean(), schwinger_dyson(field[None], KAPPA, COUPLING)[0]))
