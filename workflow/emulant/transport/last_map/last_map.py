"""The last map of a flow on fields: one site, powers of waves, then the law of M, as training fields have them."""

from dataclasses import dataclass
from functools import partial
from typing import Self

import torch
from torch import Tensor

from emulant.statistics.control_variates import less_explained
from emulant.transport.last_map.latent_controls import latent_controls, polynomials_of, products
from emulant.transport.last_map.mean_law import MeanLaw
from emulant.transport.last_map.one_site import OneSiteMap
from emulant.transport.last_map.orbits import Orbits
from emulant.transport.measures import ModeMeasure

__all__ = ["LastMap"]

AT_ONCE = 1024
"""Fields in double precision at a time."""
ROUNDS = 2
"""Powers and M are measured behind the map of each site; in the second round that map is measured before both."""


@dataclass(frozen=True)
class LastMap:
    """Three maps, each one to one, in their order.

    Attributes:
        site: of each site.
        gains: factors of the modes in `rfftn` layout, 1 for the zero mode.
        mean: of M, the mean of a field.
    """

    site: OneSiteMap
    gains: Tensor
    mean: MeanLaw

    @classmethod
    def measure(cls, base: ModeMeasure, trained: Tensor, generated: Tensor, latents: Tensor) -> Self:
        """Measure them on training fields and fields of a model, (N, *site_shape) each.

        Arguments:
            base: the base measure, with the powers of the training fields.
            trained: training fields.
            generated: fields of the model.
            latents: standard normal fields, of which the model made them.
        """
        controls, wanted, waves = latent_controls(base, latents), _mean(trained), None
        for _ in range(ROUNDS):
            site = OneSiteMap.measure(trained, generated, controls, waves)
            bent = torch.cat([site(part).float() for part in generated.split(AT_ONCE)])
            gains = _gains(base, bent, latents, controls)
            mean = MeanLaw.measure(base, wanted, _mean(bent), controls)
            waves = partial(_with_waves, gains=gains, mean=mean)
        return cls(site, gains, mean)

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor], base: ModeMeasure) -> Self:
        """Build from `tensors`, and the base measure of the same model."""
        site = {name.removeprefix("site."): value for name, value in tensors.items()}
        return cls(OneSiteMap.from_tensors(site), tensors["gains"], MeanLaw(base, tensors["mean"]))

    def tensors(self) -> dict[str, Tensor]:
        """All tensors but the measure's, for safetensors."""
        site = {f"site.{name}": value for name, value in self.site.tensors().items()}
        return site | {"mean": self.mean.coefficients, "gains": self.gains}

    def to(self, device: torch.device | str) -> "LastMap":
        """Copy to `device`."""
        return LastMap(self.site.to(device), self.gains.to(device), self.mean.to(device))

    def __call__(self, generated: Tensor) -> Tensor:
        """Map generated fields (N, *site_shape)."""
        return _with_waves(self.site(generated), self.gains, self.mean).to(generated.dtype)

    def inverse(self, mapped: Tensor) -> tuple[Tensor, Tensor]:
        """Fields that are mapped to `mapped`, and log of the Jacobian of the map there, (N,) float64."""
        mean, slope = self.mean.inverse(_mean(mapped))
        fields, jacobian = self.site.inverse(_amplified(_moved(mapped, mean), 1 / self.gains))
        multiplicity = Orbits.of(tuple(mapped.shape[1:])).multiplicity.to(self.gains)
        return fields.to(mapped.dtype), jacobian + slope + (self.gains.log() * multiplicity).sum()


def _mean(fields: Tensor) -> Tensor:
    """M, (N,) float64."""
    return torch.cat([part.flatten(1).double().mean(1) for part in fields.split(AT_ONCE)])


def _moved(fields: Tensor, mean: Tensor) -> Tensor:
    """Fields (N, *site_shape) with the means (N,) in place of their own."""
    return fields.double() + (mean - _mean(fields)).reshape(-1, *[1] * (fields.ndim - 1))


def _amplified(fields: Tensor, gains: Tensor) -> Tensor:
    """Multiply each mode by its gain."""
    dims = tuple(range(1, fields.ndim))
    return torch.fft.irfftn(torch.fft.rfftn(fields.double(), dim=dims) * gains, s=fields.shape[1:], dim=dims)


def _with_waves(fields: Tensor, gains: Tensor, mean: MeanLaw) -> Tensor:
    """The last two maps, float64."""
    return _amplified(_moved(fields, mean(_mean(fields))), gains)


def _gains(base: ModeMeasure, generated: Tensor, latents: Tensor, controls: Tensor) -> Tensor:
    """Gains that give generated fields the powers of the measure."""
    orbits, polynomials, before, powers = Orbits.of(base.site_shape), [], [], []
    for part, latent in zip(generated.split(AT_ONCE), latents.split(AT_ONCE), strict=True):
        modes = base.transform(latent.double())
        polynomials.append(polynomials_of(modes[base.origin].real))
        before.append(orbits.powers(modes) - 1)
        powers.append(orbits.powers(base.transform(part.double())))
    polynomials, before, powers = (torch.cat(parts) for parts in (polynomials, before, powers))
    wanted = torch.zeros_like(orbits.sizes)
    wanted[orbits.label.flatten()] = base.power.cpu().flatten()
    factors = torch.ones_like(wanted)
    for orbit in range(1, len(factors)):
        known_means = torch.cat([controls, products(before[:, orbit : orbit + 1], polynomials)], 1)
        power = less_explained(powers[:, orbit : orbit + 1].cpu().numpy(), known_means.cpu().numpy()).mean()
        factors[orbit] = (wanted[orbit] / power).sqrt()
    return factors[orbits.label].to(base.power.device)
