"""Wide convolutions: sizes as published, a drift that is odd and has the symmetries of the lattice."""

import pytest
import torch

from emulant.networks.wide_convolution import GatedStack, kernel_sizes, symmetrised


def test_kernels_have_a_quarter_of_the_lattice_and_a_centre():
    assert kernel_sizes((64, 8)) == (17, 3) and kernel_sizes((4, 12)) == (3, 5) and kernel_sizes((2,)) == (1,)


def test_a_mean_over_the_group_is_left_alone_by_it():
    kernel = symmetrised(torch.randn(2, 3, 3, 3), (8, 8))
    for other in (kernel.flip(2), kernel.flip(3), kernel.transpose(2, 3)):
        torch.testing.assert_close(other, kernel)
    oblong = symmetrised(torch.randn(2, 3, 5, 3), (16, 8))
    torch.testing.assert_close(oblong.flip(2), oblong)


@pytest.mark.parametrize("shape", [(6,), (8, 4), (4, 4)])
def test_the_drift_commutes_with_the_lattice_and_changes_sign(shape):
    torch.manual_seed(1)
    stack = GatedStack(shape, 4).double()
    fields = torch.randn(3, *shape, dtype=torch.float64)
    assert not stack(fields, 0.3).any()
    torch.nn.init.normal_(stack.layers[-1].weight)
    maps = [torch.neg, *(lambda x, a=axis: x.flip(a).roll(2, a) for axis in range(1, len(shape) + 1))]
    maps += [lambda x: x.transpose(1, 2)] if shape == (4, 4) else []
    for move in maps:
        torch.testing.assert_close(stack(move(fields), 0.3), move(stack(fields, 0.3)))
    assert (stack(fields, 0.3) - stack(fields, 0.7)).abs().max() > 1e-3
