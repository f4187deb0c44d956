"""Crooks' relation between the laws of the work of forward and of backward paths, by logistic regression."""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

__all__ = ["CrooksLine", "crooks_line"]

STEPS = 50
"""Newton steps at most; a handful suffice where both laws overlap."""
SETTLED = 1e-10


class CrooksLine(NamedTuple):
    """ln p_F(W) / p_B(W) = slope W + offset.

    Attributes:
        crooks_slope: 1 where the relation holds.
        crooks_slope_error: of it.
        crooks_offset: ln Z where the relation holds.
        crooks_offset_error: of it.
    """

    crooks_slope: float
    crooks_slope_error: float
    crooks_offset: float
    crooks_offset_error: float


def crooks_line(forward: np.ndarray, backward: np.ndarray) -> CrooksLine:
    """Fit the logarithm of the ratio of two densities as a straight line, by maximum likelihood.

    Which of two samples a number belongs to is a logistic regression on it; of the offset it is the estimate of C. Bennett
    (J. Comput. Phys. 22 (1976) 245) where the slope is 1 (M. Shirts et al., Phys. Rev. Lett. 91 (2003) 140601).

    Arguments:
        forward: work of independent forward paths, (n,).
        backward: work of independent backward paths, (m,).

    Returns:
        NaN where no number of one sample lies among those of the other: any steep line divides them.
    """
    if forward.min() > backward.max() or backward.min() > forward.max():
        return CrooksLine(*[float("nan")] * 4)
    work = np.concatenate([forward, backward])
    label = np.repeat([1.0, 0.0], [len(forward), len(backward)])
    centre = work.mean()
    columns = np.stack([work - centre, np.ones_like(work)], axis=1)
    prior = np.log(len(forward) / len(backward))
    # From a line without slope, at which no number counts as certain, however far it lies.
    beta, information = np.zeros(2), np.eye(2)
    for _ in range(STEPS):
        chance = expit(columns @ beta + prior)
        information = (columns * (chance * (1 - chance))[:, None]).T @ columns
        step = np.linalg.solve(information, columns.T @ (label - chance))
        beta = beta + step
        if np.abs(step).max() < SETTLED:
            break
    covariance = np.linalg.inv(information)
    shift = np.array([-centre, 1.0])
    return CrooksLine(
        float(beta[0]),
        float(np.sqrt(covariance[0, 0])),
        float(beta @ shift),
        float(np.sqrt(shift @ covariance @ shift)),
    )
