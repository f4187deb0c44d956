"""Sampling by the deterministic Heun sampler of Karras et al. (2206.00364, algorithm 1), rewritten from the paper."""

import numpy as np
from race import task
from work_sampling import compete, denoise, powers

power = powers(task())
RHO, HIGH, LOW = 7, 80.0, 0.002
"""Exponent of the noise levels and their range: the defaults of the paper."""


def variances(count):
    """Compute the variances of the modes after `count` evaluations: two per step, one in the last."""
    steps = (count + 1) // 2
    levels = np.linspace(HIGH ** (1 / RHO), LOW ** (1 / RHO), steps) ** RHO
    x = np.full_like(power, HIGH)
    for s, lower in zip(levels, [*levels[1:], 0.0], strict=True):
        slope = (x - denoise(x, s, power)) / s
        guess = x + (lower - s) * slope
        if lower > 0:
            slope = (slope + (guess - denoise(guess, lower, power)) / lower) / 2
        x = x + (lower - s) * slope
    return x**2


compete(task(), variances, "EDM, Heun, rho = 7")
