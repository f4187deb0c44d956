"""Diffusion of links with the Wilson action by noise on the circle and a score that is a transposed curl.

Action and noise are blind to gauge angles and holonomies, so that the score has no such part: the curl of numbers that
depend on plaquettes alone loses nothing, and the walk commutes with gauge transformations. The coupling is a condition.
"""

import copy
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.family import Conditioned, Examples, Samples
from emulant.contracts.system import HasAction, HasSweeps, System
from emulant.errors import InputError
from emulant.families._family import ModelFamily, tensors_of
from emulant.families.gauge_diffusion.coupling import Wilson
from emulant.families.gauge_diffusion.sampling import random_walk
from emulant.families.gauge_diffusion.score import network_of, plaquette_score
from emulant.families.gauge_diffusion.target import curl_loss, noise_levels, noisy, turned
from emulant.gauge import wilson as wilson_action
from emulant.gauge.arrays import wrapped
from emulant.gauge.plaquettes import plaquette_sums

__all__ = ["Model"]

SWEEPS = 5
"""Of the heat bath that the variant `heat_bath` adds, where the settings do not say."""
CONDITION = "beta"


class Model(ModelFamily):
    """A diffusion model of links.

    Arguments:
        settings: the model block.
        shape: of one configuration, (2, L_t, L_s).
        system: whose coupling holds where no condition is told, and whose sweeps the variant takes.
    """

    def __init__(
        self, settings: dict[str, Any], shape: tuple[int, ...], system: System | None = None
    ) -> None:
        super().__init__()
        self.settings, self.site_shape, self.system = settings, tuple(shape), system
        self.network = network_of(**settings["network"])

    @classmethod
    def build(cls, settings: dict[str, Any], data: Tensor | Conditioned, system: System) -> Self:
        """A fresh model; the network starts at zero output.

        Raises:
            InputError: for a system whose action is not the Wilson action.
        """
        _check_action(settings["family"], data, system)
        return cls(settings, system.site_shape, system)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            return cls(record["settings"], tuple(record["site_shape"])).take(dict(tensors), weights)

    def with_system(self, system: System) -> Self:
        """Say which system; returns the model, which goes to the system's lattice, as nothing in it knows of one."""
        self.system, self.site_shape = system, tuple(system.site_shape)
        return self

    def at(self, system: System) -> Self:
        """The same model at another coupling, or on another lattice."""
        return copy.copy(self).with_system(system)

    @property
    def evaluations(self) -> int:
        """Calls of the network for each sample."""
        return self.settings["generation"]["steps"]

    def examples(self, data: Tensor | Conditioned, seed: int) -> Examples:
        """Plaquettes (N, L_t, L_s) and the coupling of each configuration, (N,)."""
        if isinstance(data, Conditioned):
            return Examples((_plaquettes(data.values), data.conditions[CONDITION]))
        beta = torch.full((len(data),), self.system.parameters[CONDITION], dtype=data.dtype)
        return Examples((_plaquettes(data), beta))

    def loss(self, batch: tuple[Tensor, Tensor], generator: torch.Generator) -> Tensor:
        """Squared error of the score of noisy links in units of 1/s, as of `target`."""
        plaquettes, beta = (column.double() for column in batch)
        wilson, noise = Wilson.of(beta), noise_levels(len(beta), generator)
        sample = noisy(turned(plaquettes, generator), noise, wilson, generator)
        score = plaquette_score(self.network, sample.plaquettes, noise, wilson)
        return curl_loss(score, sample, noise)

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Walk from uniform links; `condition` may have `beta`, a number or (count,)."""
        beta = (condition or self.system.parameters)[CONDITION]
        wilson = Wilson.of(torch.as_tensor(beta, dtype=torch.float64, device=generator.device).expand(count))
        uniform = torch.rand(
            count, *self.site_shape, generator=generator, device=generator.device, dtype=torch.float64
        )

        def head(plaquettes: Tensor, s: float) -> Tensor:
            return plaquette_score(self.network, plaquettes, plaquettes.new_full((count,), s), wilson)

        return Samples(random_walk(head, 2 * math.pi * uniform - math.pi, self.evaluations, generator))

    def sample_variant(
        self,
        variant: str,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
    ) -> Samples:
        """Generate as `sample` does, and then let the system sweep, `generation.sweeps` times."""
        links = self.sample(count, generator, condition).values
        seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
        sweeps = self.settings["generation"].get("sweeps", SWEEPS)
        return Samples(torch.from_numpy(self.system.swept(links.cpu().numpy(), sweeps, seed)))


def _plaquettes(links: Tensor) -> Tensor:
    """Plaquettes in [-pi, pi), in the precision of the links."""
    return wrapped(plaquette_sums(links.double())).to(links.dtype)


def _check_action(family: str, data: Tensor | Conditioned, system: System) -> None:
    """Raise InputError where a system has no sweeps, or its action is not -beta sum cos theta_p on a few configurations."""
    if not (isinstance(system, HasAction) and isinstance(system, HasSweeps)):
        expected = f"an action and sweeps (contracts/system.py) for {family}"
        raise InputError(f"system {system.kind}", family, expected, "none")
    links = (data.values if isinstance(data, Conditioned) else data)[:4].double()
    wilson = wilson_action.action(links, system.parameters[CONDITION])
    if not torch.allclose(system.action(links), wilson):
        expected = f"S = -beta sum cos theta_p for {family}"
        raise InputError(f"system {system.kind}", "action", expected, "another action")
