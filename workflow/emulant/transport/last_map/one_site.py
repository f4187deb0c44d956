r"""A pointwise odd map that gives generated fields the one-site cumulants of the training fields.

With x = phi/u and u the root mean square of the training fields, the map is :math:`x \to x + p(x)` with an odd polynomial p
of order 1e-4. To first order it moves :math:`\langle x^{n}\rangle` by :math:`n \langle x^{n-1} p(x)\rangle`, and <x^2>
not at all: power belongs to the waves. The moments fluctuate together by orders of magnitude more than their cumulants do,
so that the coefficients are fitted by generalised least squares, with the covariance of what the moments lack; p has as
many terms as these ask for by Akaike's criterion.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from emulant.statistics.control_variates import less_explained

__all__ = ["OneSiteMap"]

TERMS = 4
"""Odd powers in p, and even moments that it is fitted to: as many as there are cumulants up to kappa_8."""
STEEPEST = 0.5
"""Largest slope of p over the fields: a far off model is mended only as far as the map stays one to one."""
ROUNDS = 3
"""Of Newton's method with the first round's derivatives: what is left falls by the size of p each time."""
AT_ONCE = 4096
"""Fields in double precision at a time: 100 MB at 32 x 32 with their powers."""
SLOPES = 1024
"""Values of the field at which the slope is looked at."""
ITERATIONS, PRECISION = 50, 1e-12
"""Of the inverse by x -> y - p(x), whose error falls by STEEPEST and more each time, in units of u."""
SMALLEST = 1e-12
"""Eigenvalue of the correlation of moments that is rounding, over the largest: the smallest of four is some 1e-5."""


@dataclass(frozen=True)
class OneSiteMap:
    """The map.

    Attributes:
        unit: u.
        reach: |x| beyond which p is constant: the largest of the training fields.
        coefficients: of the odd powers in p, (TERMS,) float64.
    """

    unit: Tensor
    reach: Tensor
    coefficients: Tensor

    @classmethod
    def measure(
        cls,
        trained: Tensor,
        generated: Tensor,
        controls: Tensor,
        behind: Callable[[Tensor], Tensor] | None = None,
    ) -> Self:
        """Measure it on training fields and generated ones, (N, *site_shape) each.

        Arguments:
            trained: training fields.
            generated: fields of the model.
            controls: functions of zero mean of each generated field, (N, columns).
            behind: what is done to the fields after this map; nothing where left out.
        """
        # In parts, as copies in double precision of all training fields may not fit.
        unit = (sum(part.double().square().sum() for part in trained.split(AT_ONCE)) / trained.numel()).sqrt()
        reach = max(part.abs().max() for part in trained.split(AT_ONCE)).double() / unit
        moments = _moments(trained, unit, 2 * TERMS - 1)
        mean, of_trained = moments.mean(0), torch.cov(moments[:, :TERMS].T) / len(moments)
        order = torch.arange(TERMS, device=mean.device)
        # Row k, column j: 2 (k + 1) <x^(2k+1) x^(2j+1)>.
        moved = 2 * (order[:, None] + 1) * mean[order[:, None] + order]
        basis = torch.eye(TERMS, dtype=mean.dtype, device=mean.device)[:, 1:]
        # Each polynomial leaves <x^2> as it is.
        basis[0] = -moved[0, 1:] / moved[0, 0]
        one_site, weights = cls(unit, reach, torch.zeros_like(mean[:TERMS])), torch.zeros_like(basis[0])
        for _ in range(ROUNDS):
            bent = (one_site(part) for part in generated.split(AT_ONCE))
            now = torch.cat([_moments(behind(part) if behind else part, unit, TERMS) for part in bent])
            now = torch.from_numpy(less_explained(now.cpu().numpy(), controls.cpu().numpy())).to(now)
            lacks = mean[:TERMS] - now.mean(0) + moved @ basis @ weights
            covariance = of_trained + torch.cov(now.T) / len(now)
            weights = _fitted(moved @ basis, lacks, covariance)
            coefficients = _one_to_one(basis @ weights, reach)
            one_site = cls(unit, reach, coefficients)
            weights = coefficients[1:]
        return one_site

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor]) -> Self:
        """Build from `tensors`."""
        return cls(tensors["unit"], tensors["reach"], tensors["coefficients"])

    def tensors(self) -> dict[str, Tensor]:
        """All tensors, for safetensors."""
        return {"unit": self.unit, "reach": self.reach, "coefficients": self.coefficients}

    def to(self, device: torch.device | str) -> "OneSiteMap":
        """Copy to `device`."""
        return OneSiteMap(*(tensor.to(device) for tensor in self.tensors().values()))

    def __call__(self, generated: Tensor) -> Tensor:
        """Map generated fields (N, *site_shape), float64."""
        x = generated.double() / self.unit
        return self.unit * (x + self._moved(x))

    def inverse(self, mapped: Tensor) -> tuple[Tensor, Tensor]:
        """Fields that are mapped to `mapped`, and log of the Jacobian of the map there, (N,); float64."""
        y = mapped.double() / self.unit
        x = y
        for _ in range(ITERATIONS):
            before, x = x, y - self._moved(x)
            if float((x - before).abs().max()) < PRECISION:
                break
        slope = torch.where(x.abs() < self.reach, _slope(self.coefficients, x), 0.0)
        return self.unit * x, slope.log1p().flatten(1).sum(1)

    def _moved(self, x: Tensor) -> Tensor:
        """P(x)."""
        x = x.clamp(-self.reach, self.reach)
        return x * _polynomial(self.coefficients, x.square())


def _polynomial(coefficients: Tensor, square: Tensor) -> Tensor:
    """Sum of coefficients (n,) times powers of x^2, by Horner's rule."""
    total = torch.zeros_like(square)
    for coefficient in coefficients.flip(0):
        total = total * square + coefficient
    return total


def _slope(coefficients: Tensor, x: Tensor) -> Tensor:
    """Derivative of the odd polynomial."""
    odd = 2 * torch.arange(TERMS, dtype=torch.float64, device=x.device) + 1
    return _polynomial(coefficients * odd, x.square())


def _one_to_one(coefficients: Tensor, reach: Tensor) -> Tensor:
    """Coefficients, all made smaller where the slope of p exceeds STEEPEST."""
    slope = _slope(coefficients, torch.linspace(0, 1, SLOPES, dtype=torch.float64).to(reach) * reach)
    return coefficients * (STEEPEST / slope.abs().max().clamp_min(STEEPEST))


def _moments(fields: Tensor, unit: Tensor, count: int) -> Tensor:
    """Means over the sites of x^2, x^4, ... of each field, (N, count) float64."""
    rows = []
    for part in fields.split(AT_ONCE):
        square = (part.flatten(1).double() / unit).square()
        power, means = torch.ones_like(square), []
        for _ in range(count):
            power = power * square
            means.append(power.mean(1))
        rows.append(torch.stack(means, 1))
    return torch.cat(rows)


def _fitted(columns: Tensor, lacks: Tensor, covariance: Tensor) -> Tensor:
    """Weights of the columns that add up to `lacks`: as many of the first ones as lower chi^2 by 2 each."""
    size = covariance.diagonal().sqrt()
    values, vectors = torch.linalg.eigh(covariance / (size[:, None] * size))
    whitening = (vectors / values.clamp_min(SMALLEST * values[-1]).sqrt()).T / size
    columns, lacks = whitening @ columns, whitening @ lacks
    best, lowest = torch.zeros_like(columns[0]), float(lacks.square().sum())
    for terms in range(1, columns.shape[1] + 1):
        weights = torch.zeros_like(best)
        # By the SVD: the columns are alike, as the powers are.
        weights[:terms] = torch.linalg.pinv(columns[:, :terms]) @ lacks
        criterion = float((lacks - columns @ weights).square().sum()) + 2 * terms
        if criterion < lowest:
            best, lowest = weights, criterion
    return best
