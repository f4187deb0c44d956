"""Pulls, correlated chi^2 and the limit on pulls for many tests at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

__all__ = [
    "LARGEST",
    "Chi2",
    "correlated_chi2",
    "degrees_of_freedom",
    "equivalent_pull",
    "limit",
    "p_value",
    "pull",
]

LARGEST = 37.0
"""Of the pulls that a p-value of a double can have, of which the smallest is 2.2e-308."""
# With n blocks and p modes the inverse of an estimated covariance is too large by n / (n - p), a third at n = 4 p.
BLOCKS_PER_MODE = 4
# Relative to the largest eigenvalue of a correlation matrix, whose rounding is about 1e-16.
SMALLEST_EIGENVALUE = 1e-9
# Largest bias by curvature that a direction may have, in units of its error.
LINEAR = 0.1


def pull(value: float, error: float, target: float, target_error: float = 0.0) -> float:
    """Compute the difference over the combined error of two independent numbers; 0 where both agree without error.

    NaN where any of the four is not finite: an infinite error would let every value pass.
    """
    if not np.isfinite([value, error, target, target_error]).all():
        return np.nan
    combined = np.hypot(error, target_error)
    if combined > 0:
        return float((value - target) / combined)
    return 0.0 if value == target else float(np.copysign(np.inf, value - target))


def degrees_of_freedom(errors: Sequence[float], blocks: Sequence[int]) -> float:
    """Combine degrees of freedom of several errors (Welch-Satterthwaite), each estimated from `blocks` blocks."""
    variances = np.square(errors)
    if not variances.any():
        return np.inf
    return float(variances.sum() ** 2 / np.sum(variances**2 / (np.asarray(blocks) - 1)))


def p_value(pull: float, dof: float = np.inf) -> float:
    """Compute the two-sided p-value of a pull whose error has `dof` degrees of freedom (Student's t)."""
    return float(2 * stats.t.sf(abs(pull), dof))


def equivalent_pull(p: float) -> float:
    """Convert a two-sided p-value to the pull of a Gaussian; p-values that underflow give 37.5."""
    return float(stats.norm.isf(max(p, np.finfo(float).tiny) / 2))


def limit(tests: int, false_alarm: float = 0.01) -> float:
    """Compute the pull that a right model exceeds in any of `tests` tests with probability `false_alarm` (Sidak)."""
    return equivalent_pull(-np.expm1(np.log1p(-false_alarm) / max(tests, 1)))


class Chi2(NamedTuple):
    """T^2 = d^T C^-1 d, the number of directions it is summed over, and its p-value."""

    value: float
    directions: int
    p: float


def correlated_chi2(
    difference: np.ndarray,
    covariances: Sequence[np.ndarray],
    blocks: Sequence[int],
    biases: Sequence[np.ndarray] = (),
) -> Chi2:
    """Compute Hotelling's T^2 of a difference whose covariance is a sum of estimated ones.

    The estimated covariance has noise, so T^2 follows F and not chi^2: with nu degrees of freedom,
    T^2 (nu - p + 1) / (nu p) ~ F(p, nu - p + 1), where nu for two unequal covariances is that of
    K. Krishnamoorthy and J. Yu, Stat. Probab. Lett. 66 (2004) 161. Only as many eigenvectors of the
    correlation matrix are kept as the blocks can determine: a quarter of their number, the largest first.
    Of these, a direction is kept only where the values are linear in the averaged primaries: where the jackknife's
    bias, the mean effect of curvature, stays below a tenth of an error. Nearly degenerate sets, such as
    kappa_2 ... kappa_8 of two peaks, have directions with an error so small that curvature dominates it.
    Numbers without error, such as a bin empty in both samples, are left out where they agree; where they differ, p = 0.

    Arguments:
        difference: shape (p,).
        covariances: of the means, each (p, p): one for a test against exact numbers, two for two ensembles.
        blocks: the number of blocks behind each covariance.
        biases: the jackknife's bias of each ensemble's values, each (p,).
    """
    scale = np.sqrt(np.diag(sum(covariances)))
    if not scale.all():
        uncertain = scale > 0
        if (difference[~uncertain] != 0).any():
            return Chi2(np.inf, len(difference), 0.0)
        if not uncertain.any():
            return Chi2(0.0, 0, 1.0)
        covariances = [covariance[np.ix_(uncertain, uncertain)] for covariance in covariances]
        return correlated_chi2(
            difference[uncertain], covariances, blocks, [bias[uncertain] for bias in biases]
        )
    parts = [c / np.outer(scale, scale) for c in covariances]
    eigenvalues, vectors = np.linalg.eigh(sum(parts))
    modes = min(len(scale), max(1, min(blocks) // BLOCKS_PER_MODE))
    chosen = np.arange(len(scale))[-modes:]
    chosen = chosen[eigenvalues[chosen] > SMALLEST_EIGENVALUE * eigenvalues[-1]]
    whiten = vectors[:, chosen] / np.sqrt(eigenvalues[chosen])
    curvature = sum((np.abs((bias / scale) @ whiten) for bias in biases), np.zeros(len(chosen)))
    linear = curvature < LINEAR
    linear[-1] = True
    chosen, whiten = chosen[linear], whiten[:, linear]
    t2 = float(np.sum((whiten.T @ (difference / scale)) ** 2))
    p = len(chosen)
    shares = [whiten.T @ part @ whiten for part in parts]
    spread = sum(
        (np.sum(share * share) + np.trace(share) ** 2) / (count - 1)
        for share, count in zip(shares, blocks, strict=True)
    )
    nu = (p + p**2) / spread
    return Chi2(t2, p, float(stats.f.sf(t2 * (nu - p + 1) / (nu * p), p, nu - p + 1)))
