"""Long waves by their empirical law, short waves given them from a flow: for fields that remember their start.

After a quench the longest waves, domains and stripes, are far from equilibrium, while the short waves have long come
into equilibrium with them. So the joint law of the long waves is taken from the ensemble (`LongWaves`); what short
waves are on average, given the long ones, is a regression (`Profile`); and diffusion adds noise to the short waves alone
and learns the law of the rest. Where p(short | long) is that of exp(-S), <phi_p^* dS/dphi_p> = 1 holds in every short
mode; this is checked, and the training may then use the forces.
"""

from collections.abc import Callable
from pathlib import Path as FilePath
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from emulant.errors import InputError
from emulant.models import diffusion
from emulant.statistics.pulls import limit
from emulant.systems import System
from emulant.transport.long_waves import LongWaves, Profile, long_waves
from emulant.transport.measures import ModeMeasure, mean_power

__all__ = ["Model"]

FALSE_ALARM = 1e-6


class Model(diffusion.Model):
    """A diffusion model whose long waves carry no noise.

    Arguments:
        settings: the model block; `long_waves` is the shortest wavelength, in sites, that is taken from the ensemble.
        measure: the analytic starting point, with its noisy modes.
        force: grad S of fields, where training may use it.
        law: of the long waves.
        profile: what the short waves are on average, given the long ones.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        measure: ModeMeasure,
        force: diffusion.Force | None,
        law: LongWaves,
        profile: Profile,
    ) -> None:
        super().__init__(settings, measure, force)
        self.law, self.profile = law, profile

    @classmethod
    def build(cls, settings: dict[str, Any], fields: Tensor, system: System | None = None) -> "Model":
        """Fit measure and law to training fields (N, *shape); with `target: local_forces` training uses the force.

        Raises:
            InputError: where the short waves are not in equilibrium with the long ones.
        """
        site_shape = tuple(fields.shape[1:])
        mask = long_waves(site_shape, settings["long_waves"])
        profile = Profile.fit(fields, mask)
        measure = ModeMeasure(mean_power(fields - profile.of(fields)), site_shape, noisy=~mask)
        if settings.get("target") != "local_forces" or system is None:
            return cls(settings, measure, None, LongWaves.of(fields, mask, None), profile)
        force = system.gradient
        _check_local_equilibrium(fields, force, mask, settings["name"])
        power = mean_power(force(fields[: diffusion.MEASURED_FORCES]))
        model = cls(settings, measure, force, LongWaves.of(fields, mask, power), profile)
        model.force_power = power
        excess = (power - 1 / measure.power).clamp_min(1e-6 / measure.power)
        model.unit = float(excess[~mask].mean().sqrt())
        return model

    @classmethod
    def load(cls, record: dict[str, Any], weights: FilePath) -> "Model":
        """From model.json's record and the safetensors file."""
        tensors, site_shape = load_file(weights), tuple(record["site_shape"])
        law = LongWaves.from_tensors(
            {key: tensors.pop(f"long_waves.{key}") for key in ("modes", "mask", "width")}, site_shape
        )
        profile = Profile(tensors.pop("profile"), law.mask, site_shape)
        measure = ModeMeasure(tensors.pop("measure.power"), site_shape, noisy=~law.mask)
        return cls(record["settings"], measure, None, law, profile).restored(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Those of diffusion, the law and the profile."""
        law = {f"long_waves.{key}": value for key, value in self.law.tensors().items()}
        return super().parts() | law | {"profile": self.profile.gains}

    def place(self, device: torch.device | str) -> "Model":
        """Move network, measure and tables to `device`."""
        self.law, self.profile = self.law.to(device), self.profile.to(device)
        return super().place(device)

    def force_on(self, fields: Tensor) -> Tensor:
        """Grad S of the fields of which training shows what the profile leaves."""
        return super().force_on(fields + self.profile.of(fields))

    def loss(self, x0: Tensor, generator: torch.Generator) -> Tensor:
        """That of diffusion, for what the profile leaves."""
        return super().loss(x0 - self.profile.of(x0), generator)

    def calibrate(self, fields: Tensor, generator: torch.Generator) -> None:
        """That of diffusion, for what the profile leaves."""
        super().calibrate(fields - self.profile.to(fields.device).of(fields), generator)

    def sample(
        self,
        count: int,
        generator: torch.Generator,
        *,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Tensor:
        """Generate `count` fields; `watch` sees them with noise s on all modes, as for any other model."""
        own = torch.Generator(self.measure.power.device).manual_seed(generator.initial_seed() + 1)

        def seen(y: Tensor, s: float) -> None:
            z = torch.randn(y.shape, generator=own, device=y.device, dtype=y.dtype)
            watch(y + self.profile.of(y) + s * (z - self._reached(z)), s)

        fields = super().sample(count, generator, watch=watch and seen)
        return fields + self.profile.of(fields)

    def latents(self, count: int, generator: torch.Generator) -> Tensor:
        """Standard normal short waves, long waves by their law."""
        short = self._reached(super().latents(count, generator))
        return short + self.measure.to_latent(self.law.draw(count, generator), 0.0)


def _check_local_equilibrium(
    fields: Tensor, force: diffusion.Force, mask: Tensor, name: str, *, chunk: int = 8192
) -> None:
    """<phi_p^* dS/dphi_p> = 1 in every short mode, within the limit of as many tests."""
    dims = tuple(range(1, fields.ndim))
    parts = []
    for part in fields.split(chunk):
        x, g = (torch.fft.rfftn(f.double(), dim=dims, norm="ortho")[:, ~mask] for f in (part, force(part)))
        parts.append((x.conj() * g).real)
    products = torch.cat(parts)
    pulls = (products.mean(0) - 1) / (products.std(0) / len(fields) ** 0.5)
    worst = float(pulls.abs().max())
    if worst > limit(len(pulls), FALSE_ALARM):
        expected = "short waves in equilibrium with the long ones, <phi_p dS/dphi_p> = 1, or target: fields"
        raise InputError(
            f"model {name}", "long_waves", expected, f"{worst:.1f} errors in one of {len(pulls)} modes"
        )
