"""The longest waves on a torus: orthonormal, closed under translations, as many as Fourier modes."""

import numpy as np
import pytest
import torch

from emulant.transport.longest_waves import longest_waves

SHAPES = [((6, 6), 4), ((4, 4), 9), ((8,), 3), ((4, 6), 5), ((4, 4, 4), 4)]


@pytest.mark.parametrize(("shape", "shells"), SHAPES, ids=str)
def test_they_are_the_real_waves_of_the_shells(shape, shells):
    waves, shell = longest_waves(shape, shells)
    flat = waves.flatten(1)
    torch.testing.assert_close(flat @ flat.T, torch.eye(len(flat), dtype=flat.dtype), atol=1e-12, rtol=0)
    squares = sum(
        np.meshgrid(*[np.fft.fftfreq(size, 1 / size).round() ** 2 for size in shape], indexing="ij")
    )
    assert torch.bincount(shell).tolist() == np.unique(squares, return_counts=True)[1][:shells].tolist()
    moved = waves.roll(1, 1).flatten(1)
    torch.testing.assert_close((moved @ flat.T) @ flat, moved, atol=1e-12, rtol=0)
    powers = np.abs(np.fft.fftn(waves.numpy(), axes=range(1, waves.ndim))) ** 2
    for power, number in zip(powers, shell.tolist(), strict=True):
        assert np.allclose(squares[power > 1e-9], np.unique(squares)[number])
