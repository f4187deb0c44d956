"""Spins for the training with the law of each under those before it: exact on narrow tori, by a better law elsewhere."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from emulant.contracts.system import HasBonds
from emulant.families.autoregressive.drawing import drawn
from emulant.networks.site_heads import Heads
from emulant.spins.raster import boundary
from emulant.spins.raster_laws import RasterLaw
from emulant.spins.spin_chains import SpinChains, moves_of, starts
from emulant.spins.transfer_matrix import WIDEST, TransferMatrix

__all__ = ["Pool", "pool_of"]

CHAINS = 512
"""Chains run at once: a pool takes configurations of each after every update."""
COOLING = 100
"""Updates on the way from infinite temperature, then as many at the temperature; with clusters each forgets the last."""
PORTION = 1024
"""Configurations that are drawn together."""


class Pool(NamedTuple):
    """Examples of one temperature.

    Attributes:
        spins: (N, L_y, L_x) int8.
        offset: ln p(+1)/p(-1) of each spin before any training, (N, V).
        label: mean p(+1) of each spin under those before it and, if not exact, those beyond a window, (N, V).
    """

    spins: Tensor
    offset: Tensor
    label: Tensor


def pool_of(system: HasBonds, law: RasterLaw, count: int, labels: RasterLaw, seed: int) -> Pool:
    """Draw `count` configurations and say what is known of each spin.

    Arguments:
        system: at one temperature.
        law: before any training.
        count: configurations.
        labels: a better law, used where rows are too wide for the exact one.
        seed: of the configurations.
    """
    if system.site_shape[1] <= WIDEST:
        spins, label = _exact(system, law, count, seed)
    else:
        spins = _by_chains(system, count, seed)
        label = 1 / (1 + np.exp(-labels.logits(spins)))
    flat = (
        torch.from_numpy(part.reshape(count, -1).astype(np.float32)) for part in (law.logits(spins), label)
    )
    return Pool(torch.from_numpy(spins), *flat)


def _exact(system: HasBonds, untrained: RasterLaw, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw configurations with exact conditionals by the transfer matrix.

    Half are independent ones of the law, half are drawn by the model before any training: KL(q || p) is the mean of what
    each law errs after spins of q, and walls, after which it errs most below T_c, are rare in p.
    """
    law = TransferMatrix(system.bond, system.site_shape, system.lattice)
    generator, half = np.random.default_rng(seed), count // 2
    parts = [law.sample(size, generator).spins for size in _portions(count - half)]
    parts += [_by_law(untrained, system.site_shape, size, generator) for size in _portions(half)]
    return np.concatenate(parts), np.concatenate([law.conditionals(part) for part in parts])


def _by_law(law: RasterLaw, shape: tuple[int, ...], count: int, generator: np.random.Generator) -> np.ndarray:
    """Configurations of a model before any training."""
    sites = torch.from_numpy(boundary(shape))
    (number, inputs), one = sites.shape, torch.zeros(1, 1, 1, 1)
    heads = Heads(
        torch.zeros(number, 1, inputs), one.expand(1, number, 1, 1), one.expand(1, number, 1, inputs)
    )
    uniform = torch.from_numpy(generator.random((count, number)))
    return drawn(uniform, shape, law, heads, sites).spins.numpy()


def _portions(count: int) -> list[int]:
    return [min(PORTION, count - first) for first in range(0, count, PORTION)]


def _by_chains(system: HasBonds, count: int, seed: int) -> np.ndarray:
    """Configurations of chains that begin hot and are cooled, so that frustrated ones keep no order of a start."""
    generator = np.random.default_rng(seed)
    spins, _ = starts(
        system.site_shape, system.lattice, 2 * CHAINS, aligned=system.bond >= 0, generator=generator
    )
    # Every other start is hot.
    chains = SpinChains(spins[::2], 0.0, system.lattice, seed=int(generator.integers(2**62)))
    moves = moves_of(system.bond, system.lattice)
    for part in [*np.linspace(0, 1, COOLING + 1)[1:], *np.ones(COOLING)]:
        chains.coupling = float(part) * system.bond
        chains.advance(moves)
    parts = []
    for _ in range(-(-count // CHAINS)):
        chains.advance(moves)
        parts.append(chains.fields)
    return np.concatenate(parts)[:count]
