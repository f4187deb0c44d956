"""The diffusion model of U(1) links as published: ScoreNet trained at one coupling, its score scaled to others.

As in Q. Zhu et al., arXiv:2410.19602 and 2502.05504. Links over pi get Gaussian noise of sigma = 25 that is not wrapped. The
score at beta is beta / beta_0 times that of the training's beta_0, which is right without noise alone. No layer knows of
gauge transformations; training sees random ones, as all symmetries of the system.
"""

import copy
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from emulant.contracts.family import Conditioned, Examples, Samples
from emulant.contracts.system import System
from emulant.errors import InputError
from emulant.families._family import ModelFamily, tensors_of
from emulant.families.gauge_diffusion_baseline.annealing import adjusted, evaluations, levels, unadjusted
from emulant.gauge.arrays import wrapped
from emulant.networks.periodic_score_net import PeriodicScoreNet
from emulant.transport.paths import VarianceExploding

__all__ = ["Model"]

SHRINKING, LONGEST = 0.9, 110
"""Times of the training are 0.9^(110 u) of a uniform u, as published."""
CONDITION = "beta"


class Model(ModelFamily):
    """Score s(x, t) = PeriodicScoreNet(x, t) / noise(t) of links over pi.

    Arguments:
        settings: the model block.
        shape: of one configuration, (2, L_t, L_s).
        trained: beta_0.
        system: whose coupling and action the sampling takes.
    """

    def __init__(
        self, settings: dict[str, Any], shape: tuple[int, ...], trained: float, system: System | None = None
    ) -> None:
        super().__init__()
        self.settings, self.site_shape, self.trained = settings, tuple(shape), trained
        self.system, self.path = system, VarianceExploding(settings["sigma"])
        self.network = PeriodicScoreNet(channels=2)

    @classmethod
    def build(cls, settings: dict[str, Any], data: Tensor | Conditioned, system: System) -> Self:
        """A fresh model for links of one coupling.

        Raises:
            InputError: where training sees several.
        """
        return cls(settings, system.site_shape, _trained_at(data, system), system)

    @classmethod
    def load(cls, record: dict[str, Any], weights: Path) -> Self:
        """From model.json's record and the safetensors file."""
        with tensors_of(weights) as tensors:
            trained = float(tensors.pop("trained"))
            return cls(record["settings"], tuple(record["site_shape"]), trained).take(tensors, weights)

    def with_system(self, system: System) -> Self:
        """Say which system; returns the model, which goes to the system's lattice, as nothing in it knows of one."""
        self.system, self.site_shape = system, tuple(system.site_shape)
        return self

    def at(self, system: System) -> Self:
        """The same model at another coupling, or on another lattice."""
        return copy.copy(self).with_system(system)

    def parts(self) -> dict[str, Tensor]:
        """The coupling of the training."""
        return {"trained": torch.tensor(self.trained, dtype=torch.float64)}

    @property
    def evaluations(self) -> int:
        """Calls of the network for each sample."""
        return evaluations(self.settings["generation"])

    def examples(self, data: Tensor | Conditioned, seed: int) -> Examples:
        """The links."""
        return Examples(data.values if isinstance(data, Conditioned) else data)

    def noisy(self, links: Tensor, t: Tensor, z: Tensor) -> Tensor:
        """Links over pi with noise z of times t (N,)."""
        return links / math.pi + self.path.noise(t)[:, None, None, None] * z

    def loss(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """Mean over the batch of the sum over links of (noise(t) s(x, t) + z)^2."""
        device = batch.device
        t = SHRINKING ** (LONGEST * torch.rand(len(batch), generator=generator, device=device))
        z = torch.randn(batch.shape, generator=generator, device=device)
        predicted = self.network(self.noisy(batch.float(), t, z), t)
        return (predicted + z).square().flatten(1).sum(1).mean()

    def score(self, x: Tensor, t: float, beta: float) -> Tensor:
        """Gradient of log p_t of links over pi at the training's coupling, times beta / beta_0."""
        size = float(self.path.noise(t)) * self.trained / beta
        return self.network(x, x.new_full((len(x),), t)) / size

    @torch.no_grad()
    def sample(
        self,
        count: int,
        generator: torch.Generator,
        condition: Mapping[str, Any] | None = None,
        watch: Callable[[Tensor, float], None] | None = None,
    ) -> Samples:
        """Anneal from Gaussian noise; `condition` may have `beta`, a number."""
        beta = float((condition or self.system.parameters)[CONDITION])
        target, generation = self.system.at({CONDITION: beta}), self.settings["generation"]
        shape = (count, *self.site_shape)
        noise = torch.randn(shape, generator=generator, device=generator.device)
        x = noise * float(self.path.noise(1.0))

        def action(x: Tensor) -> Tensor:
            return target.action(math.pi * x.double())

        for time, step, exact in levels(generation):

            def drift(x: Tensor, time: float = time) -> Tensor:
                return self.score(x, time, beta)

            moves = (step, generation["moves"], generator)
            x = adjusted(x, drift, action, *moves) if exact else unadjusted(x, drift, *moves)
        return Samples(wrapped(math.pi * x.double()))


def _trained_at(data: Tensor | Conditioned, system: System) -> float:
    """Return the coupling of all training links."""
    if not isinstance(data, Conditioned):
        return float(system.parameters[CONDITION])
    couplings = data.conditions[CONDITION].unique().tolist()
    if len(couplings) != 1:
        raise InputError("experiment", "conditions.beta", "one coupling, as published", couplings)
    return couplings[0]
