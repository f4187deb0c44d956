"""Common work of the section sampling: a Gaussian field whose denoiser is known exactly.

The result is the number of evaluations of the denoiser D(x, s) = p x / (p + s^2) until the variance of every Fourier mode,
of power p, is within 1 % of the truth. Deterministic solvers are linear maps of their start, so variances are exact; for
the stochastic one they obey a recursion. The yardstick is the 2024 notebook's: variance exploding with sigma = 25,
Euler-Maruyama at equal times from 1 to 1e-3.
"""

import numpy as np
from race import say

TOLERANCE, MOST = 0.01, 2_000_000
"""Relative error of the variances, and evaluations after which a solver is given up."""
SIGMA, LAST = 25.0, 1e-3
"""Parameters of the 2024 notebook."""


def powers(task):
    """Return the different powers of the modes of a free field, (modes,)."""
    cosine = np.cos(2 * np.pi * np.arange(task["size"]) / task["size"])
    return np.unique(1 / (2 - 4 * task["kappa"] * (cosine[:, None] + cosine)))


def denoise(x, s, power):
    return power * x / (power + s**2)


def notebook(power, steps):
    """Compute the variances of the modes after the yardstick with `steps` evaluations."""
    times = np.linspace(1, LAST, steps)
    noise = (SIGMA ** (2 * times) - 1) / (2 * np.log(SIGMA))
    variance, dt = np.full_like(power, noise[0]), times[0] - times[1]
    for step, (t, s2) in enumerate(zip(times, noise, strict=True)):
        g2 = SIGMA ** (2 * t)
        variance *= (1 - g2 * dt / (power + s2)) ** 2
        variance += g2 * dt if step < steps - 1 else 0.0
    return variance


def needed(variances, power):
    """Return the smallest number of evaluations within TOLERANCE, to one part in eight; None beyond MOST."""

    def good(count):
        return bool(np.all(np.abs(variances(count) / power - 1) < TOLERANCE))

    count = 4
    while not good(count):
        count = count + 1 if count < 16 else count + count // 8
        if count > MOST:
            return None
    return count


def compete(task, variances, version, power=None):
    """Count the evaluations that variances(count) and the yardstick need."""
    power = powers(task) if power is None else power
    value, yardstick = (
        needed(variances, power),
        needed(lambda count: notebook(powers(task), count), powers(task)),
    )
    ratio = yardstick / value if value and yardstick else None
    if value is None:
        version += f", not within 1 % in {MOST} evaluations"
    say(value=value, yardstick=yardstick, ratio=ratio, version=version)
