"""Common work of the section errors: errors of kappa_2, 4, 6, 8 of an autocorrelated series.

The series is Gaussian with tau_int = 5; the input is its moments 1 to 8 of each configuration. The yardstick is the
usual jackknife: 100 bins, `np.delete`, and everything recomputed without each bin. The error of kappa_4 must agree
between contenders.
"""

from math import comb

import numpy as np
from race import race, say

ORDER, BINS, TAU = 8, 100, 5.0
"""Highest moment, bins of the jackknife (each 40 tau_int long), and tau_int of the series."""


def moments(task):
    """Compute moments 1 ... 8 of each configuration of an AR(1) series, (n, 8)."""
    generator, decay = np.random.default_rng(task["seed"]), (TAU - 0.5) / (TAU + 0.5)
    noise = generator.standard_normal((task["configurations"], task["sites"]))
    field, rows = noise[0], []
    for row in noise:
        field = decay * field + np.sqrt(1 - decay**2) * row
        rows.append([np.mean(field**n) for n in range(1, ORDER + 1)])
    return np.array(rows)


def cumulants(moment):
    """Compute kappa_2, 4, 6, 8 from moments 1 ... 8 by the standard recursion, for any type with + and *."""
    kappa = []
    for n in range(1, ORDER + 1):
        lower = sum(comb(n - 1, k - 1) * kappa[k - 1] * moment[n - k - 1] for k in range(1, n))
        kappa.append(moment[n - 1] - lower)
    return kappa[1::2]


def jackknife(data):
    """Compute jackknife errors of `cumulants` with BINS bins."""
    bins = data[: len(data) // BINS * BINS].reshape(BINS, -1, ORDER)
    samples = np.array([cumulants(np.delete(bins, k, axis=0).mean((0, 1))) for k in range(BINS)])
    return np.sqrt((BINS - 1) * samples.var(0))


def compete(task, errors, version):
    """Time errors(moments), which returns the errors of kappa_2, 4, 6, 8."""
    data = moments(task)
    result = race(lambda: errors(data), lambda: jackknife(data), task["rounds"])
    say(
        **{"value": result["seconds"], "yardstick": result["yardstick"], "ratio": result["ratio"]},
        **{"version": version, "check": errors(data)[1], "check_error": 0.1 * jackknife(data)[1]},
    )
