"""Dual variables in two dimensions that cannot break the conservation of flux: windings, heights, pairs, with log q.

The windings are drawn from their law at any chemical potential (`families._winding_sectors`); given them nothing depends on
mu. Then the increments of the heights are drawn one after another, and pairs given the fluxes in four groups. A
configuration and its charge conjugate are the same but for the sign of the charge. The law is cut a few integers beyond the
largest ones of the training samples.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.family import Conditioned, Examples, Samples
from emulant.contracts.system import HasSymmetries, System
from emulant.families._dual_samples import dual_samples
from emulant.families._family import ModelFamily, tensors_of
from emulant.families._winding_sectors import fitted_sectors, log_sectors, sector_grid
from emulant.families.height_autoregressive.loops import loops_of
from emulant.families.height_autoregressive.network import (
    Conditionals,
    Lattice,
    PairPass,
    height_density,
    heights_drawn,
)
from emulant.families.height_autoregressive.pairs import GROUPS

__all__ = ["Model"]

BEYOND = (6, 6)
"""Integers that increments and pairs reach beyond the largest of the training samples, whose tails fall like 1 / n!."""
BATCH = 2048
"""Configurations that are drawn together: their laws then stay in the memory of a small job."""


class Model(ModelFamily):
    """An autoregressive model of dual variables.

    Arguments:
        settings: the model block.
        shape: of one configuration, (4, L_s, L_t).
        tables: ln Z of the sectors, ln W of sites, the largest increment and pair, and mu of the system.
        symmetries: maps of training batches.
    """

    network: Conditionals

    def __init__(
        self,
        settings: dict[str, Any],
        shape: tuple[int, ...],
        tables: Mapping[str, Tensor],
        symmetries: tuple[Callable[[Tensor, torch.Generator], Tensor], ...] = (),
    ) -> None:
        super().__init__()
        self.settings, self.site_shape, self.symmetries = settings, tuple(shape), symmetries
        self.tables = dict(tables)
        self.loops = loops_of(self.site_shape[1:])
        most = tuple(self.tables["most"].tolist())
        self.lattice = Lattice(self.loops, self.tables["log_site"], most)
        widths = settings["network"]
        self.network = Conditionals(self.loops, self.site_shape[1:], widths["width"], widths["pair_width"])

    @classmethod
    def build(cls, settings: dict[str, Any], data: Tensor | Conditioned, system: System) -> Self:
        """A fresh model with the windings and the largest integers of the samples.

        Raises:
            InputError: for a system whose samples are no dual variables in two dimensions.
        """
        samples = dual_samples(settings["family"], data, system)
        loops = loops_of(system.site_shape[1:])
        increments = loops.increments(samples.flux.flatten(1).numpy())
        largest = (abs(increments[:, 2:]).max(initial=0), int(samples.pairs.max()))
        tables = {
            "log_z": fitted_sectors(*increments[:, :2].T, samples.mu.numpy(), system.site_shape[2]),
            "log_site": torch.from_numpy(system.weights.log_site),
            "most": torch.tensor([int(n) + more for n, more in zip(largest, BEYOND, strict=True)]),
            "mu": torch.tensor([system.parameters["mu"]], dtype=torch.float64),
        }
        symmetries = tuple(system.symmetries) if isinstance(system, HasSymmetries) else ()
        return cls(settings, system.site_shape, tables, symmetries)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            left = dict(tensors)
            tables = {name: left.pop(name) for name in ("log_z", "log_site", "most", "mu")}
            return cls(record["settings"], tuple(record["site_shape"]), tables).take(left, weights)

    @property
    def evaluations(self) -> int:
        """Calls of the network for each sample: one for each increment and each group of pairs."""
        return len(self.loops.main) + GROUPS

    def parts(self) -> dict[str, Tensor]:
        """The tables."""
        return self.tables

    def examples(self, data: Tensor | Conditioned, seed: int) -> Examples:
        """Configurations, whatever their chemical potential."""
        values = data.values if isinstance(data, Conditioned) else data
        return Examples(values.to(torch.int16))

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """Minus the mean of ln q given the windings, for each link; symmetries move the batch."""
        for symmetry in self.symmetries:
            batch = symmetry(batch, generator)
        return -self._conditional(self._upright(batch)).mean() / batch[0].numel()

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw configurations and their log q; `condition` may have `mu`, a number."""
        mu = float((condition or {}).get("mu", self.tables["mu"]))
        parts = [self._drawn(min(BATCH, count - first), mu, generator) for first in range(0, count, BATCH)]
        values, log_q = (torch.cat(column) for column in zip(*parts, strict=True))
        return Samples(values, log_q=log_q)

    @torch.no_grad()
    def log_density(self, fields: Tensor, mu: float | None = None) -> Tensor:
        """Compute log q of conserved configurations (N, *site_shape), (N,) float64, at mu, or that of the system."""
        mu = float(self.tables["mu"]) if mu is None else mu
        return torch.cat([self._density(part, mu) for part in fields.split(BATCH)])

    def _density(self, fields: Tensor, mu: float) -> Tensor:
        windings = self._increments(fields.float())[:, :2].round().long()
        log_z, extent = self.tables["log_z"], self.site_shape[2]
        sizes = windings.abs().cpu()
        last = torch.tensor(log_z.shape) - 1
        inside = (sizes <= last).all(1)
        q, w = torch.minimum(windings.cpu(), last).maximum(-last).T
        number = (q + last[0]) * (2 * last[1] + 1) + w + last[1]
        sector = torch.where(inside, log_sectors(log_z, mu, extent)[number], -torch.inf)
        return sector.to(fields.device) + self._conditional(self._upright(fields.float()))

    def _drawn(self, count: int, mu: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw configurations (count, *site_shape) int8 and log q."""
        law = log_sectors(self.tables["log_z"], mu, self.site_shape[2]).to(generator.device)
        chosen = torch.multinomial(law.exp(), count, replacement=True, generator=generator)
        charge, winding = (part.to(law.device)[chosen].float() for part in sector_grid(self.tables["log_z"]))
        sign = torch.where(charge < 0, -1.0, 1.0)
        windings = torch.stack([charge * sign, winding * sign], 1)
        flux, log_heights = heights_drawn(self.network, self.lattice, windings, generator)
        flux = flux.reshape(count, 2, *self.site_shape[1:])
        pairs, log_pairs = PairPass(self.network, self.lattice, flux).drawn(generator)
        values = torch.cat([flux * sign[:, None, None, None], pairs], 1)
        return values.to(torch.int8), law[chosen] + log_heights + log_pairs

    def _conditional(self, upright: Tensor) -> Tensor:
        """Ln q of configurations with Q >= 0 given their windings, (N,)."""
        flux, pairs = upright[:, :2], upright[:, 2:]
        heights = height_density(self.network, self.lattice, self._increments(upright))
        return heights + PairPass(self.network, self.lattice, flux).density(pairs)

    def _upright(self, batch: Tensor) -> Tensor:
        """Conjugate configurations with Q < 0."""
        values = batch.float()
        sign = torch.where(values[:, 1, :, 0].sum(1) < 0, -1.0, 1.0)[:, None, None, None]
        return torch.cat([values[:, :2] * sign, values[:, 2:]], 1)

    def _increments(self, values: Tensor) -> Tensor:
        """Windings and steps of the heights of configurations, (N, V + 1)."""
        windings = torch.stack([values[:, 1, :, 0].sum(1), values[:, 0, 0].sum(1)], 1)
        main = torch.from_numpy(self.loops.main).to(values.device)
        return torch.cat([windings, values[:, :2].flatten(1)[:, main]], 1)
