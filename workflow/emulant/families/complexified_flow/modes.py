"""Fields on a torus by their momenta, and matrices of each momentum that the symmetries of charged fields tie together."""

import torch
from torch import Tensor

__all__ = ["mirrored", "momenta", "reversed_momenta", "symmetrised", "to_modes", "to_sites"]


def to_modes(fields: Tensor, dimension: int) -> Tensor:
    """Transform complex fields (..., *shape) to modes of the same shape, by a unitary transform."""
    return torch.fft.fftn(fields, dim=tuple(range(-dimension, 0)), norm="ortho")


def to_sites(modes: Tensor, dimension: int) -> Tensor:
    """Transform modes (..., *shape) back to fields."""
    return torch.fft.ifftn(modes, dim=tuple(range(-dimension, 0)), norm="ortho")


def momenta(shape: tuple[int, ...]) -> tuple[Tensor, ...]:
    """Return the momentum of each mode in each direction, (*shape) each, float64."""
    axes = [2 * torch.pi * torch.fft.fftfreq(size, dtype=torch.float64) for size in shape]
    return torch.meshgrid(*axes, indexing="ij")


def reversed_momenta(values: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Move values from each momentum p to that with -p in some directions."""
    return torch.roll(torch.flip(values, axes), (1,) * len(axes), axes)


def mirrored(values: Tensor, dimension: int) -> Tensor:
    """Average values (*shape, ...) of modes over complex conjugation of all fields, p to -p, and reflections of space.

    Arguments:
        values: complex, the momenta first.
        dimension: number of directions, time the last.
    """
    values = (values + reversed_momenta(values, tuple(range(dimension))).conj()) / 2
    for axis in range(dimension - 1):
        values = (values + reversed_momenta(values, (axis,))) / 2
    return values


def symmetrised(matrices: Tensor, left: Tensor, right: Tensor, dimension: int) -> Tensor:
    """Average covariances (*shape, rows, columns) of modes over the symmetries of the law.

    They are those of `mirrored`, and the exchange of phi and psi^* with a reflection of time, under which rows and columns
    have parities.

    Arguments:
        matrices: complex, the momenta first.
        left: parities +-1 of the rows.
        right: of the columns.
        dimension: number of directions, time the last.
    """
    matrices = mirrored(matrices, dimension)
    signs = torch.outer(left, right).to(matrices)
    return (matrices + signs * reversed_momenta(matrices, (dimension - 1,))) / 2
