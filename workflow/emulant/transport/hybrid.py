r"""Hybrid Monte Carlo on the way from a Gaussian start to any action, its momenta in the metric of the start.

.. math:: H = S_t(\phi) + \frac{1}{2V} \sum_p |\pi_p|^2 / A(p), \qquad S_t = (1 - t) S_0 + t S

(S. Duane et al., Phys. Lett. B 195 (1987) 216; Fourier acceleration: G. G. Batrouni et al., Phys. Rev. D 32 (1985) 2736). At
t = 0 all modes have the frequency 1, so that one trajectory of length pi / 2 forgets where it began.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from emulant.transport.gaussian_start import GaussianStart

__all__ = ["HybridMoves"]

STEPS = 6
"""Forces of a trajectory: steps of 0.26, of which 0.98 are accepted on a free field of 512 sites."""
JITTER = 0.2
"""Relative spread of the step, so that no mode returns to where it was."""


@dataclass(frozen=True)
class HybridMoves:
    """One trajectory of each field, in detailed balance with exp(-S_t).

    Attributes:
        start: the Gaussian, or two of them.
        action: S of fields, (N,).
        gradient: dS/dphi.
    """

    start: GaussianStart
    action: Callable[[Tensor], Tensor]
    gradient: Callable[[Tensor], Tensor]

    @property
    def operations(self) -> float:
        """Floating-point operations of one move of a configuration: four transforms and 20 operations a site in a step."""
        volume = math.prod(self.start.shape)
        return (STEPS + 1) * volume * (4 * 2.5 * math.log2(volume) + 20)

    def __call__(self, fields: np.ndarray, t: float, seed: int) -> np.ndarray:
        """Move fields (N, *shape) once."""
        generator = torch.Generator().manual_seed(seed)
        before = torch.from_numpy(fields)
        white = torch.randn(before.shape, generator=generator, dtype=before.dtype)
        momenta = self.start.coloured(white, 0.5)
        step = math.pi / 2 / STEPS * (1 + JITTER * (2 * float(torch.rand((), generator=generator)) - 1))
        after, ended = self._leapfrog(before, momenta, step, t)
        change = self._energy(after, ended, t) - self._energy(before, momenta, t)
        uniform = torch.rand(len(before), generator=generator, dtype=torch.float64)
        accepted = (uniform < (-change).exp()).reshape(-1, *[1] * len(self.start.shape))
        return torch.where(accepted, after, before).numpy()

    def _leapfrog(self, fields: Tensor, momenta: Tensor, step: float, t: float) -> tuple[Tensor, Tensor]:
        """Move fields and momenta along H: half a force, steps, half a force."""
        momenta = momenta + 0.5 * step * self._force(fields, t)
        for number in range(STEPS):
            fields = fields + step * self.start.coloured(momenta, -1.0)
            momenta = momenta + (step if number < STEPS - 1 else 0.5 * step) * self._force(fields, t)
        return fields, momenta

    def _force(self, fields: Tensor, t: float) -> Tensor:
        """-dS_t/dphi."""
        return (1 - t) * self.start.score(fields) - t * self.gradient(fields)

    def _energy(self, fields: Tensor, momenta: Tensor, t: float) -> Tensor:
        """H, (N,) float64."""
        momenta = momenta.double()
        kinetic = 0.5 * (momenta * self.start.coloured(momenta, -1.0)).flatten(1).sum(1)
        return kinetic + self.start.on_path(self.action, t)(fields).double()
