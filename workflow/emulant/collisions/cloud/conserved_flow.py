r"""What is known of an event's sums of momentum and energy, in the velocity of its particles.

On the path x = cos(t) x_0 + sin(t) z of independent normal particles the velocity vanishes. Once the sum P of
(px, py, pz, E) over all particles is known to be P*, it is -tan(t) grad log p(P* | x) exactly. With P expanded in Hermite
polynomials, of which a mean given x is cos(t) to the power of their degree times the polynomial of x (F. G. Mehler, J. reine
angew. Math. 66 (1866) 161), and with P given x normal, as a sum over many particles is,

    log p(P* | x) = -(P* - Q)^T V^{-1} (P* - Q) / 2,    Q = E[P | x],    V = Cov[P | x] averaged over x.

The polynomials are few: what they leave of the momenta counts as noise in V.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from emulant.collisions.cloud.gaussian import EDGES
from emulant.collisions.cloud.kinds import KINDS
from emulant.collisions.cloud.momenta import Momenta
from emulant.collisions.cloud.quantiles import rayleigh_inverse

__all__ = ["ConservedFlow", "KnownSums"]

RADIAL, ALONG = 2, 5
"""Laguerre polynomials of r^2 / 2, and Hermite polynomials of the rapidity's score, in each of the three families."""

NODES, TAIL, FARTHEST = 3, (3.5, 4.2), 6.0
"""Of the quadrature: nodes in r for each range of the maps, the last in three, up to this radius and this score."""

SMALLEST, NEGLIGIBLE = 1e-6, 1e-12
"""What of V at pure noise at least stays in V, and least V in GeV^2, for events without particles."""


def _exactly(method: Callable[..., Any]) -> Callable[..., Any]:
    """Without gradients, and in single precision where training is in less: sums are differences of large numbers."""

    @wraps(method)
    def called(self: nn.Module, first: Tensor, *rest: Any) -> Any:
        with torch.no_grad(), torch.autocast(first.device.type, enabled=False):
            return method(self, first, *rest)

    return called


@dataclass(frozen=True)
class KnownSums:
    """What is known of a batch of events, all along their paths.

    Attributes:
        of_kind: one where a particle is of a kind, (N, KINDS, slots).
        missing: P* without the mean of independent particles, (N, 4).
        coefficients: of each kind, (N, KINDS, functions, 4).
        spread: covariance of P by degree of the polynomials, (N, degrees, 4, 4).
        rest: what no polynomial has, (N, 4, 4).
    """

    of_kind: Tensor
    missing: Tensor
    coefficients: Tensor
    spread: Tensor
    rest: Tensor


class ConservedFlow(nn.Module):
    """The expansion of the momenta of every kind, and the velocity that follows; nothing in it is learned.

    Arguments:
        momenta: from normal numbers to momenta.
    """

    def __init__(self, momenta: Momenta) -> None:
        super().__init__()
        mean, coefficients, rest = _expansion(momenta)
        degree = _degrees()
        of_degree = torch.stack([(degree == d).to(coefficients) for d in range(1, int(degree.max()) + 1)])
        tables = {"mean": mean, "coefficients": coefficients, "rest": rest, "of_degree": of_degree}
        for name, table in (tables | {"degree": degree}).items():
            self.register_buffer(name, table.float(), persistent=False)

    @_exactly
    def known(self, kinds: Tensor, there: Tensor, weights: Tensor, sums: Tensor) -> KnownSums:
        """What `forward` needs of events.

        Arguments:
            kinds: of the particles, (N, slots).
            there: which slots hold one, (N, slots).
            weights: of the impact parameters of the maps, (N, K).
            sums: P* in GeV, (N, 4).
        """
        of_kind = torch.zeros(len(kinds), KINDS, kinds.shape[1], device=kinds.device)
        of_kind.scatter_(1, kinds.unsqueeze(1), there.unsqueeze(1).float())
        number, weights = of_kind.sum(dim=2), weights.float()
        mean, coefficients, rest = (
            torch.einsum("nk,k...->n...", weights, table)
            for table in (self.mean, self.coefficients, self.rest)
        )
        spread = torch.einsum("nr,dm,nrma,nrmb->ndab", number, self.of_degree, coefficients, coefficients)
        missing = sums.float() - torch.einsum("nr,nra->na", number, mean)
        return KnownSums(of_kind, missing, coefficients, spread, torch.einsum("nr,nrab->nab", number, rest))

    @_exactly
    def forward(self, x: Tensor, event: KnownSums, angle: Tensor) -> Tensor:
        """Velocities (N, slots, 3) at places x (N, slots, 3) and t = `angle` (N,)."""
        cosine, sine = angle.cos(), angle.sin()
        basis = _Basis(x)
        damping = cosine[:, None] ** (self.degree - 1)
        total = event.of_kind @ basis.values().mT
        found = torch.einsum("nrm,nm,nrma->na", total, damping, event.coefficients)
        force = self._pull(event, event.missing - cosine[:, None] * found, cosine)
        pulled = torch.einsum("nrma,na->nrm", event.coefficients, force) * damping[:, None, :]
        return -sine[:, None, None] * basis.gradient(pulled.mT @ event.of_kind)

    def _pull(self, event: KnownSums, missing: Tensor, cosine: Tensor) -> Tensor:
        """V^{-1} (P* - Q), (N, 4)."""
        degrees = torch.arange(1, len(self.of_degree) + 1, device=missing.device)
        left = -torch.expm1(2 * degrees * cosine.clamp_min(1e-12).log()[:, None])
        covariance = torch.einsum("nd,ndab->nab", left, event.spread) + event.rest
        whole = event.spread.sum(dim=1).diagonal(dim1=1, dim2=2)
        return torch.linalg.solve(
            covariance + torch.diag_embed((SMALLEST * whole).clamp_min(NEGLIGIBLE)), missing
        )


class _Basis:
    """Orthonormal functions of normal numbers x (N, slots, 3), as (N, functions, slots).

    They are L_j h_c, x_1 L'_j h_c and x_2 L'_j h_c, with L_j and L'_j Laguerre polynomials of order 0 and 1 in
    (x_1^2 + x_2^2) / 2, and h_c Hermite polynomials in x_3.
    """

    def __init__(self, x: Tensor) -> None:
        self.one, self.two, along = x.unbind(-1)
        square = (self.one**2 + self.two**2) / 2
        zeroth, first, second = (_laguerre(square, order) for order in range(3))
        norms = [1 / math.sqrt(j + 1) for j in range(RADIAL)]
        self.zeroth, self.first = zeroth, [norm * part for norm, part in zip(norms, first, strict=True)]
        # dL_j^(k) / ds = -L_{j-1}^(k+1).
        self.zeroth_slope = [-part for part in first[: RADIAL - 1]]
        self.first_slope = [-norm * part for norm, part in zip(norms[1:], second[: RADIAL - 1], strict=True)]
        self.along = [torch.ones_like(along), along]
        for c in range(1, ALONG - 1):
            self.along.append((along * self.along[c] - math.sqrt(c) * self.along[c - 1]) / math.sqrt(c + 1))
        self.along_slope = [math.sqrt(c) * self.along[c - 1] for c in range(1, ALONG)]

    def values(self) -> Tensor:
        """All functions, (N, functions, slots)."""
        along = torch.stack(self.along, dim=1).unsqueeze(1)
        zeroth, first = (torch.stack(part, dim=1).unsqueeze(2) for part in (self.zeroth, self.first))
        first = first * along
        parts = (zeroth * along, self.one[:, None, None] * first, self.two[:, None, None] * first)
        return torch.cat([part.flatten(1, 2) for part in parts], dim=1)

    def gradient(self, weights: Tensor) -> Tensor:
        """Gradient (N, slots, 3) of the sum of all functions with weights (N, functions, slots)."""
        zeroth, one, two = weights.unflatten(1, (3, RADIAL, ALONG)).unbind(1)
        leaning = self.one[:, None, None] * one + self.two[:, None, None] * two
        zeroth_sums, one_sums, two_sums, leaning_sums = (
            _contracted(part, self.along) for part in (zeroth, one, two, leaning)
        )
        outward = _combined(zeroth_sums[1:], self.zeroth_slope) + _combined(
            leaning_sums[1:], self.first_slope
        )
        slope = [_contracted(part[:, :, 1:], self.along_slope) for part in (zeroth, leaning)]
        along = _combined(slope[0], self.zeroth) + _combined(slope[1], self.first)
        direct = (_combined(part, self.first) for part in (one_sums, two_sums))
        across = (x * outward + own for x, own in zip((self.one, self.two), direct, strict=True))
        return torch.stack([*across, along], dim=-1)


def _contracted(weights: Tensor, along: list[Tensor]) -> list[Tensor]:
    """Sums over c of weights (N, RADIAL, c, slots) and functions (N, slots), for each j."""
    return [_combined(part.unbind(1), along) for part in weights.unbind(1)]


def _combined(weights: Sequence[Tensor], functions: Sequence[Tensor]) -> Tensor:
    """Sum of products."""
    total = weights[0] * functions[0]
    for weight, function in zip(weights[1:], functions[1:], strict=True):
        total = torch.addcmul(total, weight, function)
    return total


def _laguerre(square: Tensor, order: int) -> list[Tensor]:
    """L_j of this order, for each j."""
    found = [torch.ones_like(square), 1 + order - square]
    for j in range(1, RADIAL - 1):
        found.append(((2 * j + 1 + order - square) * found[-1] - (j + order) * found[-2]) / (j + 1))
    return found[:RADIAL]


def _degrees() -> Tensor:
    """Degree of each function; that of the constant counts as 1, as its coefficient is kept apart and is 0 here."""
    radial, along = torch.meshgrid(torch.arange(RADIAL), torch.arange(ALONG), indexing="ij")
    own = (2 * radial + along).flatten()
    return torch.cat([own.clamp_min(1), own + 1, own + 1])


def _expansion(momenta: Momenta) -> tuple[Tensor, Tensor, Tensor]:
    """Of each kind at each impact parameter of the maps, by quadrature.

    Mean (K, KINDS, 4), coefficients (K, KINDS, functions, 4), and covariance of what is left (K, KINDS, 4, 4).
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
    chance = share.repeat_interleave(len(angle) * len(along)) * grid[:, 0]
    chance = chance * torch.exp(-(grid[:, 0] ** 2 + grid[:, 2] ** 2) / 2)
    chance = chance / chance.sum()
    functions = _Basis(x[None]).values()[0].T
    found = []
    for knot, kind in product(range(len(momenta.knots)), range(KINDS)):
        weights = torch.eye(len(momenta.knots), dtype=torch.float64)[knot : knot + 1]
        value = momenta(weights, torch.full((1, len(x)), kind), x[None])[0]
        mean = chance @ value
        coefficients = (functions * chance[:, None]).T @ value
        coefficients[0] = 0
        left = value - mean - functions @ coefficients
        found.append((mean, coefficients, (left * chance[:, None]).T @ left))
    stacked = (torch.stack(part) for part in zip(*found, strict=True))
    mean, coefficients, rest = (part.unflatten(0, (-1, KINDS)) for part in stacked)
    return mean, coefficients, rest
