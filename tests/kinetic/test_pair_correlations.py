"""Correlations of pairs: sums over pairs by moments, and what dipoles give."""

import numpy as np

from emulant.kinetic.pair_correlations import pair_sums, pair_values
from tests.kinetic.gases import mixed


def test_pairs_by_moments_are_pairs_one_by_one():
    matter = mixed(60, np.random.default_rng(5))
    phi, sign = np.arctan2(matter.momentum[:, 2], matter.momentum[:, 1]), np.sign(matter.charge)
    sums = np.zeros(6)
    for i in range(60):
        for j in range(60):
            if sign[i] * sign[j] > 0 and i != j:
                sums[3:] += np.cos(phi[i] + phi[j]), np.cos(phi[i] - phi[j]), 1
            elif sign[i] > 0 > sign[j]:
                sums[:3] += np.cos(phi[i] + phi[j]), np.cos(phi[i] - phi[j]), 1
    np.testing.assert_allclose(pair_sums(matter)[:6], sums, atol=1e-10)


def test_opposite_dipoles_give_twice_their_square():
    """Delta gamma = 2 a_1^2 of independent particles with <sin phi> = +-a_1; three errors over events."""
    generator, a, sums = np.random.default_rng(6), 0.2, []
    for _ in range(200):
        matter = mixed(400, generator)
        sign = np.sign(matter.charge)
        phi = generator.uniform(-np.pi, np.pi, 400)
        turned = generator.random(400) < 0.5 * (1 - 2 * a * sign * np.sin(phi))
        phi = np.where(turned, -phi, phi)
        matter.momentum[:, 1:3] = np.column_stack([np.cos(phi), np.sin(phi)])
        sums.append(pair_sums(matter))
    sums = np.array(sums)
    parts = [pair_values(part.mean(axis=0))[2] for part in np.split(sums, 20)]
    assert abs(np.mean(parts) - 2 * a**2) < 3 * np.std(parts) / np.sqrt(20)
