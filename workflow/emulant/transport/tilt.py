"""Exponential tilts: of all laws with given moments the nearest in entropy (E. T. Jaynes, Phys. Rev. 106 (1957) 620)."""

import torch
from torch import Tensor

__all__ = ["centring_tilt"]

ROUNDS, HALVINGS = 60, 30
"""Limits that no fit reached where moments can be had at all; Newton's method converges in some six rounds."""
PRECISION = 1e-9
"""Largest mean of a feature at which a fit ends, far below any statistical error."""
ROUNDING = 1e-13
"""Of ln sum exp, which a step that lowers it by less seems to raise."""
REGULAR = 1e-12
"""Added to the curvature, which fewer points than features leave singular."""


def centring_tilt(features: Tensor, log_weight: Tensor) -> Tensor:
    """Compute c, (k,), with which weights exp(log_weight + f c) give each feature a mean of zero.

    It is the minimum of the convex ln sum exp(log_weight + f c). Where no weights do it the last c is returned.

    Arguments:
        features: f, of the order of one, (n, k) float64.
        log_weight: before the tilt, (n,).
    """
    c, unit = features.new_zeros(features.shape[1]), torch.eye(features.shape[1]).to(features)
    for _ in range(ROUNDS):
        share = torch.softmax(log_weight + features @ c, 0)
        mean = share @ features
        if float(mean.abs().max()) < PRECISION:
            break
        centred = features - mean
        curvature = (centred * share[:, None]).T @ centred
        c = _lower(features, log_weight, c, -torch.linalg.solve(curvature + REGULAR * unit, mean))
    return c


def _lower(features: Tensor, log_weight: Tensor, c: Tensor, step: Tensor) -> Tensor:
    """Take a step, halved until ln sum exp(log_weight + f c) falls."""
    value = torch.logsumexp(log_weight + features @ c, 0) + ROUNDING
    for _ in range(HALVINGS):
        if torch.logsumexp(log_weight + features @ (c + step), 0) < value:
            return c + step
        step = step / 2
    return c
