r"""Velocity that conditions the particles of an event on its sums of momentum and energy.

On the path x = cos(t) x_0 + sin(t) z of independent standard normal variables the velocity vanishes. Conditioned on
the sum P* of (px, py, pz, E) over all particles it is exactly -tan(t) grad log p(P* | x). P is expanded in Hermite
polynomials; given x, the mean of one of degree n is cos(t)^n times the polynomial at x (F. G. Mehler, J. reine angew.
Math. 66 (1866) 161). As a sum over many particles P given x is taken as normal:

    log p(P* | x) = -(P* - Q)^T V^{-1} (P* - Q) / 2,    Q = E[P | x],    V = Cov[P | x] averaged over x.

The expansion is short; the part of the momenta that it omits is treated as noise in V.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from emulant.collisions.exact_sums import conserving
from emulant.families.heidi.basis import Basis, degrees_of_basis
from emulant.families.heidi.gaussian import EDGES
from emulant.families.heidi.kinds import KINDS
from emulant.families.heidi.momenta import Momenta
from emulant.families.heidi.quantiles import rayleigh_inverse

__all__ = ["ConservedFlow", "ConservedSums"]

GRADING = 1.25
"""Power of the times of a solution: 3 steps then have mean p_T and the spread of [p_T] within 0.4 errors of 1000 events of
their limits, as 4 equal ones have; with 1 the spread is 1.5 errors too small in 3 steps, with 1.5 1.9 errors too large."""
NODES, TAIL, FARTHEST = 3, (3.5, 4.2), 6.0
"""Quadrature: Gauss-Legendre nodes in r for each range of the maps; the last range is split at TAIL and ends at FARTHEST,
the largest |score| too, beyond which the normal density is negligible (exp(-18))."""

SMALLEST, NEGLIGIBLE = 1e-6, 1e-12
"""Regularisation of V: a fraction of its value at pure noise, and a floor in GeV^2 for events without particles."""


def _exactly(method: Callable[..., Any]) -> Callable[..., Any]:
    """Run a method without gradients and without autocast: its sums are differences of large numbers."""

    @wraps(method)
    def called(self: nn.Module, first: Tensor, *rest: Any) -> Any:
        with torch.no_grad(), torch.autocast(first.device.type, enabled=False):
            return method(self, first, *rest)

    return called


@dataclass(frozen=True)
class ConservedSums:
    """Conditions on a batch of events that stay the same along the path.

    Attributes:
        of_kind: 1 if a particle is of a kind, else 0, (N, KINDS, slots).
        missing: P* minus the mean of independent particles, (N, 4).
        coefficients: expansion coefficients of each kind, (N, KINDS, functions, 4).
        spread: covariance of P for each degree of the polynomials, (N, degrees, 4, 4).
        rest: covariance of the part of P outside the expansion, (N, 4, 4).
    """

    of_kind: Tensor
    missing: Tensor
    coefficients: Tensor
    spread: Tensor
    rest: Tensor


class ConservedFlow(nn.Module):
    """Expansion of the momenta of every kind, and the velocity that follows from it; it has no learned parameters.

    Arguments:
        momenta: map from standard normal variables to momenta.
    """

    def __init__(self, momenta: Momenta) -> None:
        super().__init__()
        mean, coefficients, rest = _expansion(momenta)
        degree = degrees_of_basis()
        of_degree = torch.stack([(degree == d).to(coefficients) for d in range(1, int(degree.max()) + 1)])
        tables = {"mean": mean, "coefficients": coefficients, "rest": rest, "of_degree": of_degree}
        for name, table in (tables | {"degree": degree}).items():
            self.register_buffer(name, table.float(), persistent=False)

    @_exactly
    def prepared(self, kinds: Tensor, occupied: Tensor, weights: Tensor, sums: Tensor) -> ConservedSums:
        """Compute the terms of `forward` that do not depend on x.

        Arguments:
            kinds: kinds of the particles, (N, slots).
            occupied: mask of slots that hold a particle, (N, slots).
            weights: weights of the nodes of the maps, (N, K).
            sums: P* in GeV, (N, 4).
        """
        of_kind = torch.zeros(len(kinds), KINDS, kinds.shape[1], device=kinds.device)
        of_kind.scatter_(1, kinds.unsqueeze(1), occupied.unsqueeze(1).float())
        number, weights = of_kind.sum(dim=2), weights.float()
        mean, coefficients, rest = (
            torch.einsum("nk,k...->n...", weights, table)
            for table in (self.mean, self.coefficients, self.rest)
        )
        spread = torch.einsum("nr,dm,nrma,nrmb->ndab", number, self.of_degree, coefficients, coefficients)
        missing = sums.float() - torch.einsum("nr,nra->na", number, mean)
        return ConservedSums(
            of_kind, missing, coefficients, spread, torch.einsum("nr,nrab->nab", number, rest)
        )

    @_exactly
    def forward(self, x: Tensor, event: ConservedSums, angle: Tensor) -> Tensor:
        """Compute velocities (N, slots, 3) at x (N, slots, 3) and t = `angle` (N,)."""
        cosine, sine = angle.cos(), angle.sin()
        basis = Basis(x)
        damping = cosine[:, None] ** (self.degree - 1)
        total = event.of_kind @ basis.values().mT
        expected = torch.einsum("nrm,nm,nrma->na", total, damping, event.coefficients)
        force = self._pull(event, event.missing - cosine[:, None] * expected, cosine)
        pulled = torch.einsum("nrma,na->nrm", event.coefficients, force) * damping[:, None, :]
        return -sine[:, None, None] * basis.gradient(pulled.mT @ event.of_kind)

    def times(self, steps: int) -> list[Tensor]:
        """Return the times of a solution, from pi / 2 to 0, closer at the end, (steps + 1,)."""
        parts = torch.linspace(1, 0, steps + 1, dtype=torch.float64, device=self.degree.device)
        return list((math.pi / 2 * parts**GRADING).unbind())

    def projected(self, momenta: Tensor, masses: Tensor, occupied: Tensor, sums: Tensor) -> Tensor:
        """Change momenta (N, slots, 4) such that they have sums (N, 4) exactly; arguments as of `conserving`."""
        return conserving(momenta, masses, occupied, sums)[0]

    def tensors(self) -> dict[str, Tensor]:
        """Return what a saved model holds of it: nothing, as all follows from the momenta."""
        return {}

    def _pull(self, event: ConservedSums, missing: Tensor, cosine: Tensor) -> Tensor:
        """Compute V^{-1} (P* - Q), (N, 4)."""
        degrees = torch.arange(1, len(self.of_degree) + 1, device=missing.device)
        variance_left = -torch.expm1(2 * degrees * cosine.clamp_min(1e-12).log()[:, None])
        covariance = torch.einsum("nd,ndab->nab", variance_left, event.spread) + event.rest
        at_noise = event.spread.sum(dim=1).diagonal(dim1=1, dim2=2)
        return torch.linalg.solve(
            covariance + torch.diag_embed((SMALLEST * at_noise).clamp_min(NEGLIGIBLE)), missing
        )


def _expansion(momenta: Momenta) -> tuple[Tensor, Tensor, Tensor]:
    """Expand the four-momentum of each kind at each node of the maps, by quadrature.

    Return the mean (K, KINDS, 4), the coefficients (K, KINDS, functions, 4), and the covariance of the remainder
    (K, KINDS, 4, 4).
    """
    edges = np.concatenate([rayleigh_inverse(EDGES[:-1]), TAIL, [FARTHEST]])
    nodes, shares = np.polynomial.legendre.leggauss(NODES)
    middle, half = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    radius, share = (
        torch.from_numpy(part.ravel())
        for part in (middle[:, None] + half[:, None] * nodes, half[:, None] * shares)
    )
    angle = torch.arange(8, dtype=torch.float64) * (math.pi / 4) + 0.1
    along = torch.linspace(-FARTHEST, FARTHEST, 49, dtype=torch.float64)
    grid = torch.cartesian_prod(radius, angle, along)
    x = torch.stack([grid[:, 0] * grid[:, 1].cos(), grid[:, 0] * grid[:, 1].sin(), grid[:, 2]], dim=-1)
    density = share.repeat_interleave(len(angle) * len(along)) * grid[:, 0]
    density = density * torch.exp(-(grid[:, 0] ** 2 + grid[:, 2] ** 2) / 2)
    density = density / density.sum()
    functions = Basis(x[None]).values()[0].T
    expansions = []
    for node, kind in product(range(len(momenta.nodes)), range(KINDS)):
        weights = torch.eye(len(momenta.nodes), dtype=torch.float64)[node : node + 1]
        value = momenta(weights, torch.full((1, len(x)), kind), x[None])[0]
        mean = density @ value
        coefficients = (functions * density[:, None]).T @ value
        coefficients[0] = 0
        remainder = value - mean - functions @ coefficients
        expansions.append((mean, coefficients, (remainder * density[:, None]).T @ remainder))
    stacked = (torch.stack(part) for part in zip(*expansions, strict=True))
    mean, coefficients, rest = (part.unflatten(0, (-1, KINDS)) for part in stacked)
    return mean, coefficients, rest
