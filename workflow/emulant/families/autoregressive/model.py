r"""Spins one after another in raster order (after D. Wu, L. Wang, P. Zhang, arXiv:1809.10606), from what is known of each.

.. math:: \ln\frac{p(s_i = 1 \mid s_{<i})}{p(s_i = -1 \mid s_{<i})} = \ell_i + f_i(\text{boundary}, \text{row } 0)

l_i sums the rows that come: on a square ferromagnet all of them, with few states of each column (`spins.columns`), elsewhere
a window of them with the lattice cut below it (`spins.windows`). f_i is an odd network: log q does not change with the sign
of all spins. f is trained by the cross entropy with the law of each spin, as exact as it can be had
(`pool`), or by the reverse divergence, whose noise vanishes where q = p; at one temperature or at several at once.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn import functional as F

from emulant.contracts.family import Examples, Samples
from emulant.contracts.system import HasBonds, System
from emulant.errors import InputError
from emulant.families._cluster_chains import ClusterChains
from emulant.families._family import tensors_of
from emulant.families._temperatures import Temperatures
from emulant.families.autoregressive.drawing import contexts, drawn
from emulant.families.autoregressive.pool import pool_of
from emulant.networks.site_heads import Heads, SiteHeads
from emulant.randomness.seeds import job_seed
from emulant.spins.column_laws import ColumnLaw
from emulant.spins.raster import boundary
from emulant.spins.raster_laws import RasterLaw, raster_law, reducible
from emulant.spins.window_laws import WindowLaw

__all__ = ["Model"]

BATCH = 256
"""Configurations that are drawn together: columns of eight states behind rows of 16 take 8 MB."""
FINER = 2
"""Times as many states for labels: their divergence is smaller by two orders."""


class Model(ClusterChains):
    """Samples with their log q.

    Arguments:
        settings: the model block.
        system: whose law is learned.
    """

    network: SiteHeads
    evaluations = 1

    def __init__(self, settings: dict[str, Any], system: HasBonds) -> None:
        super().__init__()
        self.settings, self.system, self.site_shape = settings, system, tuple(system.site_shape)
        self.temperatures = Temperatures(settings, system.beta)
        self.boundary = torch.from_numpy(boundary(self.site_shape))
        sites, inputs = self.boundary.shape
        linear = torch.zeros(len(self.temperatures), sites, 1, inputs)
        self.network = SiteHeads(linear, settings["hidden"], settings["rank"])

    @classmethod
    def build(cls, settings: dict[str, Any], data: None, system: System) -> Self:
        """A fresh model, the law of the rows that come alone.

        Raises:
            InputError: for a system that is no model of spins, a window as high as its lattice, or a temperature outside of
                those of the training.
        """
        if not isinstance(system, HasBonds):
            expected = "what HasBonds of contracts/system.py has"
            raise InputError(f"system {system.kind}", settings["family"], expected, "none")
        windows = not reducible(system.bond, system.lattice)
        if windows and settings["rows"] >= system.site_shape[0]:
            expected = f"fewer rows than the {system.site_shape[0]} of the lattice"
            raise InputError(f"model {settings['name']}", "rows", expected, settings["rows"])
        model = cls(settings, system)
        model.temperatures.hats(system.beta)
        return model

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            system = Recorded(tensors, tuple(record["site_shape"]))
            return cls(record["settings"], system).take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Beta and K of the system, and whether its lattice is triangular."""
        numbers = {"beta": self.system.beta, "bond": self.system.bond}
        named = numbers | {"triangular": float(self.system.lattice == "triangular")}
        return {name: torch.tensor(value, dtype=torch.float64) for name, value in named.items()}

    def examples(self, data: None, seed: int) -> Examples:
        """As many configurations at each temperature: spins (N, temperatures, L_y, L_x), offsets and labels of them."""
        if self.settings["objective"] == "reverse_divergence":
            return Examples(None, held_out=False)
        systems = self.temperatures.systems(self.system)
        pools = [
            pool_of(
                system,
                self._law(system),
                self.settings["pool"],
                self._labels(system),
                job_seed(seed, f"{system.beta}"),
            )
            for system in systems
        ]
        return Examples(tuple(torch.stack(column, 1) for column in zip(*pools, strict=True)))

    def loss(self, batch: Any, generator: torch.Generator) -> Tensor:
        """The loss that the settings name, in nats for each configuration, the mean over temperatures."""
        if self.settings["objective"] == "reverse_divergence":
            return self._reverse(len(batch), generator)
        spins, offset, label = batch
        logits = offset + self._corrections(self._all_heads(), spins)
        return F.binary_cross_entropy_with_logits(logits, label, reduction="none").sum(-1).mean()

    def _reverse(self, count: int, generator: torch.Generator) -> Tensor:
        """The mean of ln q + S over fresh samples, -ln Z above the divergence; its gradient is that of ln q alone."""
        systems, heads = self.temperatures.systems(self.system), self._all_heads()
        batches = [self._drawn(count, generator, system, _one(heads, k)) for k, system in enumerate(systems)]
        spins = torch.stack([batch.spins for batch in batches])
        excess = torch.stack(
            [batch.log_q + system.action(batch.spins) for batch, system in zip(batches, systems, strict=True)]
        )
        offset = torch.stack([batch.offset for batch in batches])
        corrections = self._corrections(heads, spins.transpose(0, 1)).transpose(0, 1)
        log_q = _log_q(offset + corrections, spins.flatten(2))
        advantage = (excess - excess.mean(1, keepdim=True)) * (count / (count - 1))
        surrogate = (advantage * log_q).mean()
        return excess.mean() + surrogate - surrogate.detach()

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Draw samples and their log q at the temperature of the system."""
        heads = self._heads_here()
        parts = [
            self._drawn(min(BATCH, count - first), generator, self.system, heads)
            for first in range(0, count, BATCH)
        ]
        return Samples(torch.cat([p.spins for p in parts]), log_q=torch.cat([p.log_q for p in parts]))

    @torch.no_grad()
    def log_density(self, fields: Tensor) -> Tensor:
        """Compute log q of spins (N, *site_shape), (N,) float64."""
        heads, spins = self._heads_here(), fields.cpu().to(torch.int8)
        offsets = torch.from_numpy(self._law(self.system).logits(spins.numpy())).flatten(1)
        parts = zip(spins.split(BATCH), offsets.split(BATCH), strict=True)
        return torch.cat([self._density(heads, part, offset) for part, offset in parts])

    def _density(self, heads: Heads, spins: Tensor, offset: Tensor) -> Tensor:
        logits = offset + self._corrections(heads, spins[:, None])[:, 0].double().cpu()
        return _log_q(logits, spins.flatten(1))

    def _drawn(self, count: int, generator: torch.Generator, system: HasBonds, heads: Heads) -> Any:
        uniform = torch.rand(
            count, len(self.boundary), generator=generator, dtype=torch.float64, device=generator.device
        )
        detached = Heads(*(part.detach().cpu() for part in heads))
        return drawn(uniform.cpu(), self.site_shape, self._law(system), detached, self.boundary)

    def _law(self, system: HasBonds) -> RasterLaw:
        """What the rows that come say, before the heads."""
        rows, states = self.settings["rows"], self.settings["states"]
        return raster_law(system.bond, system.lattice, self.site_shape, rows, states)

    def _labels(self, system: HasBonds) -> RasterLaw:
        """A better law to learn from: more states, or the rows beyond a window as they are."""
        if reducible(system.bond, system.lattice):
            return ColumnLaw(system.bond, self.site_shape, FINER * self.settings["states"])
        return WindowLaw(system.bond, system.lattice, self.settings["rows"], fixed=True)

    def _corrections(self, heads: Heads, spins: Tensor) -> Tensor:
        """Evaluate f of spins (N, temperatures, L_y, L_x): (N, temperatures, V)."""
        inputs = contexts(spins.flatten(2).to(heads.hidden), self.boundary)
        return heads.everywhere(inputs.transpose(0, 1)).squeeze(-1).transpose(0, 1)

    def _all_heads(self) -> Heads:
        """Heads at each temperature of the training."""
        count = len(self.temperatures)
        return self.network(torch.eye(count, device=next(self.network.parameters()).device))

    def _heads_here(self) -> Heads:
        """Heads at the temperature of the system."""
        weight = next(self.network.parameters())
        return self.network(self.temperatures.hats(self.system.beta)[None].to(weight))


class Recorded:
    """What a file says of the system of a model.

    Arguments:
        tensors: of the file, of which its numbers are taken.
        shape: of the lattice.
    """

    def __init__(self, tensors: dict[str, Tensor], shape: tuple[int, ...]) -> None:
        self.beta, self.bond = float(tensors.pop("beta")), float(tensors.pop("bond"))
        self.lattice = "triangular" if float(tensors.pop("triangular")) else "square"
        self.site_shape = shape


def _one(heads: Heads, number: int) -> Heads:
    """Heads at one of the temperatures."""
    return Heads(heads.hidden, heads.readout[number : number + 1], heads.linear[number : number + 1])


def _log_q(logits: Tensor, spins: Tensor) -> Tensor:
    """Sum ln q of spins with ln p(+1)/p(-1) = logits (..., V), in the precision of the logits."""
    return F.logsigmoid(logits * spins).sum(-1)
