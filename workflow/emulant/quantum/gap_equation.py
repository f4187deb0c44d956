r"""The Gaussian paths that lie nearest to the action of a potential, by the gap equation.

.. math:: A(p) = \frac{4m}{a} \sin^2 \frac{p}{2} + a k, \qquad k = \langle V''(x) \rangle_0, \qquad
    \langle V'(x) \rangle_0 = 0, \qquad \langle (x - v)^2 \rangle_0 = s = \frac1N \sum_p \frac{1}{A(p)}

Among all Gaussians of this form about a mean v it makes the free energy <S>_0 - entropy stationary. An even potential has a
solution with v = 0; a double well may have two more, about +v and -v.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.polynomial import Polynomial
from scipy.optimize import brentq

from emulant.errors import InputError
from emulant.quantum.potential import Potential, real_roots

__all__ = ["GaussianPaths", "about_the_lowest_mean", "centred", "in_a_well"]

Means = Callable[[float], tuple[float, float]]
SOFTEST, STIFFEST, TRIALS = 1e-6, 1e6, 400
"""Range of k in units of m over the length of the path squared and m/a^2, and numbers tried in it for a change of sign."""


class GaussianPaths(NamedTuple):
    """Gaussian paths about a mean.

    Attributes:
        mean: v.
        stiffness: k.
        inverse_power: A(p) in the layout of `fft`, (N,).
    """

    mean: float
    stiffness: float
    inverse_power: np.ndarray


def centred(potential: Potential, mass: float, spacing: float, points: int) -> GaussianPaths:
    """Solve the gap equation of an even potential with v = 0."""

    def means(variance: float) -> tuple[float, float]:
        return 0.0, float(potential.smeared(variance).deriv(2)(0.0))

    return _stiffest(means, mass, spacing, points)


def in_a_well(potential: Potential, mass: float, spacing: float, points: int) -> GaussianPaths:
    """Solve the gap equation of an even potential with a mean v > 0.

    Raises:
        InputError: where there is no such solution.
    """

    def means(variance: float) -> tuple[float, float]:
        smeared = potential.smeared(variance)
        # The odd slope divided by x: its positive roots are means other than 0.
        roots = real_roots(Polynomial(smeared.deriv().coef[1:]))
        mean = roots[-1] if len(roots) and roots[-1] > 0 else np.nan
        return float(mean), float(smeared.deriv(2)(mean))

    try:
        return _stiffest(means, mass, spacing, points)
    except ValueError:
        raise InputError("system", "potential", "a gap equation with two phases", "one phase") from None


def about_the_lowest_mean(potential: Potential, mass: float, spacing: float, points: int) -> GaussianPaths:
    """Solve the gap equation of any potential about the mean with the least <V>."""

    def means(variance: float) -> tuple[float, float]:
        smeared = potential.smeared(variance)
        roots = real_roots(smeared.deriv())
        mean = roots[np.argmin(smeared(roots))]
        return float(mean), float(smeared.deriv(2)(mean))

    return _stiffest(means, mass, spacing, points)


def _stiffest(means: Means, mass: float, spacing: float, points: int) -> GaussianPaths:
    """Solve <V''> = k for the largest k, where the paths fluctuate least; `means` maps s to v and <V''>."""
    kinetic = 4 * mass / spacing * np.sin(np.pi * np.arange(points) / points) ** 2

    def power(stiffness: float) -> np.ndarray:
        return kinetic + spacing * stiffness

    def excess(logarithm: float) -> float:
        stiffness = np.exp(logarithm)
        return means(float((1 / power(stiffness)).mean()))[1] - stiffness

    logarithms = np.linspace(
        np.log(SOFTEST * mass / (points * spacing) ** 2), np.log(STIFFEST * mass / spacing**2), TRIALS
    )
    values = np.array([excess(logarithm) for logarithm in logarithms])
    turns = np.flatnonzero((values[:-1] >= 0) & (values[1:] < 0))
    if not len(turns):
        raise ValueError("no stiffness solves the gap equation")
    last = turns[-1]
    stiffness = float(np.exp(brentq(excess, logarithms[last], logarithms[last + 1], xtol=1e-13)))
    mean, _ = means(float((1 / power(stiffness)).mean()))
    return GaussianPaths(mean, stiffness, power(stiffness))
