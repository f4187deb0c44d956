r"""What the primaries of the levels are in a Gaussian path, exactly: known means of a flow's latents.

.. math:: \langle x^p y^q \rangle = \sum_k \binom pk \binom qk k!\, (p-k-1)!!\, (q-k-1)!!\; c^k v^{(p+q)/2-k}

for two Gaussian numbers of variance v and covariance c; k pairs join them (L. Isserlis, Biometrika 12 (1918) 134).
"""

import math

import numpy as np

from emulant.quantum.levels import OPERATORS, PAIRS, times

__all__ = ["gaussian_means"]


def gaussian_means(inverse_power: np.ndarray) -> np.ndarray:
    """Means of `observables.level.primaries`, but for the spacing, of a Gaussian path with this A(p), (columns,).

    Arguments:
        inverse_power: A(p) of S_0 = sum_p A(p) |x_p|^2 / 2N, (N,), in the layout of `fft`.
    """
    covariance = np.fft.ifft(1 / inverse_power).real
    early, late = (covariance[t] for t in times(len(inverse_power)))
    variance, columns = covariance[0], []
    for powers in OPERATORS.values():
        pairs = [(powers[i], powers[j]) for i, j in PAIRS]
        first, second = (np.array([_product(*pair, variance, c) for pair in pairs]) for c in (early, late))
        columns += [np.array([_product(power, 0, variance, 0.0) for power in powers]), first, first - second]
    return np.concatenate(columns)


def _product(p: int, q: int, variance: float, covariance: float) -> float:
    """<x^p y^q>, of an even p + q; 0 of an odd one."""
    if (p + q) % 2:
        return 0.0
    return sum(
        math.comb(p, k)
        * math.comb(q, k)
        * math.factorial(k)
        * _pairings(p - k)
        * _pairings(q - k)
        * covariance**k
        * variance ** ((p + q) // 2 - k)
        for k in range(p % 2, min(p, q) + 1, 2)
    )


def _pairings(count: int) -> int:
    """Ways to pair so many numbers, (count - 1)!!; 1 of none."""
    return math.prod(range(count - 1, 0, -2))
