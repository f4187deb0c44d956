r"""Markov moves at any strength of the interaction, by the kernels of the action (K).

On the way from the Gaussian of the gap equation the action has any mass and any quartic coupling,
S_t = sum [-2 kappa phi phi' + m phi^2 + l phi^4]. With phi = a chi and m a^2 + 2 l a^4 = 1 it is the action (K) of chi with
hopping parameter kappa a^2 and coupling l a^4.
"""

import math

import numpy as np

from emulant.lattice.sampler import Chains
from emulant.lattice.trajectory import Trajectory

__all__ = ["moved", "operations_per_move", "rescaling"]

STEPS = 4
"""Forces of a trajectory: with ADVANCE a time of 1 in units of the stiffest mode, of which 0.99 are accepted at V = 512."""
ADVANCE = 0.45
"""Mean advance of time with each force, times the largest frequency."""
VOLUME = 512
"""Sites up to which ADVANCE holds; beyond, errors of the energy add up and it falls like V^(-1/4)."""
CLUSTERS = 2
FORCES = 2 * STEPS
"""Force evaluations of one move: a trajectory before the clusters, and one after them."""


def moved(fields: np.ndarray, kappa: float, mass: float, quartic: float, seed: int) -> np.ndarray:
    """Move fields (N, *shape) by a trajectory, CLUSTERS Wolff clusters, and a trajectory again.

    The order reads the same backwards and each part is in detailed balance, so that the whole move is.

    Arguments:
        fields: float32.
        kappa: hopping parameter.
        mass: m, coefficient of phi^2.
        quartic: l, coefficient of phi^4.
        seed: of all random numbers.
    """
    scale = rescaling(mass, quartic)
    chains = Chains(
        fields.shape[1:], kappa * scale**2, quartic * scale**4, (fields / scale).astype(np.float32), seed=seed
    )
    step = _step_size(fields.shape[1:], kappa, mass, quartic) / scale
    first = Trajectory(STEPS, step, jitter=0.2, clusters=CLUSTERS, flip=False)
    chains.advance(first)
    chains.advance(Trajectory(STEPS, step, jitter=0.2, clusters=0, flip=True))
    return (chains.fields * scale).astype(np.float32)


def operations_per_move(shape: tuple[int, ...]) -> float:
    """Count the operations of one move: a force has 2 d additions and 7 operations of a site, two more move the field.

    Clusters, of at most CLUSTERS operations a site and direction, are counted as if they filled the lattice.
    """
    volume, directions = math.prod(shape), 2 * len(shape)
    return volume * (FORCES * (directions + 9) + CLUSTERS * 3 * directions)


def rescaling(mass: float, quartic: float) -> float:
    """Compute a > 0 with m a^2 + 2 l a^4 = 1."""
    return math.sqrt(2 / (mass + math.sqrt(mass**2 + 8 * quartic)))


def _step_size(shape: tuple[int, ...], kappa: float, mass: float, quartic: float) -> float:
    """Compute the advance of time with each force from the largest curvature at a typical field, whatever the fields are."""
    dimension = len(shape)
    square = _site_square(mass, quartic, 2 * kappa * dimension)
    curvature = 2 * mass + 4 * abs(kappa) * dimension + 12 * quartic * square
    return ADVANCE / math.sqrt(curvature) * min(1.0, (VOLUME / math.prod(shape)) ** 0.25)


def _site_square(mass: float, quartic: float, hopping: float) -> float:
    """Compute phi^2 at the minimum of the classical action, or of the fluctuation of a single site."""
    minimum = max(0.0, (hopping - mass) / (2 * quartic)) if quartic > 0 else 0.0
    return max(minimum, rescaling(mass, quartic) ** 2 / 2)
