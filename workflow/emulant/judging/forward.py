"""Cumulants along the forward process, measured on noised configurations beside their exact laws."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from emulant.statistics.cumulants import ORDER, cumulants, site_moments
from emulant.statistics.jackknife import BlockSums, assign_blocks, jackknife, jackknife_error
from emulant.transport.laws import cumulant
from emulant.transport.paths import Path

__all__ = ["forward_cumulants"]

ORDERS = (2, 4, 6, 8)
"""Even cumulants up to the highest that `statistics.cumulants` has; the odd ones vanish where a law is symmetric."""


def forward_cumulants(
    configurations: np.ndarray, paths: Mapping[str, Path], times: Sequence[float], seed: int
) -> pd.DataFrame:
    """One-site cumulants of x_t = a(t) x_0 + b(t) z and the law they follow (arXiv:2410.21212, sec. 2).

    Arguments:
        configurations: x_0, shape (N, *shape).
        paths: name -> path.
        times: in (0, 1].
        seed: of the noise; one noise field serves all times and paths, so that curves are smooth.

    Returns:
        columns path, t, n, value, error, exact; the exact law starts from the cumulants of these same x_0, so
        that at small t value and law agree better than the error of the value says.
    """
    columns = ["path", "t", "n", "value", "error", "exact"]
    if not paths:
        return pd.DataFrame(columns=columns)
    noise = np.random.default_rng(seed).normal(size=configurations.shape)
    initial, _ = _measure(configurations)
    rows = []
    for name, path in paths.items():
        for t in map(float, times):
            value, error = _measure(path.perturb(configurations, t, noise))
            for n in ORDERS:
                law = cumulant(path, n, initial[n - 1], t)
                rows.append((name, t, n, value[n - 1], error[n - 1], law))
    return pd.DataFrame(rows, columns=columns)


def _measure(configurations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    sums = BlockSums(ORDER)
    sums.add(assign_blocks(len(configurations)), site_moments(configurations))
    value, samples = jackknife(sums, cumulants)
    return value, jackknife_error(samples)
