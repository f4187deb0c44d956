"""From standard normal modes to fields: the latent flow of the measured modes, and the solvers of any path."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from emulant.contracts.family import Watch
from emulant.families._sampling import EVALUATIONS, follow_flow, follow_noise
from emulant.families.diffusion.preconditioning import Preconditioning
from emulant.transport.paths import Path
from emulant.transport.solvers import Score, flow_times, latent_flow, latent_grid

__all__ = ["Sampling"]

ORDER = 3
"""Of the error in the step: that of `transport.solvers.latent_flow`, which a path shares for comparison."""


@dataclass(frozen=True)
class Sampling:
    """A solver of the block `generation`.

    Attributes:
        base: the preconditioning.
        path: the probability path.
        solver: its name.
        steps: how many it takes.
    """

    base: Preconditioning
    path: Path
    solver: str
    steps: int

    @property
    def evaluations(self) -> int:
        """Calls of the network for each field."""
        return EVALUATIONS[self.solver] * self.steps

    def __call__(
        self,
        latents: Tensor,
        residual: Callable[[Tensor, Tensor], Tensor],
        score: Score,
        generator: torch.Generator,
        watch: Watch | None,
    ) -> Tensor:
        """Fields of standard normal modes (N, *site_shape).

        Arguments:
            latents: the start.
            residual: F(x, s), shapes (N, *site_shape), (N,) or (1,).
            score: gradient of log p_t on the path, in its own units of the field.
            generator: of the noise of a stochastic solver.
            watch: as of `contracts.family.Family.sample`.
        """
        if self.solver == "latent_flow":
            return self._latent_flow(latents, residual, watch)
        base, unit = self.base, self.base.field_unit()
        ends = tuple(float(self.path.time_of_ratio(s / unit)) for s in (base.noise_max, base.noise_min))
        x = base.measure.from_latent(latents, base.noise_max) / unit * float(self.path.signal(ends[0]))
        if self.solver == "probability_flow":
            softening = base.measure.softening / unit
            times = flow_times(self.path, base.noise_max / unit, self.steps, softening=softening)
            return unit * follow_flow(score, self.path, x, times, unit=unit, order=ORDER, watch=watch)
        x = follow_noise(self.solver, score, self.path, x, ends, self.steps, generator)
        return x * unit / float(self.path.signal(ends[1]))

    def _latent_flow(
        self, latents: Tensor, residual: Callable[[Tensor, Tensor], Tensor], watch: Watch | None
    ) -> Tensor:
        measure = self.base.measure
        return latent_flow(
            lambda x, s: residual(x, x.new_full((1,), s)),
            measure,
            latents,
            latent_grid(measure, self.base.noise_max, self.steps),
            lambda s: float(self.base.zero_deviation(torch.tensor([s], device=latents.device))[0]),
            order=ORDER,
            watch=watch,
        )
