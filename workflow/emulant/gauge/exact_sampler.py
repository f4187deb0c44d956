"""Independent exact configurations of the Wilson action in two dimensions.

All plaquettes but the last are drawn from von Mises' law, the last is minus their sum, and the whole is accepted with
probability e^(beta (cos theta_V - 1)): on average sum_n I_n^V / (I_0^(V-1) e^beta), about e^-beta I_0(beta) in any volume.
"""

import math
from typing import NamedTuple

import numpy as np

from emulant.errors import InputError
from emulant.gauge.arrays import wrapped
from emulant.gauge.exact import Torus
from emulant.gauge.plaquettes import with_plaquettes

__all__ = ["Plaquettes", "acceptance", "exact_links", "exact_plaquettes", "uniform_links"]

SPARE = 1.1
"""Proposals of a round in units of those that are needed on average, so that a round is mostly enough."""


class Plaquettes(NamedTuple):
    """Plaquettes (N, V) and how many proposals they took."""

    angles: np.ndarray
    proposals: int


def acceptance(torus: Torus) -> float:
    """Compute the acceptance of a proposal.

    Raises:
        InputError: where beta is not positive.
    """
    if not torus.beta > 0:
        raise InputError("system", "beta", "a positive number for the exact sampler", torus.beta)
    # In logarithms of scaled Bessel functions: ln I_0 = (ln Z - ln sum_n (I_n / I_0)^V) / V.
    log_sum = math.log(torus.terms.sum())
    return math.exp(log_sum + (torus.log_z - log_sum) / torus.plaquettes - torus.beta)


def exact_plaquettes(torus: Torus, count: int, generator: np.random.Generator) -> Plaquettes:
    """Draw plaquettes of `count` configurations; raises InputError where beta is not positive."""
    rate, parts, proposals, accepted = acceptance(torus), [], 0, 0
    while accepted < count:
        trials = math.ceil(SPARE * (count - accepted) / rate) + 8
        angles = generator.vonmises(0.0, torus.beta, (trials, torus.plaquettes - 1))
        last = wrapped(-angles.sum(1))
        chosen = np.flatnonzero(generator.random(trials) < np.exp(torus.beta * (np.cos(last) - 1)))
        if len(chosen) > count - accepted:
            chosen = chosen[: count - accepted]
            trials = int(chosen[-1]) + 1
        parts.append(np.concatenate([angles[chosen], last[chosen, None]], 1))
        proposals, accepted = proposals + trials, accepted + len(chosen)
    return Plaquettes(np.concatenate(parts), proposals)


def uniform_links(shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """Draw links of the Haar measure, in [-pi, pi)."""
    return 2 * math.pi * generator.random(shape) - math.pi


def exact_links(plaquettes: np.ndarray, shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """Give plaquettes (N, V) uniform holonomies and a random gauge, those of uniform links: links (N, *shape)."""
    uniform = uniform_links((len(plaquettes), *shape), generator)
    return with_plaquettes(uniform, plaquettes.reshape(-1, *shape[1:]))
