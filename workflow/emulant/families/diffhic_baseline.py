r"""The recipe of DiffHIC (J.-A. Sun et al., arXiv:2410.13069), small: diffusion of images of spectra.

A U-net predicts the noise of ln S(p_T, phi), an image of three channels, shown the entropy density as a fourth and eta/s as
a number; ancestral steps of J. Ho et al. [2006.11239] make an image. The published weights have some 110 million parameters,
and their widths, steps and scales are not readable: ours are what two cores train in a minute. It knows no symmetry.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from emulant.contracts.family import Examples, Samples
from emulant.families._family import ModelFamily, tensors_of
from emulant.families._viscosity import Viscosity
from emulant.networks.conditional_unet import ConditionalUNet
from emulant.storage.pairs import Pairs

__all__ = ["Model"]

FIRST_BETA, LAST_BETA, PUBLISHED = 1e-4, 0.02, 1000
"""Of J. Ho et al. for 1000 steps; with fewer they grow in proportion, so that as little of the image is left."""
SCALES = ("mean", "deviation", "size", "angles")
"""Tensors of the file beside the network's, in the order of `Model`."""
FLOOR = 1e-3
"""Part of its mean over azimuth below which a spectrum is not followed: shear corrections make it negative at high p_T."""
FARTHEST = 6.0
"""Deviations from the mean beyond which no image goes: further ones of a rare step would not come back."""


class Model(ModelFamily):
    """Spectra as images that noise becomes.

    Arguments:
        settings: the model block: widths and embedding of the network, generation {steps}.
        mean, deviation: of ln S of each species and node over events and azimuth, (species, nodes, 1).
        size: mean square of the density, its unit.
        angles: of a spectrum.
        viscosity: of training.
    """

    site_shape = ()

    def __init__(
        self,
        settings: dict[str, Any],
        mean: Tensor,
        deviation: Tensor,
        size: Tensor,
        angles: Tensor,
        viscosity: Viscosity,
    ) -> None:
        super().__init__()
        self.settings, self.viscosity = settings, viscosity
        for name, tensor in self._scales(mean, deviation, size, angles).items():
            self.register_buffer(name, tensor, persistent=False)
        self.network = ConditionalUNet(len(mean), 1, 1, settings["widths"], settings["embedding"])

    @classmethod
    def build(cls, settings: dict[str, Any], data: Pairs, system: Any) -> Self:
        """Scales from training pairs."""
        logarithm, size = _logarithm(data.outputs), data.inputs.square().mean().sqrt()
        mean, deviation = (f(logarithm, (0, 3), keepdim=True)[0] for f in (torch.mean, torch.std))
        angles = torch.tensor(data.outputs.shape[-1])
        return cls(settings, mean, deviation, size, angles, Viscosity.fitted(data.conditions["viscosity"]))

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            scales = [tensors.pop(name) for name in SCALES]
            return cls(record["settings"], *scales, Viscosity.from_tensors(tensors)).take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Scales and the range of the viscosity."""
        scales = self._scales(self.mean, self.deviation, self.size, self.angles)
        return scales | self.viscosity.tensors()

    @staticmethod
    def _scales(*tensors: Tensor) -> dict[str, Tensor]:
        return dict(zip(SCALES, tensors, strict=True))

    @property
    def evaluations(self) -> int:
        """Calls of the network for each sample."""
        return self.settings["generation"]["steps"]

    def examples(self, data: Pairs, seed: int) -> Examples:
        """Images of spectra and of densities, and viscosities, in an order by `seed`."""
        order = torch.randperm(len(data.inputs), generator=torch.Generator().manual_seed(seed))
        images = (_logarithm(data.outputs) - self.mean) / self.deviation
        rows = (images, self._beside(data.inputs), self._numbers(data.conditions["viscosity"]))
        return Examples(tuple(row[order] for row in rows))

    def loss(self, batch: tuple[Tensor, Tensor, Tensor], generator: torch.Generator) -> Tensor:
        """Mean squared error of the noise at a random step."""
        image, beside, numbers = batch
        power = self._powers(image)
        step = torch.randint(len(power), (len(image),), generator=generator, device=image.device)
        left = power[step][:, None, None, None]
        noise = torch.randn(image.shape, generator=generator, device=image.device)
        noisy = left.sqrt() * image + (1 - left).sqrt() * noise
        return (self.network(noisy, beside, step.float(), numbers) - noise).square().mean()

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Make the spectrum of each of condition["inputs"] (count, n, n) at condition["viscosity"] (count,)."""
        beside, numbers = self._beside(condition["inputs"]), self._numbers(condition["viscosity"])
        shape = (count, len(self.mean), *beside.shape[-2:])
        x = torch.randn(shape, generator=generator, device=beside.device)
        power = self._powers(x)
        for step in reversed(range(len(power))):
            before = power[step - 1] if step else torch.ones_like(power[0])
            signal, rest = power[step] / before, 1 - power[step]
            noise = self.network(x, beside, torch.full((count,), float(step), device=x.device), numbers)
            image = ((x - rest.sqrt() * noise) / power[step].sqrt()).clamp(-FARTHEST, FARTHEST)
            x = (before.sqrt() * (1 - signal) * image + signal.sqrt() * (1 - before) * x) / rest
            if step:
                fresh = torch.randn(shape, generator=generator, device=x.device)
                x = x + ((1 - before) / rest * (1 - signal)).sqrt() * fresh
        return Samples((x * self.deviation + self.mean).exp())

    def _powers(self, like: Tensor) -> Tensor:
        """What the steps leave of the squared signal, (steps,)."""
        steps = self.settings["generation"]["steps"]
        betas = torch.linspace(FIRST_BETA, LAST_BETA, steps, device=like.device) * PUBLISHED / steps
        return torch.cumprod(1 - betas.clamp(max=0.999), dim=0)

    def _beside(self, densities: Tensor) -> Tensor:
        """Densities as images of the size of a spectrum."""
        size = (self.mean.shape[1], int(self.angles))
        images = nn.functional.interpolate(densities[:, None], size, mode="bilinear", align_corners=False)
        return images / self.size

    def _numbers(self, viscosity: Tensor) -> Tensor:
        """Eta/s over the range of training."""
        if self.viscosity.orders == 0:
            return torch.zeros_like(viscosity)[:, None].float()
        return self.viscosity(viscosity)[:, 1:2].float()


def _logarithm(spectra: Tensor) -> Tensor:
    least = FLOOR * spectra.mean(dim=-1, keepdim=True).clamp(min=1e-30)
    return torch.maximum(spectra, least).log()
