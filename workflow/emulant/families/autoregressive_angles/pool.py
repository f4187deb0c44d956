"""Angles for the training, by Markov chains."""

import numpy as np
import torch
from torch import Tensor

from emulant.contracts.system import HasRotors
from emulant.spins.angle_chains import CLUSTERS, AngleChains, starts

__all__ = ["angles_of"]

CHAINS = 128
"""Chains run at once: a pool takes configurations of each after every update."""
WARM_UP = 100
"""Updates that are thrown away; each has clusters, which forget a start in a few."""


def angles_of(system: HasRotors, count: int, seed: int) -> Tensor:
    """Draw angles in equilibrium, (count, L_y, L_x) float32."""
    generator = np.random.default_rng(seed)
    angles, _ = starts(system.site_shape, CHAINS, generator)
    chains = AngleChains(angles, system.beta, seed=int(generator.integers(2**62)))
    chains.advance(CLUSTERS, WARM_UP)
    parts = []
    for _ in range(-(-count // CHAINS)):
        chains.advance(CLUSTERS)
        parts.append(chains.fields.astype(np.float32))
    return torch.from_numpy(np.concatenate(parts)[:count])
