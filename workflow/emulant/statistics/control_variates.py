r"""A smooth function of weighted means, with less noise by variables whose means are known.

.. math:: \hat f = f(\bar p) - \beta \cdot \bar c, \; \bar p = \frac{\sum_n w_n p_n}{\sum_n w_n}, \; \langle c \rangle = 0

beta is the regression on c of what each sample contributes to f, w_n (p_n - p) df/dp. It is fitted to the same samples,
which shifts f by less than (columns of c) / sqrt(N) errors.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["Controlled", "controlled", "less_explained"]

STEP = 1e-5
"""Of the difference quotients, in units of the means: rounding and curvature are alike far below the noise."""


class Controlled(NamedTuple):
    """Values (k,) with and without the control variates, and their standard errors."""

    value: np.ndarray
    error: np.ndarray
    plain: np.ndarray
    plain_error: np.ndarray


def controlled(
    function: Callable[[np.ndarray], np.ndarray],
    primaries: np.ndarray,
    weight: np.ndarray,
    controls: np.ndarray,
) -> Controlled:
    """Evaluate f of weighted means of independent samples.

    Arguments:
        function: means (columns,) -> values (k,).
        primaries: (N, columns).
        weight: w up to a factor, (N,).
        controls: c, of zero mean under the law of the samples without weights, (N, controls).
    """
    share = weight / weight.mean()
    means = (share[:, None] * primaries).mean(0)
    influence = share[:, None] * (primaries - means) @ _slopes(function, means).T
    rest, plain, count = less_explained(influence, controls), function(means), len(primaries)
    return Controlled(
        plain + rest.mean(0),
        rest.std(0) / np.sqrt(count),
        plain,
        influence.std(0) / np.sqrt(count),
    )


def less_explained(values: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """Subtract from values (N, k) their regression on controls of zero mean (N, columns): same mean, less noise."""
    columns = controls / controls.std(0)
    slope = np.linalg.lstsq(columns - columns.mean(0), values - values.mean(0), rcond=None)[0]
    return values - columns @ slope


def _slopes(function: Callable[[np.ndarray], np.ndarray], means: np.ndarray) -> np.ndarray:
    """Derivatives of f by symmetric differences, (k, columns)."""
    steps = np.diag(STEP * np.where(means == 0, 1.0, np.abs(means)))
    both = zip(steps, steps.diagonal(), strict=True)
    return np.stack(
        [(function(means + step) - function(means - step)) / (2 * size) for step, size in both], 1
    )
