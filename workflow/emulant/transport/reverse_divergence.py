r"""Three unbiased gradients of the reverse Kullback-Leibler divergence KL(q || p) = <ln q + S>_q + ln Z, p = exp(-S)/Z.

With fields phi = f(z) of latents z, and weights theta of the map f:

- `reparametrised`: all of d/dtheta [ln q(f(z)) + S(f(z))];
- `path`: without the part of ln q at a fixed field, d ln q(phi)/dtheta, whose mean is zero. Every sample's gradient vanishes
  where q = p, so that the noise dies out as the fit gets better (L. Vaitl et al., arXiv:2207.08219);
- `reinforce`: d ln q(phi)/dtheta alone, times ln q + S less its mean over the other samples. It needs no derivative of S and
  one pass with gradients (P. Bialas, P. Korcyl, T. Stebel, arXiv:2308.13294).
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

__all__ = ["ESTIMATORS", "Estimator", "Flow", "path", "reinforce", "reparametrised"]

Action = Callable[[Tensor], Tensor]


class Flow(Protocol):
    """A normalizing flow with weights."""

    def transported(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Map latents (N, *shape) to fields and their ln q, (N,) float64."""

    def density(self, fields: Tensor) -> Tensor:
        """Compute ln q of fields by the inverse map, (N,) float64."""

    def fixed_density(self, fields: Tensor) -> Tensor:
        """Compute the same with weights that take no gradient; the fields do."""


class Estimator(NamedTuple):
    """A loss whose value is the mean of ln q + S and whose gradient is an estimate of that of the divergence.

    Attributes:
        loss: (flow, action, latents) -> scalar.
        passes: its cost with gradients in passes of the map in one direction; a gradient costs as much as two.
    """

    loss: Callable[[Flow, Action, Tensor], Tensor]
    passes: int


def reparametrised(flow: Flow, action: Action, latents: Tensor) -> Tensor:
    """Differentiate ln q + S of mapped latents (N, *shape) as it stands."""
    fields, log_q = flow.transported(latents)
    return (log_q + action(fields)).mean()


def path(flow: Flow, action: Action, latents: Tensor) -> Tensor:
    """Differentiate ln q + S of mapped latents (N, *shape) by the fields alone."""
    fields, _ = flow.transported(latents)
    return (flow.fixed_density(fields) + action(fields)).mean()


def reinforce(flow: Flow, action: Action, latents: Tensor) -> Tensor:
    """Differentiate ln q at fixed fields of at least two latents (N, *shape), each with the others as its baseline."""
    with torch.no_grad():
        fields, log_q = flow.transported(latents)
        signal = log_q + action(fields)
    count, mean = len(signal), signal.mean()
    advantage = (signal - mean) * (count / (count - 1))
    surrogate = (advantage * flow.density(fields)).mean()
    return mean + surrogate - surrogate.detach()


ESTIMATORS: Mapping[str, Estimator] = {
    "reparametrised": Estimator(reparametrised, 3),
    "path": Estimator(path, 6),
    "reinforce": Estimator(reinforce, 4),
}
