"""Odd monotone functions of one variable: rational-quadratic splines (arXiv:1906.04032) with mirrored knots."""

import torch
from torch import Tensor, nn
from zuko.transforms import MonotonicRQSTransform

__all__ = ["OddSpline"]


class OddSpline(nn.Module):
    """A function f with f(-x) = -f(x) and f' > 0, the identity at first and always beyond its last knots.

    Arguments:
        bins: between 0 and the last knot.
        bound: the last knot, in units of `unit`.
        unit: in which arguments and values are measured, such as their standard deviation.
    """

    def __init__(self, bins: int, bound: float, unit: float = 1.0) -> None:
        super().__init__()
        self.bound, self.unit = bound, unit
        self.widths, self.heights, self.slopes = (nn.Parameter(torch.zeros(bins)) for _ in range(3))

    @property
    def operations(self) -> float:
        """Floating-point operations for one argument, roughly: two comparisons a bin, 30 for the function and its slope."""
        return 30 + 2 * len(self.widths)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate f and ln f' at x of any shape, both of this shape."""
        size, log_slope = self._transform(x.dtype).call_and_ladj(x.abs() / self.unit)
        return x.sign() * size * self.unit, log_slope

    def inverse(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluate the inverse function and the logarithm of its slope at y of any shape.

        In double precision: rounding may else make the discriminant of the quadratic equation negative.
        """
        transform, value = self._transform(torch.float64), y.double().abs() / self.unit
        size = transform.inv(value)
        log_slope = -transform.log_abs_det_jacobian(size, value)
        return (y.sign() * size * self.unit).to(y.dtype), log_slope.to(y.dtype)

    def _transform(self, dtype: torch.dtype) -> MonotonicRQSTransform:
        """The spline on both sides of 0, of which the positive one is used; the first slope is that at 0."""
        widths, heights, slopes = (part.to(dtype) for part in (self.widths, self.heights, self.slopes))
        mirrored = (torch.cat([part.flip(0), part]) for part in (widths, heights))
        return MonotonicRQSTransform(*mirrored, torch.cat([slopes[1:].flip(0), slopes]), bound=self.bound)
