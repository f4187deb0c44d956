"""The number h of each plaquette whose transposed curl is the score of links: closed forms, and a network for the rest."""

import torch
from torch import Tensor, nn

from emulant.families.gauge_diffusion.coupling import Wilson
from emulant.families.gauge_diffusion.heads import broadened_score, head_of
from emulant.networks.antisymmetric import AntisymmetricNetwork

__all__ = ["network_of", "plaquette_score"]

ODD, EVEN, CONDITIONS = 6, 2, 6
"""Inputs of the network: fields that charge conjugation turns round, fields that it leaves, numbers of a configuration."""


def network_of(channels: int, blocks: int, embedding: int) -> AntisymmetricNetwork:
    """A fresh network, whose output is zero."""
    return AntisymmetricNetwork(2, ODD, EVEN, CONDITIONS, channels, blocks, embedding)


def plaquette_score(network: nn.Module, plaquettes: Tensor, noise: Tensor, wilson: Wilson) -> Tensor:
    """Evaluate h, (N, L_t, L_s) float64, odd and translation-equivariant.

    The network is multiplied by the stiffness of a noisy plaquette, and switched off where noise leaves nothing to learn.

    Arguments:
        network: as of `network_of`.
        plaquettes: (N, L_t, L_s) float64, in [-pi, pi).
        noise: of a link, (N,) float64.
        wilson: the couplings.
    """
    closed, turns, part = head_of(plaquettes, noise, wilson)
    variance = wilson.variance(noise)
    p, v = (column[:, None, None] for column in (part, variance))
    alone = broadened_score(plaquettes, wilson, 4 * noise[:, None, None] ** 2)
    odd = [plaquettes.sin(), v * alone, v * closed, p * turns.distance, p * turns.mean, p * turns.turns]
    even = [plaquettes.cos(), p * turns.distance.cos()]
    told = _conditions(noise, wilson, part, variance)
    precision = next(network.parameters()).dtype
    inputs = (torch.stack(odd, 1), torch.stack(even, 1), told)
    rest = network(*(values.to(precision) for values in inputs)).double()
    # At s = 1 noise leaves 1/7 of a plaquette's <cos>, at s = 2 1 in 3000.
    damped = torch.exp(-(noise**2 - 1).clamp_min(0)) / variance
    return closed + damped[:, None, None] * rest


def _conditions(noise: Tensor, wilson: Wilson, part: Tensor, variance: Tensor) -> Tensor:
    """Smooth functions of noise and coupling of order one, (N, CONDITIONS)."""
    share = wilson.spread / variance
    columns = (noise.log() / 2, variance.log() / 2, share, torch.exp(-(noise**2)), wilson.spread, part)
    return torch.stack(columns, 1)
