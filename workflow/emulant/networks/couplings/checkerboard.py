"""Affine couplings of the two halves of a checkerboard (real NVP of Dinh et al., arXiv:1605.08803, on a lattice)."""

import torch
from torch import Tensor, nn

from emulant.networks.couplings.chain import Moved, sum_of_sites

__all__ = ["AffineCoupling", "checkerboard"]


def checkerboard(shape: tuple[int, ...], parity: int) -> Tensor:
    """Mark sites whose coordinates add up to `parity` modulo 2, of the lattice's shape: 1 there and 0 elsewhere.

    Raises:
        ValueError: for a side with an odd number of sites, beyond which neighbours have the same colour.
    """
    if any(side % 2 for side in shape):
        raise ValueError(f"a checkerboard needs even sides, got {shape}")
    coordinates = torch.meshgrid(*(torch.arange(side) for side in shape), indexing="ij")
    return (sum(coordinates) % 2 == parity).float()


class AffineCoupling(nn.Module):
    """Sites of one colour become exp(s) phi + t, where s and t depend on the sites of the other colour, which stay.

    It has the symmetries of the conditioner that keep the colours: with convolutions the even translations and the point
    group; odd in the field where s is even and t is odd.

    Arguments:
        shape: of the lattice.
        parity: colour of the sites that move.
        conditioner: fields, 0 at the sites that move -> log scale and shift of all sites.
    """

    moving: Tensor

    def __init__(self, shape: tuple[int, ...], parity: int, conditioner: nn.Module) -> None:
        super().__init__()
        self.conditioner = conditioner
        self.register_buffer("moving", checkerboard(shape, parity), persistent=False)

    @property
    def operations(self) -> float:
        """Floating-point operations for one field, roughly."""
        return self.conditioner.operations + 6.0 * self.moving.numel()

    def forward(self, fields: Tensor) -> Moved:
        """Map fields (N, *shape)."""
        log_scale, shift = self._rates(fields)
        return Moved(fields * log_scale.exp() + shift, sum_of_sites(log_scale))

    def inverse(self, fields: Tensor) -> Moved:
        """Map fields (N, *shape) back."""
        log_scale, shift = self._rates(fields)
        return Moved((fields - shift) * (-log_scale).exp(), -sum_of_sites(log_scale))

    def _rates(self, fields: Tensor) -> tuple[Tensor, Tensor]:
        """Log scale and shift, 0 at the sites that stay."""
        log_scale, shift = self.conditioner(fields * (1 - self.moving))
        return log_scale * self.moving, shift * self.moving
