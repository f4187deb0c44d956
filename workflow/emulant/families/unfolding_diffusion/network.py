"""Velocities of a flow of slices and of the charge separation."""

import torch
from torch import Tensor, nn

from emulant.networks.charge_unet import ChargeUNet
from emulant.networks.lattice import NoiseEmbedding
from emulant.networks.pointwise import OddPerceptron

__all__ = ["VelocityNetwork"]

SCALARS = (16, 2, 16)
"""Channels, layers and embedding of the perceptron, whose function is one of three numbers."""


class VelocityNetwork(nn.Module):
    """A U-Net for slices beside a perceptron for the separation, which is odd as charges are exchanged.

    Arguments:
        slices: number of them.
        channels, embedding: of the U-Net.
    """

    def __init__(self, slices: int, channels: int, embedding: int) -> None:
        super().__init__()
        self.times = NoiseEmbedding(embedding, 0.0, 1.0)
        # The slices on their way, what is given, and the separation and its guess as dipoles.
        self.unet = ChargeUNet(slices + 3, slices, channels, embedding)
        width, layers, inner = SCALARS
        self.number = OddPerceptron(2, width, layers, inner)

    def forward(
        self, slices: Tensor, given_maps: Tensor, numbers: Tensor, time: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Compute both velocities.

        Arguments:
            slices: on their way, (N, slices, 2, p_T, azimuth).
            given_maps: (N, 2, p_T, azimuth).
            numbers: the separation on its way and its guess, (N, 2).
            time: in [0, 1], (N,).
        """
        dipoles = numbers[:, :, None, None, None] * _dipole(given_maps)
        maps = torch.cat([slices, given_maps[:, None], dipoles], dim=1)
        return self.unet(maps, self.times(time)), self.separation(numbers, time)

    def separation(self, numbers: Tensor, time: Tensor) -> Tensor:
        """Compute the velocity of the separation alone, (N,)."""
        # The perceptron's embedding covers twelve units of its time.
        return self.number(numbers[:, :, None], 12 * time - 6)[:, 0]


def _dipole(maps: Tensor) -> Tensor:
    """Map of a unit separation, (2, p_T, azimuth): positive charges as sin phi, negative ones as -sin phi."""
    azimuths = maps.shape[-1]
    phi = 2 * torch.pi * ((torch.arange(azimuths, device=maps.device) + 0.5) / azimuths - 0.5)
    return torch.stack([torch.sin(phi), -torch.sin(phi)])[:, None].expand(maps.shape[1:]).to(maps)
