"""Hybrid Monte Carlo as in the 2024 notebook, in NumPy: the yardstick of its section.

A single chain in float64: neighbour sums by `np.roll`, powers by `**`, momentum refresh, leapfrog, energies, Metropolis
step, the action carried along.
"""

import numpy as np


def force(phi, kappa, coupling):
    neighbours = np.roll(phi, 1, 0) + np.roll(phi, -1, 0) + np.roll(phi, 1, 1) + np.roll(phi, -1, 1)
    return 2 * kappa * neighbours + 2 * phi * (2 * coupling * (1 - phi**2) - 1)


def action(phi, kappa, coupling):
    hopping = phi * (np.roll(phi, 1, 0) + np.roll(phi, 1, 1))
    return np.sum(-2 * kappa * hopping + (1 - 2 * coupling) * phi**2 + coupling * phi**4)


def trajectory(phi, current, generator, kappa, coupling, steps=100, step=0.01):
    """Run one trajectory of a chain whose action is `current`; `steps` + 1 force evaluations."""
    momentum, moved = generator.standard_normal(phi.shape), phi.copy()
    before = current + np.sum(momentum**2) / 2
    momentum += step / 2 * force(moved, kappa, coupling)
    for _ in range(steps - 1):
        moved += step * momentum
        momentum += step * force(moved, kappa, coupling)
    moved += step * momentum
    momentum += step / 2 * force(moved, kappa, coupling)
    result = action(moved, kappa, coupling)
    change = result + np.sum(momentum**2) / 2 - before
    return (moved, result) if generator.random() < np.exp(-max(0.0, change)) else (phi, current)


def chain(generator, shape, kappa, coupling, count=20):
    """Return a function that advances one chain by `count` trajectories and returns its field."""
    phi = generator.standard_normal(shape)
    state = [phi, action(phi, kappa, coupling)]

    def move():
        for _ in range(count):
            state[:] = trajectory(*state, generator, kappa, coupling)
        return state[0]

    return move
