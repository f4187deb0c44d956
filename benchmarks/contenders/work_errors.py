"""What every contender in error analysis has in common: errors of kappa_2, 4, 6, 8 of an autocorrelated series.

The series is Gaussian with tau_int = 5; its moments 1 to 8 of each configuration are given. The yardstick is the
jackknife as it is often written: 100 bins, `np.delete` and everything again without each. The error of kappa_4 must be
the same for all.
"""

from math import comb

import numpy as np
from race import race, say

ORDER, BINS, TAU = 8, 100, 5.0


def moments(task):
    """Moments 1..8 of each configuration, (n, 8)."""
    generator, decay = np.random.default_rng(task["seed"]), (TAU - 0.5) / (TAU + 0.5)
    noise = generator.standard_normal((task["configurations"], task["sites"]))
    field, kept = noise[0], []
    for row in noise:
        field = decay * field + np.sqrt(1 - decay**2) * row
        kept.append([np.mean(field**n) for n in range(1, ORDER + 1)])
    return np.array(kept)


def cumulants(moment):
    """kappa_2, 4, 6, 8 of the moments 1..8, by the recursion of every textbook; of arrays or anything with + and *."""
    kappa = []
    for n in range(1, ORDER + 1):
        lower = sum(comb(n - 1, k - 1) * kappa[k - 1] * moment[n - k - 1] for k in range(1, n))
        kappa.append(moment[n - 1] - lower)
    return kappa[1::2]


def jackknife(data):
    """Errors of `cumulants` by BINS bins."""
    bins = data[: len(data) // BINS * BINS].reshape(BINS, -1, ORDER)
    samples = np.array([cumulants(np.delete(bins, k, axis=0).mean((0, 1))) for k in range(BINS)])
    return np.sqrt((BINS - 1) * samples.var(0))


def compete(task, errors, version):
    """Time errors(moments), which returns those of kappa_2, 4, 6, 8."""
    data = moments(task)
    result = race(lambda: errors(data), lambda: jackknife(data), task["rounds"])
    say(
        **{"value": result["seconds"], "yardstick": result["yardstick"], "ratio": result["ratio"]},
        **{"version": version, "check": errors(data)[1], "check_error": 0.1 * jackknife(data)[1]},
    )
