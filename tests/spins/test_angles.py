"""The XY model's action, vortices and observables of single configurations."""

import numpy as np
import pytest
import torch

from emulant.spins.angles import differences, energy, gradient, vortex_charges
from emulant.systems.xy.system import XY


def random(count, shape, seed=1):
    return np.pi * (2 * np.random.default_rng(seed).random((count, *shape)) - 1)


def test_energy_and_gradient_by_single_bonds():
    angles = random(2, (3, 4))
    for field, value in zip(angles, energy(angles), strict=True):
        bonds = [
            np.cos(field[(y + dy) % 3, (x + dx) % 4] - field[y, x])
            for y in range(3)
            for x in range(4)
            for dy, dx in ((1, 0), (0, 1))
        ]
        assert value == pytest.approx(-sum(bonds))
    tensor = torch.tensor(angles, requires_grad=True)
    (derivative,) = torch.autograd.grad(0.7 * energy(tensor).sum(), tensor)
    np.testing.assert_allclose(gradient(angles, 0.7), derivative, atol=1e-12)


def test_a_vortex_and_its_partner():
    """The angle about a plaquette's centre is one vortex; the torus has as many of the other sign."""
    y, x = np.indices((16, 16)) - 5.5
    field = np.arctan2(y, x)
    charges = vortex_charges(field[None])[0]
    assert charges[5, 5] == 1 and charges.sum() == 0
    np.testing.assert_array_equal(vortex_charges(-field[None])[0], -charges)
    np.testing.assert_array_equal(
        vortex_charges(np.roll(field, (2, 3), (0, 1))[None])[0], np.roll(charges, (2, 3), (0, 1))
    )


def test_vortices_do_not_depend_on_branches_or_a_turn():
    angles = random(20, (6, 7))
    turns = 2 * np.pi * np.random.default_rng(2).integers(-2, 3, angles.shape)
    charges = vortex_charges(angles)
    assert set(np.unique(charges)) <= {-1, 0, 1}
    np.testing.assert_array_equal(vortex_charges(angles + turns), charges)
    np.testing.assert_array_equal(vortex_charges(angles + 0.3), charges)
    np.testing.assert_array_equal(charges.sum((1, 2)), 0)
    # Of independent angles a plaquette has a vortex with probability 1/3: 4.5 errors.
    many = np.abs(vortex_charges(random(4000, (4, 4)))).mean((1, 2))
    assert abs(many.mean() - 1 / 3) < 4.5 * many.std() / np.sqrt(len(many))


def test_stiffness_and_correlator_of_single_configurations():
    """Aligned spins have stiffness 1; a wave has the curvature of its twisted action, by central differences."""
    system, angles = XY(0.9, (5, 6)), random(3, (5, 6))
    assert system.view(np.full((1, 5, 6), 0.3)).stiffness[0] == pytest.approx(1)
    steps, h, parts = differences(angles), 1e-4, []
    for direction in (0, 1):
        twisted = [np.cos(steps[:, direction] + t).sum((1, 2)) for t in (-h, 0, h)]
        slope, curve = (twisted[2] - twisted[0]) / (2 * h), (twisted[2] - 2 * twisted[1] + twisted[0]) / h**2
        parts.append(-curve / 30 - 0.9 * slope**2 / 30)
    np.testing.assert_allclose(system.view(angles).stiffness, np.mean(parts, 0), rtol=1e-5, atol=1e-6)


def test_symmetries_stay_in_range():
    generator = torch.Generator().manual_seed(1)
    for symmetry in XY(1.0, (4, 4)).symmetries:
        moved = symmetry(torch.tensor(random(8, (4, 4))), generator)
        assert moved.min() >= -np.pi and moved.max() < np.pi
