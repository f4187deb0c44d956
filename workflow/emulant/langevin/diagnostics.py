r"""Diagnostics of complex Langevin: the drift's tail, Schwinger-Dyson recursion, runaways and boundary terms.

A correct limit needs a drift whose distribution falls exponentially or faster (K. Nagata, J. Nishimura and S. Shimasaki,
arXiv:1606.07627), expectation values that obey the Schwinger-Dyson recursion, and no walker that leaves for infinity.
Boundary terms <θ(Y - |y|) L zⁿ>, L = (∂_z - S') ∂_z, are tabulated for cutoffs Y (M. Scherzer et al., arXiv:1808.05187).
"""

from typing import Any

import numpy as np

from emulant.langevin.actions import Quartic
from emulant.langevin.sampler import Run
from emulant.plane.moments import even_moments
from emulant.statistics.agreement import Agreement, agreement
from emulant.statistics.jackknife import covariance
from emulant.statistics.pulls import correlated_chi2, equivalent_pull, p_value

__all__ = ["boundary_terms", "diagnosed", "hill_exponent", "schwinger_dyson", "schwinger_dyson_pull"]

# Shares of the points whose tail exponents are reported. The farther one decides, as a power law may set in late; it has
# FEWEST points at least, which give an exponent to 1 / sqrt(50) = 14 %.
NEAR, FAR, FEWEST = 1e-2, 1e-4, 50
# Points of the drawn distribution of the drift, and quantiles of |y| that serve as cutoffs Y.
SURVIVAL_POINTS, CUTOFFS = 60, (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)
# Errors of boundary terms are then known to 9 %.
BLOCKS = 64
# A correct run exceeds the pull with probability 6e-5. The exponent may be below an exponential's by three errors.
LARGEST_PULL, ERRORS = 4.0, 3.0
# Of each test of an identity by errors that groups which ran far do not widen: that of 5 errors of a Gaussian.
FALSE_ALARM = p_value(5.0)


def diagnosed(action: Quartic, run: Run, averages: np.ndarray) -> dict[str, Any]:
    """Compute all diagnostics of a run, ready for JSON; `trusted` and `reasons` are the conclusion.

    Arguments:
        action: of the run.
        run: its points and its number of runaways.
        averages: expectation values of groups of walkers, (groups, 19), without the error of the step.
    """
    x, y = run.snapshots.astype(float).T
    z = x + 1j * y
    size = np.sort(np.abs(action.drift(z)))[::-1]
    share = max(FAR, FEWEST / len(size))
    near, far = hill_exponent(size, NEAR), hill_exponent(size, share)
    # An exponential law has an exponent of at least -ln(share); its relative error is 1 / sqrt(number of points).
    exponential = far * (1 + ERRORS / np.sqrt(share * len(size))) > -np.log(share)
    pull, identities = schwinger_dyson_pull(action, averages), schwinger_dyson(action, averages)
    reasons = []
    if run.runaways:
        reasons.append(f"{run.runaways} of {run.walkers} walkers ran away")
    if not exponential:
        reasons.append(f"the drift falls like a power, exponent {far:.2g} in its farthest tail")
    if abs(pull) > LARGEST_PULL:
        reasons.append(f"Schwinger-Dyson recursion violated at {pull:.1f} errors")
    for words, result in identities.items():
        if result.failures(FALSE_ALARM):
            worst = f"one of {result.groups} groups is off by {result.worst_pull:.2g} times their spread"
            reasons.append(
                f"{words} is violated: {worst}, the mean by {result.mean / result.error:.2g} errors of it"
            )
    shares = np.geomspace(1.0, 1 / len(size), SURVIVAL_POINTS)
    return {
        "trusted": not reasons,
        "reasons": "; ".join(reasons),
        "confined": bool(action.confined),
        "strip": action.strip if np.isfinite(action.strip) else None,
        "largest_y": float(np.abs(y).max()),
        "walkers": run.walkers,
        "runaways": run.runaways,
        "cut_steps": run.cut_steps,
        "langevin_time": run.time,
        "drift_exponent": near,
        "drift_exponent_far": far,
        "schwinger_dyson_pull": pull,
        "identities": {words: result.record() for words, result in identities.items()},
        "drift_tail": [
            {"drift": float(size[min(int(s * len(size)), len(size)) - 1]), "share": float(s)} for s in shares
        ],
        "boundary_terms": boundary_terms(action, z),
    }


def hill_exponent(size: np.ndarray, share: float) -> float:
    """Estimate α of P(|K| > u) ~ u^-α from the largest `share` of sizes (N,) in falling order, by Hill's estimator.

    A power law gives the same α for every share; an exponential law beyond some u₀ > 0 gives α > -ln(share).
    """
    count = max(2, int(share * len(size)))
    return float(1 / np.mean(np.log(size[:count] / size[count])))


def schwinger_dyson(action: Quartic, averages: np.ndarray) -> dict[str, Agreement]:
    """Hold (n - 1) μ_{n-2} = σ₀ μ_n + λ μ_{n+2}, n = 2, 4, 6, against averages of groups (groups, 19), part by part.

    Where the drift has a power-law tail, few groups carry the moments and their covariance: `schwinger_dyson_pull` is then 1
    whatever they say.
    """
    violations = _violations(action, averages)
    parts = {
        f"{part} part of {n - 1} <z^{n - 2}> = sigma_0 <z^{n}> + lambda <z^{n + 2}>": violations[:, column]
        for column, (part, n) in enumerate((part, n) for part in ("real", "imaginary") for n in (2, 4, 6))
    }
    # Imaginary parts vanish identically for a real action and cannot be tested.
    return {words: agreement(values) for words, values in parts.items() if values.any()}


def schwinger_dyson_pull(action: Quartic, averages: np.ndarray) -> float:
    """Test the recursion of `schwinger_dyson` in one pull, from averages of groups (groups, 19)."""
    count = len(averages)
    samples = _violations(action, (averages.sum(0) - averages) / (count - 1))
    fluctuating = samples.std(axis=0) > 1e-12
    value = _violations(action, averages.mean(0))[fluctuating]
    return equivalent_pull(correlated_chi2(value, [covariance(samples[:, fluctuating])], [count]).p)


def _violations(action: Quartic, means: np.ndarray) -> np.ndarray:
    """Right minus left side of the recursion, real parts and then imaginary ones, (..., 6) from means (..., 19)."""
    mu = even_moments(means)
    moments = np.concatenate([np.ones((*mu.shape[:-1], 1)), mu], axis=-1)
    left = np.array([1, 3, 5]) * moments[..., :3]
    right = action.sigma0 * moments[..., 1:4] + action.coupling * moments[..., 2:5]
    return np.concatenate([(right - left).real, (right - left).imag], axis=-1)


def boundary_terms(action: Quartic, z: np.ndarray) -> list[dict[str, float]]:
    """Tabulate n, cutoff Y, real, imag and error of <θ(Y - |y|) L zⁿ>, n = 2, 4, from points z (N,)."""
    blocks = z[: len(z) // BLOCKS * BLOCKS].reshape(BLOCKS, -1)
    rows = []
    for n in (2, 4):
        integrand = n * (n - 1) * blocks ** (n - 2) + n * blocks ** (n - 1) * action.drift(blocks)
        for cutoff in np.quantile(np.abs(z.imag), CUTOFFS):
            means = np.where(np.abs(blocks.imag) <= cutoff, integrand, 0).mean(axis=1)
            error = np.hypot(means.real.std(), means.imag.std()) / np.sqrt(BLOCKS - 1)
            value = means.mean()
            rows.append(
                {
                    "n": n,
                    "cutoff": float(cutoff),
                    "real": float(value.real),
                    "imag": float(value.imag),
                    "error": float(error),
                }
            )
    return rows
