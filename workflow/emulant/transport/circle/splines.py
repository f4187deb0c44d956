r"""Circular rational-quadratic splines: monotone bijections of [-pi, pi) that keep -pi, periodic with their slope.

Between knots (J. Gregory and R. Delbourgo, IMA J. Numer. Anal. 2 (1982) 123; on circles D. Rezende et al.,
arXiv:2002.02428), with xi in [0, 1], s the slope of the chord and d the slopes at the knots:

.. math:: y = y_k + h_k \frac{s \xi^2 + d_k \xi (1 - \xi)}{s + (d_k + d_{k+1} - 2 s) \xi (1 - \xi)}
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad, softplus

__all__ = ["Knots", "forward", "inverse", "knots_of", "mirrored_bins", "mirrored_knots"]

NARROWEST = 1e-3
"""Least part of the circle between two knots, and least slope: maps stay invertible in single precision too."""
UNIT = math.log(math.e - 1)
"""Softplus of it is 1: numbers 0 make the identity."""


class Knots(NamedTuple):
    """A spline at each angle of a batch (...,).

    Attributes:
        x, y: of the knots from -pi to pi, (..., K + 1).
        slope: at the knots, the last that of the first, (..., K + 1).
    """

    x: Tensor
    y: Tensor
    slope: Tensor


def knots_of(widths: Tensor, heights: Tensor, slopes: Tensor) -> Knots:
    """Make splines, in double precision, of real numbers in any, (..., K) each: all 0 is the identity."""
    slope = (NARROWEST + (1 - NARROWEST) * softplus(slopes + UNIT)).double()
    return Knots(_edges(widths), _edges(heights), torch.cat([slope, slope[..., :1]], -1))


def forward(knots: Knots, angles: Tensor) -> tuple[Tensor, Tensor]:
    """Map angles (...,); returns them and ln of the slopes."""
    x0, w, y0, h, d0, d1 = _cell(knots, knots.x, angles)
    chord, xi = h / w, (angles - x0) / w
    across = xi * (1 - xi)
    below = chord + (d0 + d1 - 2 * chord) * across
    mapped = y0 + h * (chord * xi**2 + d0 * across) / below
    return mapped, _log_slope(chord, xi, d0, d1, below)


def inverse(knots: Knots, angles: Tensor) -> tuple[Tensor, Tensor]:
    """Map angles (...,) back; returns them and ln of the slopes of the forward map there."""
    x0, w, y0, h, d0, d1 = _cell(knots, knots.y, angles)
    chord, rise = h / w, angles - y0
    bend = rise * (d0 + d1 - 2 * chord)
    a, b, c = h * (chord - d0) + bend, h * d0 - bend, -chord * rise
    # Rounding may take the discriminant of a flat cell below 0.
    xi = 2 * c / (-b - (b**2 - 4 * a * c).clamp(min=0).sqrt())
    below = chord + (d0 + d1 - 2 * chord) * xi * (1 - xi)
    return x0 + xi * w, _log_slope(chord, xi, d0, d1, below)


def mirrored_bins(numbers: Tensor) -> Tensor:
    """Widths or heights (..., K) of the spline -f(-x)."""
    return numbers.flip(-1)


def mirrored_knots(numbers: Tensor) -> Tensor:
    """Slopes (..., K) of the spline -f(-x): the first knot, at -pi and pi, stays."""
    return numbers.flip(-1).roll(1, -1)


def _edges(numbers: Tensor) -> Tensor:
    """Divide the circle in parts (..., K) by a softmax; returns their ends, (..., K + 1)."""
    count = numbers.shape[-1]
    parts = NARROWEST + (1 - NARROWEST * count) * torch.softmax(numbers, -1)
    inner = 2 * math.pi * parts[..., :-1].cumsum(-1).double() - math.pi
    return pad(pad(inner, (1, 0), value=-math.pi), (0, 1), value=math.pi)


def _cell(knots: Knots, edges: Tensor, angles: Tensor) -> tuple[Tensor, ...]:
    """Return start, width, image, height and both slopes of the cell in which each angle lies."""
    cell = (angles[..., None] >= edges[..., 1:-1]).sum(-1, keepdim=True)
    (x0, x1), (y0, y1), (d0, d1) = (
        (part.gather(-1, cell)[..., 0], part.gather(-1, cell + 1)[..., 0]) for part in knots
    )
    return x0, x1 - x0, y0, y1 - y0, d0, d1


def _log_slope(chord: Tensor, xi: Tensor, d0: Tensor, d1: Tensor, below: Tensor) -> Tensor:
    across = d1 * xi**2 + 2 * chord * xi * (1 - xi) + d0 * (1 - xi) ** 2
    return 2 * (chord.log() - below.log()) + across.log()
