"""Fields out of equilibrium: long waves are resampled from the training ensemble, short ones drawn from a diffusion model.

After a quench the longest waves, domains and stripes, are far from equilibrium, while the short waves have long come
into equilibrium with them. So the joint law of the long waves is taken from the ensemble (`LongWaves`); what short
waves are on average, given the long ones, is a regression (`Profile`); and diffusion adds noise to the short waves alone
and learns the law of the rest. Where p(short | long) is that of exp(-S), <phi_p^* dS/dphi_p> = 1 holds in every short
mode; this is checked, and the training may then use the forces.
"""

from pathlib import Path as FilePath
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.family import Examples, Samples, Watch
from emulant.contracts.system import HasGradient, System
from emulant.errors import InputError
from emulant.families._family import tensors_of
from emulant.families.diffusion.loss import Forces, Gradient
from emulant.families.diffusion.mode_diffusion import ModeDiffusion, restored
from emulant.statistics.pulls import limit
from emulant.transport.long_waves import LongWaves, Profile, long_waves
from emulant.transport.measures import ModeMeasure, mean_power

__all__ = ["Model"]

FALSE_ALARM = 1e-6
"""Chance that an ensemble in local equilibrium is refused; rarer than all trainings that a user will run."""


class Model(ModeDiffusion):
    """A diffusion model whose long waves carry no noise.

    Arguments:
        settings: the model block; `long_waves` is the shortest wavelength, in sites, that is taken from the ensemble.
        measure: the analytic starting point, with its noisy modes.
        forces: of the action, where training uses them.
        law: of the long waves.
        profile: what the short waves are on average, given the long ones.
        unit, measured: as of `ModeDiffusion`.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        measure: ModeMeasure,
        forces: Forces | None,
        law: LongWaves,
        profile: Profile,
        *,
        unit: float | None = None,
        **measured: Any,
    ) -> None:
        super().__init__(settings, measure, forces, unit=unit, **measured)
        self.law, self.profile = law, profile

    @classmethod
    def build(cls, settings: dict[str, Any], data: Tensor, system: System | None = None) -> Self:
        """Fit measure and law to training fields (N, *shape); with `target: local_forces` training uses the force.

        Raises:
            InputError: where the short waves are not in equilibrium with the long ones, or there is no action.
        """
        site_shape = tuple(data.shape[1:])
        mask = long_waves(site_shape, settings["long_waves"])
        profile = Profile.fit(data, mask)
        measure = ModeMeasure(mean_power(data - profile.of(data)), site_shape, noisy=~mask)
        if settings.get("target") != "local_forces" or system is None:
            return cls(settings, measure, None, LongWaves.of(data, mask, None), profile)
        if not isinstance(system, HasGradient):
            raise InputError(
                f"model {settings['name']}", "target", "fields, without an action", "local_forces"
            )
        _check_local_equilibrium(data, system.gradient, mask, settings["name"])
        forces = Forces.measured(system.gradient, data)
        return cls(settings, measure, forces, LongWaves.of(data, mask, forces.power), profile)

    @classmethod
    def load(cls, record: dict[str, Any], weights: FilePath) -> Self:
        """The trained model of model.json's record and the safetensors file."""
        site_shape = tuple(record["site_shape"])
        with tensors_of(weights) as tensors:
            law = LongWaves.from_tensors(
                {key: tensors.pop(f"long_waves.{key}") for key in ("modes", "mask", "width")}, site_shape
            )
            profile = Profile(tensors.pop("profile"), law.mask, site_shape)
            measure = ModeMeasure(tensors.pop("measure.power"), site_shape, noisy=~law.mask)
            model = cls(record["settings"], measure, None, law, profile, **restored(tensors, measure))
        return model.take(tensors, weights)

    def parts(self) -> dict[str, Tensor]:
        """Those of diffusion, the law and the profile."""
        law = {f"long_waves.{key}": value for key, value in self.law.tensors().items()}
        return super().parts() | law | {"profile": self.profile.gains}

    def place(self, device: torch.device | str) -> Self:
        """Move network, preconditioning and tables to `device`."""
        self.law, self.profile = self.law.to(device), self.profile.to(device)
        return super().place(device)

    def force_on(self, fields: Tensor) -> Tensor:
        """Grad S of the fields of which training shows what the profile leaves."""
        return super().force_on(fields + self.profile.of(fields))

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """That of diffusion, for what the profile leaves."""
        return super().loss(batch - self.profile.of(batch), generator)

    def calibrate(self, examples: Examples, generator: torch.Generator) -> None:
        """That of diffusion, for what the profile leaves."""
        fields = examples.rows
        self.calibrate_on(fields - self.profile.to(fields.device).of(fields), generator)

    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Any = None,
        watch: Watch | None = None,
    ) -> Samples:
        """Generate `count` fields; `watch` sees them with noise s on all modes, as for any other model."""
        separate = torch.Generator(self.measure.power.device).manual_seed(generator.initial_seed() + 1)

        def with_long_waves(y: Tensor, s: float) -> None:
            z = torch.randn(y.shape, generator=separate, device=y.device, dtype=y.dtype)
            watch(y + self.profile.of(y) + s * (z - self.base.reached(z)), s)

        fields = super().sample(count, generator, condition, watch and with_long_waves).values
        return Samples(fields + self.profile.of(fields))

    def latents(self, count: int, generator: torch.Generator) -> Tensor:
        """Standard normal short waves, long waves by their law."""
        short = self.base.reached(super().latents(count, generator))
        return short + self.measure.to_latent(self.law.draw(count, generator), 0.0)


def _check_local_equilibrium(
    fields: Tensor, gradient: Gradient, mask: Tensor, name: str, *, chunk: int = 8192
) -> None:
    """<phi_p^* dS/dphi_p> = 1 in every short mode, within the limit of as many tests."""
    dims = tuple(range(1, fields.ndim))
    parts = []
    for part in fields.split(chunk):
        x, g = (torch.fft.rfftn(f.double(), dim=dims, norm="ortho")[:, ~mask] for f in (part, gradient(part)))
        parts.append((x.conj() * g).real)
    products = torch.cat(parts)
    pulls = (products.mean(0) - 1) / (products.std(0) / len(fields) ** 0.5)
    worst = float(pulls.abs().max())
    if worst > limit(len(pulls), FALSE_ALARM):
        expected = "short waves in equilibrium with the long ones, <phi_p dS/dphi_p> = 1, or target: fields"
        raise InputError(
            f"model {name}", "long_waves", expected, f"{worst:.1f} errors in one of {len(pulls)} modes"
        )
