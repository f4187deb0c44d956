r"""Whether complex Langevin is to be trusted: by its own run, and by what is known of the action.

The drift's distribution must fall exponentially with its size, or faster (K. Nagata, J. Nishimura and S. Shimasaki,
arXiv:1606.07627); expectation values must obey the Schwinger-Dyson recursion; no walker may leave for infinity. Boundary
terms <θ(Y - |y|) L zⁿ>, L = (∂_z - S') ∂_z, are shown for cutoffs Y (M. Scherzer et al., arXiv:1808.05187).
"""

from typing import Any

import numpy as np

from emulant.langevin.actions import Quartic
from emulant.langevin.sampler import Run
from emulant.plane.moments import even_moments
from emulant.statistics.jackknife import covariance
from emulant.statistics.pulls import correlated_chi2, equivalent_pull

__all__ = ["boundary_terms", "diagnosed", "hill_exponent", "schwinger_dyson_pull"]

NEAR, FAR, FEWEST = 1e-2, 1e-4, 50
SURVIVAL_POINTS, CUTOFFS = 60, (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)
BLOCKS = 64
LARGEST_PULL, ERRORS = 4.0, 3.0


def diagnosed(action: Quartic, run: Run, averages: np.ndarray) -> dict[str, Any]:
    """Everything about the trust in a run, ready for JSON; `trusted` and `reasons` say what follows.

    Arguments:
        action: of the run.
        run: its points and its runaways.
        averages: what stands for the run's expectation values, (groups, 19), without the error of the step.
    """
    x, y = run.snapshots.astype(float).T
    z = x + 1j * y
    size = np.sort(np.abs(action.drift(z)))[::-1]
    share = max(FAR, FEWEST / len(size))
    near, far = hill_exponent(size, NEAR), hill_exponent(size, share)
    # Of an exponential law the exponent is -ln(share) at least; its relative error is one over the root of the count.
    exponential = far * (1 + ERRORS / np.sqrt(share * len(size))) > -np.log(share)
    pull = schwinger_dyson_pull(action, averages)
    reasons = []
    if run.runaways:
        reasons.append(f"{run.runaways} of {run.walkers} walkers ran away")
    if not exponential:
        reasons.append(f"the drift falls like a power, exponent {far:.2g} in its farthest tail")
    if abs(pull) > LARGEST_PULL:
        reasons.append(f"Schwinger-Dyson recursion violated at {pull:.1f} errors")
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
        "drift_tail": [
            {"drift": float(size[min(int(s * len(size)), len(size)) - 1]), "share": float(s)} for s in shares
        ],
        "boundary_terms": boundary_terms(action, z),
    }


def hill_exponent(size: np.ndarray, share: float) -> float:
    """Hill's estimate of the exponent of P(|K| > u) ~ u^-α in the farthest `share` of falling sizes (N,).

    It is the same for every share where the tail is a power; of an exponential law beyond some u₀ > 0, α > -ln(share).
    """
    count = max(2, int(share * len(size)))
    return float(1 / np.mean(np.log(size[:count] / size[count])))


def schwinger_dyson_pull(action: Quartic, averages: np.ndarray) -> float:
    """All of (n - 1) μ_{n-2} = σ₀ μ_n + λ μ_{n+2}, n = 2, 4, 6, in one pull, from averages of groups (groups, 19)."""

    def violations(means: np.ndarray) -> np.ndarray:
        mu = even_moments(means)
        low = np.concatenate([np.ones((*mu.shape[:-1], 1)), mu], axis=-1)
        left = np.array([1, 3, 5]) * low[..., :3]
        right = action.sigma0 * low[..., 1:4] + action.coupling * low[..., 2:5]
        return np.concatenate([(right - left).real, (right - left).imag], axis=-1)

    count = len(averages)
    samples = violations((averages.sum(0) - averages) / (count - 1))
    # In one part there may be nothing to violate: of a real action the imaginary parts vanish exactly.
    kept = samples.std(axis=0) > 1e-12
    value = violations(averages.mean(0))[kept]
    return equivalent_pull(correlated_chi2(value, [covariance(samples[:, kept])], [count]).p)


def boundary_terms(action: Quartic, z: np.ndarray) -> list[dict[str, float]]:
    """Rows n, cutoff Y, real, imag and error of <θ(Y - |y|) L zⁿ>, n = 2, 4, from points z (N,)."""
    blocks = z[: len(z) // BLOCKS * BLOCKS].reshape(BLOCKS, -1)
    rows = []
    for n in (2, 4):
        flow = n * (n - 1) * blocks ** (n - 2) + n * blocks ** (n - 1) * action.drift(blocks)
        for cutoff in np.quantile(np.abs(z.imag), CUTOFFS):
            means = np.where(np.abs(blocks.imag) <= cutoff, flow, 0).mean(axis=1)
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
