"""The networks of all conditional laws behind one call, and how heights and pairs are drawn and weighed with them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from emulant.families.height_autoregressive.heights import HeightLaw, Settled, logits
from emulant.families.height_autoregressive.loops import Loops
from emulant.families.height_autoregressive.pairs import (
    GROUPS,
    PairLaw,
    group_links,
    half_load,
    pair_logits,
    site_features,
)

__all__ = ["Conditionals", "Lattice", "PairPass", "height_density", "heights_drawn"]


class Conditionals(nn.Module):
    """All networks of a model.

    Arguments:
        loops: of the lattice.
        shape: (L_s, L_t).
        width: of the network of heights.
        pair_width: of those of pairs.
    """

    def __init__(self, loops: Loops, shape: tuple[int, int], width: int, pair_width: int) -> None:
        super().__init__()
        self.heights = HeightLaw(loops, shape, width)
        self.pairs = nn.ModuleList(PairLaw(pair_width) for _ in range(GROUPS))

    def forward(self, group: int | None, *inputs: Tensor | slice) -> Tensor:
        """Compute the coefficients of increments (`group` None), or of the pairs of a group."""
        return self.heights(*inputs) if group is None else self.pairs[group](*inputs)


class Lattice(nn.Module):
    """Tables of the increments and of the weights, which travel with the model.

    Arguments:
        loops: of the lattice.
        log_site: ln W(2j).
        most: largest |j| of an increment, and largest l.
    """

    def __init__(self, loops: Loops, log_site: Tensor, most: tuple[int, int]) -> None:
        super().__init__()
        rows = np.arange(len(loops.main))
        columns = loops.matrix[loops.links]
        slope = np.where(loops.settled[loops.links] == rows[:, None] + 2, columns[rows, :, rows + 2], 0)
        before = columns * (np.arange(loops.matrix.shape[1]) < rows[:, None, None] + 2)
        tables = {"matrix": loops.matrix, "slope": slope, "before": before}
        for name, table in tables.items():
            self.register_buffer(name, torch.from_numpy(np.asarray(table)).float(), persistent=False)
        self.register_buffer("links", torch.from_numpy(loops.links), persistent=False)
        self.register_buffer("log_site", log_site.float(), persistent=False)
        self.register_buffer("candidates", torch.arange(-most[0], most[0] + 1.0), persistent=False)
        self.register_buffer("log_factorial", torch.arange(1.0, len(log_site) + 1).lgamma(), persistent=False)
        self.most = most


def height_density(network: nn.Module, lattice: Lattice, increments: Tensor) -> Tensor:
    """Compute ln q of increments (N, V + 1) given the windings, (N,); -inf beyond the largest increment."""
    flux = increments @ lattice.matrix.T
    rows = slice(0, len(lattice.links))
    base = torch.einsum("nc,rsc->nrs", increments, lattice.before)
    near = network.heights.seen(flux, rows)
    coefficients = network(None, near, base, increments[:, :2], rows)
    law = logits(coefficients, Settled(base, lattice.slope), lattice.candidates, lattice.log_factorial)
    number = increments[:, 2:] + lattice.most[0]
    inside = (number >= 0) & (number < len(lattice.candidates))
    chosen = number.long().clamp(0, len(lattice.candidates) - 1)
    log_q = law.log_softmax(2).gather(2, chosen[..., None]).squeeze(2)
    return torch.where(inside, log_q, -torch.inf).double().sum(1)


def heights_drawn(
    network: nn.Module, lattice: Lattice, windings: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw fluxes (N, 2V) with windings (N, 2); returns them and ln q, (N,)."""
    flux, log_q = windings @ lattice.matrix[:, :2].T, windings.new_zeros(len(windings)).double()
    for row, links in enumerate(lattice.links):
        rows, base = slice(row, row + 1), flux[:, links][:, None]
        coefficients = network(None, network.heights.seen(flux, rows), base, windings, rows)
        settled = Settled(base, lattice.slope[rows])
        law = logits(coefficients, settled, lattice.candidates, lattice.log_factorial)[:, 0].log_softmax(1)
        number = _drawn(law, generator)
        flux = flux + lattice.candidates[number] * lattice.matrix[:, row + 2]
        log_q = log_q + law.gather(1, number).squeeze(1)
    return flux, log_q


@dataclass
class PairPass:
    """Pairs, group by group, as they are, or drawn.

    Arguments:
        network: of the model.
        lattice: its tables.
        flux: (N, 2, L_s, L_t).
    """

    network: nn.Module
    lattice: Lattice
    flux: Tensor

    def density(self, pairs: Tensor) -> Tensor:
        """Compute ln q of pairs (N, 2, L_s, L_t), (N,); -inf where one is too large."""
        return self._passed(
            lambda law, group: self._link_pairs(pairs, group).clamp(max=law.shape[2] - 1), pairs
        )[1]

    def drawn(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw pairs; returns them and ln q."""
        return self._passed(lambda law, group: _drawn(law.flatten(0, 1), generator).reshape(law.shape[:2]))

    def _passed(
        self, choose: Callable[[Tensor, int], Tensor], true: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Go through the groups with the numbers that `choose` takes for the laws (N, links, most + 1) of each."""
        pairs = torch.zeros_like(self.flux)
        log_q = pairs.new_zeros(len(pairs)).double()
        for group, (first, last) in enumerate(group_links(self.flux.shape[2:])):
            features, load = site_features(self.flux, pairs), half_load(self.flux, pairs).flatten(1)
            correction = self.network(group, torch.cat([features[:, first], features[:, last]], 2))
            size = self.flux[:, group // 2].flatten(1)[:, first].abs()
            tables = (self.lattice.log_factorial, self.lattice.log_site)
            levels = (load[:, first], load[:, last])
            law = pair_logits(correction, size, levels, tables, self.lattice.most[1]).log_softmax(2)
            number = choose(law, group).long()
            log_q = log_q + law.gather(2, number[..., None]).squeeze(2).double().sum(1)
            filled = pairs.flatten(2).clone()
            filled[:, group // 2, first] = number.to(filled)
            pairs = filled.reshape(pairs.shape)
        if true is not None:
            log_q = torch.where((pairs == true).flatten(1).all(1), log_q, -torch.inf)
        return pairs, log_q

    def _link_pairs(self, pairs: Tensor, group: int) -> Tensor:
        first = group_links(self.flux.shape[2:])[group][0]
        return pairs[:, group // 2].flatten(1)[:, first]


def _drawn(law: Tensor, generator: torch.Generator) -> Tensor:
    """Draw a number from each row of ln q (N, J), (N, 1)."""
    uniform = torch.rand(len(law), 1, generator=generator, device=law.device, dtype=torch.float64)
    return (law.double().exp().cumsum(1) < uniform).sum(1, keepdim=True).clamp(max=law.shape[1] - 1)
