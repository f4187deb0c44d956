"""Links and plaquettes: gauge invariance, Stokes' law, the tree, and symmetries that turn links."""

import numpy as np
import pytest
import torch

from emulant.errors import InputError
from emulant.gauge.arrays import wrapped
from emulant.gauge.charge import topological_charge
from emulant.gauge.loops import enclosed, polyakov_angles
from emulant.gauge.plaquettes import boundary_sums, links_with_plaquettes, plaquette_sums
from emulant.gauge.symmetries import (
    axes_exchanged,
    conjugated,
    gauge_transformed,
    reflected,
    rotated,
    translated,
)
from emulant.gauge.views import Links
from emulant.gauge.wilson import action
from emulant.systems.u1.system import U1

SHAPES = [(4, 4), (3, 5), (6, 4)]


def links_of(shape, count=5, seed=1):
    return np.random.default_rng(seed).uniform(-np.pi, np.pi, (count, 2, *shape))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_loop_of_links_is_the_sum_of_its_plaquettes(shape):
    """Stokes: the links about 2 x 1 plaquettes, written out link by link."""
    links = links_of(shape)
    t, s = 1, 2
    later, next_site = [(t + k) % shape[0] for k in (1, 2)], (s + 1) % shape[1]
    around = (
        links[:, 0, t, s]
        + links[:, 0, later[0], s]
        + links[:, 1, later[1], s]
        - links[:, 0, later[0], next_site]
        - links[:, 0, t, next_site]
        - links[:, 1, t, s]
    )
    np.testing.assert_allclose(enclosed(plaquette_sums(links), 2, 1)[:, t, s], around, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_sum_over_boundaries_is_the_transpose(shape):
    links, values = links_of(shape), np.random.default_rng(2).normal(size=(5, *shape))
    left = (plaquette_sums(links) * values).sum((1, 2))
    np.testing.assert_allclose(left, (links * boundary_sums(values)).sum((1, 2, 3)), atol=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("library", [np.asarray, torch.from_numpy])
def test_links_of_plaquettes_have_them(shape, library):
    """Modulo 2 pi, with Q turns in the sum; they are in the gauge of the tree and have no holonomy."""
    plaquettes = library(wrapped(plaquette_sums(links_of(shape))))
    links = links_with_plaquettes(plaquettes)
    again = wrapped(plaquette_sums(links) - plaquettes)
    assert float(abs(again).max()) < 1e-12
    assert not links[:, 0, :-1].any() and not links[:, 1, 0].any() and not links[:, 0, -1, 0].any()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_charge_is_whole_and_odd(shape):
    charge = topological_charge(wrapped(plaquette_sums(links_of(shape, 50))))
    assert set(np.unique(charge % 1)) == {0.0} and charge.any()
    np.testing.assert_array_equal(charge, -topological_charge(wrapped(-plaquette_sums(links_of(shape, 50)))))


def test_links_in_single_precision_have_whole_charges_but_plaquettes_have_not():
    """Links telescope whatever their rounding; a sum of rounded plaquettes does not, and is named."""
    links = links_of((16, 16), 200).astype(np.float32)
    topological_charge(wrapped(plaquette_sums(links.astype(np.float64))))
    rounded = wrapped(plaquette_sums(links)).astype(np.float64)
    with pytest.raises(InputError, match=r"topological charge: expected whole numbers to 1e-06.* in row \d+"):
        topological_charge(rounded)


def loops_of(links, system):
    """What a symmetry may not change: S, Wilson loops of a square, cos of the Polyakov loops' differences, |Q|."""
    view = Links(links.numpy(), system)
    angles = view.polyakov
    pairs = [np.cos(angles - np.roll(angles, k, 1)).mean(1) for k in (1, 2)]
    sides = [view.wilson_loop(*s) for s in ((1, 1), (1, 2), (2, 2))]
    return np.stack([view.system.action(view.links), *sides, *pairs, np.abs(view.charge)], 1)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("symmetry", [gauge_transformed, translated, reflected, conjugated])
def test_symmetries_leave_every_loop_alone(symmetry, shape):
    """Of each configuration by itself, eight times by other random numbers; links stay in [-pi, pi) and do change."""
    system, links = U1(1.3, shape), torch.from_numpy(links_of(shape))
    generator, changed = torch.Generator().manual_seed(3), False
    for _ in range(8):
        moved = symmetry(links, generator)
        np.testing.assert_allclose(loops_of(moved, system), loops_of(links, system), atol=1e-10)
        assert moved.min() >= -np.pi and moved.max() < np.pi
        changed |= bool((moved != links).any())
    assert changed


def test_rotations_exchange_the_links_of_a_square_lattice():
    """Loops of exchanged sides and Polyakov loops of the other direction; on another lattice nothing moves."""
    links = torch.from_numpy(links_of((4, 4)))
    turned = axes_exchanged(links)
    np.testing.assert_allclose(action(turned, 1.0), action(links, 1.0), rtol=1e-12)
    one, two = (
        enclosed(plaquette_sums(x.numpy()), *sides) for x, sides in ((links, (1, 3)), (turned, (3, 1)))
    )
    np.testing.assert_allclose(np.cos(one).mean((1, 2)), np.cos(two).mean((1, 2)), atol=1e-12)
    np.testing.assert_allclose(polyakov_angles(turned.numpy()), links[:, 1].sum(-1).numpy(), atol=1e-12)
    generator = torch.Generator().manual_seed(1)
    assert any(bool((rotated(links, generator) == turned).all()) for _ in range(8))
    flat = torch.from_numpy(links_of((3, 5)))
    assert all(rotated(flat, generator) is flat for _ in range(8))


def test_reflections_make_every_rotation():
    """A quarter turn of sites and links, written out, is an exchange and a reflection of time: Q keeps its sign."""
    links = torch.from_numpy(links_of((4, 4)))
    exchanged = axes_exchanged(links)
    time, space = -exchanged[:, 0].flip(-2), exchanged[:, 1].flip(-2).roll(1, -2)
    charge = [
        topological_charge(wrapped(plaquette_sums(x.numpy())))
        for x in (links, exchanged, torch.stack([time, space], 1))
    ]
    np.testing.assert_array_equal(charge[0], -charge[1])
    np.testing.assert_array_equal(charge[0], charge[2])
