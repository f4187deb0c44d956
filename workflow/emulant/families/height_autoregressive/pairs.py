"""The law of pairs l given the fluxes, in four groups of links that hardly know of each other inside a group.

Given all other integers the law of one l is -ln l! (|k| + l)! + ln W at both ends. While other links of these sites are not
drawn yet, a small network adds what they will: c_1 l + c_2 l^2 + c_3 [l > 0]. In the last group, but for odd extents,
nothing is missing.
"""

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["GROUPS", "PairLaw", "group_links", "pair_logits", "site_features"]

GROUPS = 4
"""Links in space that begin at even and odd x, then links in time at even and odd t."""
SITE_FEATURES = 13
SCALE = 0.1
"""Of l^2, as for heights."""


class PairLaw(nn.Module):
    """The correction to the law of the links of one group.

    Arguments:
        width: of the network.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2 * SITE_FEATURES, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU()
        )
        self.last = nn.Linear(width, 3)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, ends: Tensor) -> Tensor:
        """Compute c_1, c_2, c_3 of links from the features of both ends, (N, links, 2 SITE_FEATURES)."""
        return self.last(self.layers(ends))


def group_links(shape: tuple[int, int]) -> list[tuple[np.ndarray, np.ndarray]]:
    """List of each group the sites at which its links begin and end."""
    sites = np.arange(shape[0] * shape[1]).reshape(shape)
    groups = []
    for axis in (0, 1):
        ends = np.roll(sites, -1, axis)
        for parity in (0, 1):
            part = tuple(slice(parity, None, 2) if a == axis else slice(None) for a in (0, 1))
            groups.append((sites[part].ravel(), ends[part].ravel()))
    return groups


def site_features(flux: Tensor, pairs: Tensor) -> Tensor:
    """Describe sites by |k| and drawn l of their links and by the load of their neighbours, (N, V, SITE_FEATURES).

    Arguments:
        flux, pairs: (N, 2, L_s, L_t); pairs are 0 where they are not drawn yet.
    """
    size = flux.abs()
    links = torch.cat([size, pairs], 1)
    behind = torch.stack([links[:, n].roll(1, 1 + n % 2) for n in range(4)], 1)
    load = half_load(flux, pairs)[:, None]
    around = [load.roll(step, axis) for axis in (2, 3) for step in (1, -1)]
    return torch.cat([load, links, behind, *around], 1).flatten(2).transpose(1, 2).log1p()


def half_load(flux: Tensor, pairs: Tensor) -> Tensor:
    """Compute s / 2 of each site with the pairs that are drawn, (N, L_s, L_t)."""
    load = flux.abs() / 2 + pairs
    return sum(load[:, axis] + load[:, axis].roll(1, axis + 1) for axis in (0, 1))


def pair_logits(
    correction: Tensor, size: Tensor, levels: tuple[Tensor, Tensor], tables: tuple[Tensor, Tensor], most: int
) -> Tensor:
    """Compute ln q of l = 0 ... most up to normalisation, (N, links, most + 1).

    Arguments:
        correction: (N, links, 3).
        size: |k|, (N, links).
        levels: s / 2 of both ends without this l, (N, links) each.
        tables: ln n! and ln W.
        most: largest l.
    """
    log_factorial, log_site = tables
    number = torch.arange(most + 1, device=size.device)
    law = -log_factorial[number] - log_factorial[size.long()[..., None] + number]
    for level in levels:
        law = law + log_site[level.long()[..., None] + number]
    c = correction[..., None, :]
    return law + c[..., 0] * number + SCALE * c[..., 1] * number**2 + c[..., 2] * (number > 0)
