"""Symmetric convolutions against torch's, and their neighbourhoods counted."""

import math

import pytest
import torch
from torch.nn import functional as F

from emulant.networks.couplings.convolution import SymmetricConvolution, orbit_sums

CONVOLUTION = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


@pytest.mark.parametrize("shape", [(6,), (4, 4), (2, 6), (4, 3, 2)])
def test_it_is_a_convolution_with_an_invariant_kernel(shape):
    """Whose number at an offset is that of the offset's entries that are not 0."""
    torch.manual_seed(1)
    dimension = len(shape)
    layer = SymmetricConvolution(dimension, 2, 3)
    fields = torch.randn(5, 2, *shape)
    offsets = torch.meshgrid(*[torch.arange(-1, 2)] * dimension, indexing="ij")
    kernel = layer.weight[:, torch.stack(offsets).ne(0).sum(0)].movedim(-1, 1)
    padded = F.pad(fields, [1, 1] * dimension, mode="circular")
    expected = CONVOLUTION[dimension](padded, kernel)
    torch.testing.assert_close(layer(fields.movedim(0, -1)).movedim(-1, 0), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
def test_orbits_have_as_many_sites_as_the_point_group_says(dimension):
    counts = [float(part.unique()) for part in orbit_sums(torch.ones(1, *[4] * dimension, 2))]
    assert counts == [math.comb(dimension, number) * 2**number for number in range(dimension + 1)]
