"""A Fourier neural operator from the plane of space to that of momentum: the density in, ln S(p_x, p_y) of each species out.

Both planes turn together, so that quarter turns and mirrors of the grid are taught by turned copies. It is trained on what
ln S differs from its mean over events and azimuth. Own layers: the package `neuraloperator` would install 27 others.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.family import Examples, Samples
from emulant.families._family import ModelFamily, tensors_of
from emulant.families._viscosity import Viscosity
from emulant.networks.fourier_operator import FourierOperator
from emulant.storage.pairs import Pairs

__all__ = ["Model"]

SCALES = ("mean", "deviation", "size", "points")
"""Tensors of the file beside the network's, in the order of `Model`."""
FLOOR = 1e-3
"""Part of its mean over azimuth below which a spectrum is not followed: shear corrections make it negative at high p_T."""
INPUTS = 5
"""The density, its root, both coordinates of the cell, and eta/s."""


class Model(ModelFamily):
    """The spectrum of each given initial state.

    Arguments:
        settings: the model block: channels, modes and layers of the network.
        mean, deviation: of ln S of each species and node over events and azimuth, (species, nodes, 1).
        size: mean square of the density, its unit.
        points: where spectra are read from the plane of momentum, (nodes, angles, 2), its half width 1.
        viscosity: of training.
    """

    evaluations, site_shape = 1, ()

    def __init__(
        self,
        settings: dict[str, Any],
        mean: Tensor,
        deviation: Tensor,
        size: Tensor,
        points: Tensor,
        viscosity: Viscosity,
    ) -> None:
        super().__init__()
        self.settings, self.viscosity = settings, viscosity
        for name, tensor in zip(SCALES, (mean, deviation, size, points), strict=True):
            self.register_buffer(name, tensor, persistent=False)
        numbers = [settings[name] for name in ("channels", "modes", "layers")]
        self.network = FourierOperator(INPUTS, len(mean), *numbers)

    @classmethod
    def build(cls, settings: dict[str, Any], data: Pairs, system: Any) -> Self:
        """Scales from training pairs; the plane reaches to the last node."""
        logarithm, size = _logarithm(data.outputs), data.inputs.square().mean().sqrt()
        mean, deviation = (f(logarithm, (0, 3), keepdim=True)[0] for f in (torch.mean, torch.std))
        phi = 2 * torch.pi * torch.arange(data.outputs.shape[-1]) / data.outputs.shape[-1]
        radius = torch.as_tensor(system.nodes[0] / system.nodes[0].max(), dtype=torch.float32)[:, None]
        # Axis 0 of a density is x, which `grid_sample` takes for its second coordinate.
        points = torch.stack([radius * phi.sin(), radius * phi.cos()], dim=-1)
        viscosity = Viscosity.fitted(data.conditions["viscosity"])
        return cls(settings, mean, deviation, size, points, viscosity)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            scales = [tensors.pop(name) for name in SCALES]
            return cls(record["settings"], *scales, Viscosity.from_tensors(tensors)).take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Scales and the range of the viscosity."""
        return {name: getattr(self, name) for name in SCALES} | self.viscosity.tensors()

    def examples(self, data: Pairs, seed: int) -> Examples:
        """Fields of density and viscosity, and ln S in units of its scatter, in an order by `seed`."""
        order = torch.randperm(len(data.inputs), generator=torch.Generator().manual_seed(seed))
        targets = (_logarithm(data.outputs) - self.mean) / self.deviation
        return Examples(
            (data.inputs[order], data.conditions["viscosity"].float()[order], targets[order].float())
        )

    def loss(self, batch: tuple[Tensor, Tensor, Tensor], generator: torch.Generator) -> Tensor:
        """Mean squared error of ln S in units of its scatter; the batch is turned by one of the grid's eight symmetries."""
        densities, viscosity, targets = batch
        turns, mirrored = torch.randint(4, (), generator=generator), torch.rand((), generator=generator) < 0.5
        densities = torch.rot90(densities, int(turns), dims=(1, 2))
        targets = targets.roll(int(turns) * (targets.shape[-1] // 4), -1)
        if mirrored:
            densities, targets = densities.flip(2), targets.flip(-1).roll(1, -1)
        return (self._scaled(densities, viscosity) - targets).square().mean()

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Compute the spectrum of each of condition["inputs"] (count, n, n) at condition["viscosity"] (count,)."""
        scaled = self._scaled(condition["inputs"], condition["viscosity"])
        return Samples((scaled * self.deviation + self.mean).exp())

    def _scaled(self, densities: Tensor, viscosity: Tensor) -> Tensor:
        """Ln S in units of its scatter, (N, species, nodes, angles)."""
        relative = densities / self.size
        axis = torch.linspace(-1, 1, densities.shape[-1], device=densities.device).expand(relative.shape)
        number = torch.zeros_like(viscosity)
        if self.viscosity.orders:
            number = self.viscosity(viscosity)[:, 1].to(relative)
        fields = [relative, relative.sqrt(), axis, axis.mT, number[:, None, None].expand(relative.shape)]
        planes = self.network(torch.stack(fields, dim=1))
        points = self.points.expand(len(planes), *self.points.shape)
        return torch.nn.functional.grid_sample(planes, points, padding_mode="border", align_corners=False)


def _logarithm(spectra: Tensor) -> Tensor:
    least = FLOOR * spectra.mean(dim=-1, keepdim=True).clamp(min=1e-30)
    return torch.maximum(spectra, least).log()
