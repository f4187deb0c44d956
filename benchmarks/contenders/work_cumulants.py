"""Common work of the section cumulants: kappa_2, 4, 6, 8 of an ensemble of fields in float32.

The yardstick computes moments 1 to 8 of each configuration as `(x**n).mean()` in float64 on a share of the ensemble; its
time is scaled. kappa_4 must agree between contenders.
"""

import numpy as np
from race import race, say
from work_errors import cumulants


def fields(task):
    """Draw uniform numbers of zero mean and unit variance, kappa_4 = -1.2, (N, L, L) in float32."""
    shape = (task["configurations"], task["size"], task["size"])
    uniform = np.random.default_rng(task["seed"]).random(shape, dtype=np.float32)
    return np.sqrt(np.float32(12)) * (uniform - np.float32(0.5))


def naive(configurations):
    """Compute moments 1 ... 8 of each configuration, (n, 8)."""
    configurations = configurations.astype(np.float64)
    return np.stack([(configurations**n).mean(axis=(1, 2)) for n in range(1, 9)], axis=1)


def compete(task, kappa, version, share=1.0):
    """Time kappa(fields), which returns kappa_2, 4, 6, 8, on a share of the fields; the yardstick gets a tenth."""
    ensemble = fields(task)
    part, tenth = (ensemble[: max(1, int(s * len(ensemble)))] for s in (share, 0.1))
    result = race(lambda: kappa(part), lambda: naive(tenth), task["rounds"])
    ours, theirs = result["seconds"] / share, result["yardstick"] / 0.1
    say(
        **{"value": ours, "yardstick": theirs, "ratio": theirs / ours, "version": version},
        **{"check": kappa(part)[1], "check_error": 3 / np.sqrt(part.size)},
    )


def from_moments(each):
    """Compute kappa_2, 4, 6, 8 from moments of each configuration (n, 8)."""
    return cumulants(each.mean(0))
