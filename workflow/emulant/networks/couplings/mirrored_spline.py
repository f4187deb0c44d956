"""Monotone functions of one variable whose numbers a network says, with even and odd parts: rational-quadratic splines."""

import torch
from torch import Tensor
from zuko.transforms import MonotonicRQSTransform

__all__ = ["bent", "numbers", "unbent"]


def numbers(bins: int) -> tuple[int, int]:
    """Even and odd numbers of a function with so many bins on each side of 0."""
    return 3 * bins, 3 * bins - 1


def bent(even: Tensor, odd: Tensor, bound: float, x: Tensor) -> tuple[Tensor, Tensor]:
    """Evaluate f and ln f' at x (...); where even numbers stay and odd ones change sign, f(x) becomes -f(-x).

    The identity where all numbers are 0, and always beyond the bound.

    Arguments:
        even, odd: (..., `numbers`).
        bound: of the spline on both sides.
        x: arguments.
    """
    return _transform(even, odd, bound).call_and_ladj(x)


def unbent(even: Tensor, odd: Tensor, bound: float, y: Tensor) -> tuple[Tensor, Tensor]:
    """Evaluate the inverse function and the logarithm of its slope at y (...), in double precision within."""
    transform = _transform(even.double(), odd.double(), bound)
    x = transform.inv(y.double())
    _, log_slope = transform.call_and_ladj(x)
    return x.to(y.dtype), -log_slope.to(y.dtype)


def _transform(even: Tensor, odd: Tensor, bound: float) -> MonotonicRQSTransform:
    bins = even.shape[-1] // 3
    widths, heights, slopes = even.split(bins, -1)
    tilts = (*odd.split([bins, bins, bins - 1], -1),)
    inner = _mirrored(slopes[..., 1:], tilts[2])
    slopes = torch.cat([inner[..., : bins - 1], slopes[..., :1], inner[..., bins - 1 :]], -1)
    return MonotonicRQSTransform(
        _mirrored(widths, tilts[0]), _mirrored(heights, tilts[1]), slopes, bound=bound
    )


def _mirrored(even: Tensor, odd: Tensor) -> Tensor:
    """Numbers of the bins from left to right."""
    return torch.cat([(even - odd).flip(-1), even + odd], -1)
