"""Embedded Swendsen-Wang clusters of many chains at once.

Bonds are those of `cluster`; here all clusters of a lattice are identified and each is flipped with probability 1/2 (R. H.
Swendsen and J.-S. Wang, Phys. Rev. Lett. 58 (1987) 86), which leaves the distribution invariant as a single cluster does.
Clusters are labelled by spreading the smallest site number along bonds; each site then takes the label of the site that its
label names (pointer jumping), so that the number of rounds grows like the logarithm of the size.
"""

import torch
from torch import Tensor

__all__ = ["cluster_signs", "labels"]


def cluster_signs(phi: Tensor, kappa: float, generator: torch.Generator) -> Tensor:
    """Draw a sign for each cluster and return it at each of its sites, (*shape, chains), in the precision of `phi`.

    Arguments:
        phi: fields, (*shape, chains).
        kappa: hopping parameter, positive.
        generator: source of the bonds and the signs.
    """
    uniforms = torch.empty_like(phi)
    bonds = []
    for axis in range(phi.ndim - 1):
        strength = phi * phi.roll(-1, axis)
        uniforms.uniform_(generator=generator)
        bonds.append(uniforms < -torch.expm1(-4 * kappa * strength))
    coins = uniforms.uniform_(generator=generator).flatten(0, -2)
    signs = torch.where(coins < 0.5, -1.0, 1.0).to(phi.dtype)
    return signs.gather(0, labels(bonds).flatten(0, -2)).view_as(phi)


def labels(bonds: list[Tensor]) -> Tensor:
    """Return the smallest site number of the cluster of each site, (*shape, chains) int64.

    Arguments:
        bonds: for each axis the mask of sites bonded to the next one along it, (*shape, chains) bool.
    """
    *shape, chains = bonds[0].shape
    volume = bonds[0][..., 0].numel()
    number = torch.arange(volume, device=bonds[0].device).view(*shape, 1)
    label = number.expand(*shape, chains).contiguous()
    while True:
        least = label
        for axis, bond in enumerate(bonds):
            ahead = torch.where(bond, label.roll(-1, axis), volume)
            behind = torch.where(bond, label, volume).roll(1, axis)
            least = torch.minimum(least, torch.minimum(ahead, behind))
        flat = least.flatten(0, -2)
        roots = flat.scatter_reduce(0, label.flatten(0, -2), flat, "amin")
        roots = roots.gather(0, roots)
        spread = roots.gather(0, roots).view_as(label)
        if torch.equal(spread, label):
            return label
        label = spread
