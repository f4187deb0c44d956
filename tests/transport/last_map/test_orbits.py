"""Orbits of waves: those that reflections and exchanges of equal axes turn into each other, and nothing else."""

import itertools
import math

import pytest
import torch

from emulant.transport.last_map.orbits import Orbits
from emulant.transport.measures import ModeMeasure

SHAPES = pytest.mark.parametrize("shape", [(8,), (4, 6), (6, 6), (5, 5), (3, 4, 4)])


@SHAPES
def test_a_function_of_the_orbit_is_symmetric_and_a_symmetric_one_is_of_the_orbit(shape):
    orbits = Orbits.of(shape)
    measure = ModeMeasure(torch.ones(orbits.label.shape, dtype=torch.float64), shape)
    values = torch.rand(len(orbits.sizes), dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    of_orbit = values[orbits.label]
    torch.testing.assert_close(measure.symmetrised(of_orbit), of_orbit)
    # Random numbers on the modes, symmetrised, differ from orbit to orbit: equal labels where these are equal.
    drawn = torch.rand(orbits.label.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    drawn = measure.symmetrised(drawn).flatten()
    equal = (drawn[:, None] - drawn).abs() < 1e-12
    labels = orbits.label.flatten()
    assert torch.equal(equal, labels[:, None] == labels)


@SHAPES
def test_powers_add_up_to_the_square_of_the_field(shape):
    orbits = Orbits.of(shape)
    assert int(orbits.sizes.sum()) == math.prod(shape)
    fields = torch.randn(3, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    modes = torch.fft.rfftn(fields, dim=tuple(range(1, fields.ndim)), norm="ortho")
    torch.testing.assert_close(orbits.powers(modes) @ orbits.sizes, fields.square().flatten(1).sum(1))


def test_the_longest_waves_come_first():
    """On 6 x 6 the orbits are pairs of n from 0 to 3, by n_1^2 + n_2^2."""
    orbits, pairs = Orbits.of((6, 6)), list(itertools.combinations_with_replacement(range(4), 2))
    for label, (a, b) in enumerate(sorted(pairs, key=lambda n: (n[0] ** 2 + n[1] ** 2, n))):
        assert int(orbits.label[a, b]) == int(orbits.label[b, a]) == label
