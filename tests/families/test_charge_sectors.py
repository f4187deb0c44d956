"""Sectors of maps: an orthonormal basis in which exchanges, half turns and mirrors are signs."""

import numpy as np
import torch

from emulant.families._charge_sectors import EVEN, SEPARATION, Sectors

SECTORS = Sectors((2, 3, 8))
MOVES = {
    "charges": (lambda x: x.flip(-3), [1, 1, 1, 1, -1, -1, -1, -1]),
    "turn": (lambda x: x.roll(4, -1), [1, 1, -1, -1, 1, 1, -1, -1]),
    "mirror": (lambda x: x.flip(-1), [1, -1, 1, -1, 1, -1, 1, -1]),
}


def test_sectors_are_an_orthonormal_basis_of_signs():
    maps = torch.randn(5, 4, *SECTORS.shape, dtype=torch.float64)
    split = SECTORS.split(maps)
    assert split.shape == (8, 5, 4, SECTORS.size)
    torch.testing.assert_close(SECTORS.joined(split), maps)
    torch.testing.assert_close(split.square().sum(), maps.square().sum())
    for move, signs in MOVES.values():
        expected = torch.tensor(signs)[:, None, None, None] * split
        torch.testing.assert_close(SECTORS.split(move(maps)), expected)


def test_a_separation_is_odd_under_everything():
    phi = 2 * np.pi * ((np.arange(8) + 0.5) / 8 - 0.5)
    dipole = torch.from_numpy(np.array([np.sin(phi), -np.sin(phi)]))[:, None].expand(2, 3, 8)
    split = SECTORS.split(dipole)
    assert split[SEPARATION].abs().min() > 0.1 and split[:SEPARATION].abs().max() < 1e-12
    even = SECTORS.split(torch.ones(2, 3, 8, dtype=torch.float64))
    assert even[EVEN].abs().min() > 0.1 and even[EVEN + 1 :].abs().max() < 1e-12
