r"""What a Gaussian of nearest neighbours says of a point between two others.

With A(p) = alpha (4 sin^2(p/2) + 4 sinh^2(theta/2)), n steps after the left end and m before the right one,

.. math:: \langle x \rangle = \frac{\sinh(m\theta)\, x_l + \sinh(n\theta)\, x_r}{\sinh((n+m)\theta)}, \qquad
    \sigma^2 = \frac{\sinh(n\theta) \sinh(m\theta)}{\alpha \sinh\theta \sinh((n+m)\theta)}

and what is left of x, in units of sigma, is white noise.
"""

import numpy as np
import torch
from torch import Tensor, nn

from emulant.errors import InputError
from emulant.transport.bisection import bisection

__all__ = ["Bridge"]

NEIGHBOURS = 1e-6
"""Relative deviation of A(p) from one of nearest neighbours, far above rounding."""


class Bridge(nn.Module):
    """A closed path point by point, in the order of `transport.bisection`, as white noise about what is there already.

    Arguments:
        inverse_power: A(p), (N,) float64.
        unit: in which a network is shown positions.

    Attributes:
        sizes: numbers of points that are drawn together.
        order: of the points of a path in the order in which they are drawn, (N,).
        rank: of each point of a path in that order, (N,).
        left, right: ranks of the ends of each gap, (N - 1,).
        from_left, from_right: what multiplies the ends, (N - 1,) float64.
        deviation: sigma, (N - 1,) float64.
        skewness: steps before less steps after over all steps, (N - 1,).
        strength: how far the gap is from a free particle's, tanh of its length in units of 1/theta, (N - 1,).
    """

    order: Tensor
    rank: Tensor
    left: Tensor
    right: Tensor
    from_left: Tensor
    from_right: Tensor
    deviation: Tensor
    skewness: Tensor
    strength: Tensor

    def __init__(self, inverse_power: Tensor, unit: float) -> None:
        super().__init__()
        self.unit = unit
        levels = bisection(len(inverse_power))
        self.sizes = [len(level.middle) for level in levels]
        left, middle, right, before, after = map(np.concatenate, zip(*levels, strict=True))
        order = np.concatenate([[0], middle])
        rank = np.argsort(order)
        rigidity, theta = _neighbours(inverse_power.cpu().numpy())
        both = before + after
        # Long gaps: a ratio of hyperbolic sines in exponentials that fall.
        span = _damped(theta, both)
        from_left = np.exp(-theta * before) * _damped(theta, after) / span
        from_right = np.exp(-theta * after) * _damped(theta, before) / span
        variance = _damped(theta, before) * _damped(theta, after) / (rigidity * np.sinh(theta) * 2 * span)
        named = {
            "order": order,
            "rank": rank,
            "left": rank[left],
            "right": rank[right],
            "from_left": from_left,
            "from_right": from_right,
            "deviation": np.sqrt(variance),
            "skewness": (before - after) / both,
            "strength": np.tanh(2 * theta * before * after / both),
        }
        for name, values in named.items():
            self.register_buffer(name, torch.from_numpy(values), persistent=False)

    def centre(self, drawn: Tensor, points: slice) -> Tensor:
        """The Gaussian's mean of points between their ends, of paths (n, drawn) as far as they are there."""
        left, right = self.ends(drawn, points)
        return left * self.from_left[points].to(drawn.dtype) + right * self.from_right[points].to(drawn.dtype)

    def ends(self, drawn: Tensor, points: slice) -> tuple[Tensor, Tensor]:
        """Both ends of the gaps of points."""
        return drawn[:, self.left[points]], drawn[:, self.right[points]]

    def noise(self, paths: Tensor) -> Tensor:
        """White noise of Gaussian paths (n, N) in the order in which points are drawn, without the first, (n, N - 1)."""
        drawn, every = paths[:, self.order], slice(None)
        return (drawn[:, 1:] - self.centre(drawn, every)) / self.deviation.to(paths.dtype)


def _neighbours(inverse_power: np.ndarray) -> tuple[float, float]:
    """Read alpha and theta off A(p).

    Raises:
        InputError: where it has other neighbours than the nearest.
    """
    wave = 4 * np.sin(np.pi * np.arange(len(inverse_power)) / len(inverse_power)) ** 2
    rigidity = float((inverse_power[1] - inverse_power[0]) / wave[1])
    if not np.allclose(inverse_power, inverse_power[0] + rigidity * wave, rtol=NEIGHBOURS) or rigidity <= 0:
        raise InputError("system", "inverse_power", "a Gaussian of nearest neighbours in time", "another")
    return rigidity, 2 * float(np.arcsinh(np.sqrt(inverse_power[0] / rigidity) / 2))


def _damped(theta: float, steps: np.ndarray) -> np.ndarray:
    """2 sinh(theta n) e^(-theta n)."""
    return -np.expm1(-2 * theta * steps)
