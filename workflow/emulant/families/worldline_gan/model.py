"""The published idea: a generative adversarial network of k and l in space and time, conditioned on the charge density.

After K. Zhou, G. Endrodi, L.-G. Pang and H. Stocker, Phys. Rev. D 100 (2019) 011501 [1810.12879], of which no code is
public: networks and training are ours. Nothing in it knows that k is conserved; how often it breaks that is its measure.
The critic sees training integers with uniform noise in +-1/2, which rounding removes, and the generator's numbers before
rounding. Charges are drawn from the law of the training samples, carried to another mu (`families._winding_sectors`); those
of a sample may differ.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.family import Conditioned, Examples, Samples
from emulant.contracts.system import System
from emulant.families._dual_samples import dual_samples
from emulant.families._family import ModelFamily, tensors_of
from emulant.families._winding_sectors import fitted_sectors, log_sectors, sector_grid
from emulant.families.worldline_gan.networks import NOISE, Adversaries

__all__ = ["Model"]

LARGEST = 127
"""Of the integers of a file."""


class Model(ModelFamily):
    """A generator of integers and its critic.

    Arguments:
        settings: the model block.
        shape: of one configuration, (4, L_s, L_t).
        tables: ln Z of the sectors, and mu of the system.
    """

    network: Adversaries
    evaluations = 1

    def __init__(
        self, settings: dict[str, Any], shape: tuple[int, ...], tables: Mapping[str, Tensor]
    ) -> None:
        super().__init__()
        self.settings, self.site_shape, self.tables = settings, tuple(shape), dict(tables)
        widths = settings["network"]
        self.network = Adversaries(self.site_shape[0], widths["width"], widths["blocks"])

    @classmethod
    def build(cls, settings: dict[str, Any], data: Tensor | Conditioned, system: System) -> Self:
        """A fresh model; raises InputError where the system is not on a two-dimensional lattice."""
        samples = dual_samples(settings["family"], data, system)
        charge, winding = samples.flux[:, 1, :, 0].sum(1), samples.flux[:, 0, 0].sum(1)
        arrays = (charge.numpy(), winding.numpy(), samples.mu.numpy())
        tables = {
            "log_z": fitted_sectors(*arrays, system.site_shape[2]),
            "mu": torch.tensor([system.parameters["mu"]], dtype=torch.float64),
        }
        return cls(settings, system.site_shape, tables)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            left = dict(tensors)
            tables = {name: left.pop(name) for name in ("log_z", "mu")}
            return cls(record["settings"], tuple(record["site_shape"]), tables).take(left, weights)

    def parts(self) -> dict[str, Tensor]:
        """The tables."""
        return self.tables

    def examples(self, data: Tensor | Conditioned, seed: int) -> Examples:
        """Configurations and the charge of each for a site; a loss of two adversaries is no validation."""
        values = (data.values if isinstance(data, Conditioned) else data).float()
        return Examples((values, values[:, 1].flatten(1).mean(1)), held_out=False)

    def loss(self, batch: tuple[Tensor, Tensor], generator: torch.Generator) -> Tensor:
        """The critic's logistic loss and the generator's, each with a gradient for its own weights alone."""
        values, density = batch
        noise = torch.rand(values.shape, generator=generator, device=values.device)
        generated = self.network("generate", self._noise(len(values), generator), density)
        soft = nn.functional.softplus
        true = self.network("judge", values + noise - 0.5, density)
        false = self.network("judge", generated.detach(), density)
        fooled = self.network("judge_fixed", generated, density)
        return (soft(-true) + soft(false) + soft(-fooled)).mean()

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Generate integers; `condition` may have `mu`, a number."""
        mu = float((condition or {}).get("mu", self.tables["mu"]))
        law = log_sectors(self.tables["log_z"], mu, self.site_shape[2]).exp().to(generator.device)
        chosen = torch.multinomial(law, count, replacement=True, generator=generator)
        charge = sector_grid(self.tables["log_z"])[0].to(law.device)[chosen]
        generated = self.network(
            "generate", self._noise(count, generator), charge.float() / self.site_shape[1]
        )
        whole = generated.round().clamp(-LARGEST, LARGEST)
        flux, pairs = whole.chunk(2, 1)
        return Samples(torch.cat([flux, pairs.clamp(min=0)], 1).to(torch.int8))

    def _noise(self, count: int, generator: torch.Generator) -> Tensor:
        shape = (count, NOISE, *self.site_shape[1:])
        return torch.randn(shape, generator=generator, device=generator.device)
