"""What paths say of their reversibility: entropy production in both directions and the effective fraction."""

from typing import NamedTuple

import numpy as np

from emulant.statistics.weights import effective_fraction, minus_log_mean

__all__ = ["Reversibility", "reversibility"]


class Reversibility(NamedTuple):
    """Both divergences of forward and backward paths, from forward paths alone; all vanish or are 1 where W is constant.

    Attributes:
        forward: <Sigma> = KL(P_F || Q_B), with Sigma = W + ln Z by the same paths.
        forward_error: of it.
        backward: -<Sigma>_Q = KL(Q_B || P_F), by weights: -<Sigma exp(-Sigma)>.
        backward_error: of it.
        ess: effective fraction of the weights exp(-W).
        ess_error: of it.
    """

    forward: float
    forward_error: float
    backward: float
    backward_error: float
    ess: float
    ess_error: float


def reversibility(work: np.ndarray) -> Reversibility:
    """Estimate from the work of independent forward paths, (N,) float64; few of them miss those of large weight."""
    log_z, _ = minus_log_mean(-work)
    sigma = work - log_z
    weight = np.exp(-sigma)
    backward = -float((weight * sigma).mean())
    # Influence of each path on both, that on ln Z included, weight - 1.
    ahead = sigma - sigma.mean() + weight - 1
    back = -weight * sigma - backward - (1 + backward) * (weight - 1)
    errors = (float(part.std(ddof=1) / np.sqrt(len(work))) for part in (ahead, back))
    fraction, fraction_error = effective_fraction(-work)
    return Reversibility(float(sigma.mean()), next(errors), backward, next(errors), fraction, fraction_error)
