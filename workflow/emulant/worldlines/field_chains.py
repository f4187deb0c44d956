r"""The same theory without chemical potential as a field of two real components, by Hybrid Monte Carlo: no integers at all.

With phi = (phi_1 + i phi_2) / sqrt 2 the action of `worldlines.action` at mu = 0 is real,

.. math:: S = \sum_x \Big[ \frac{\eta}{2} \phi_x^2 + \frac{\lambda}{4} (\phi_x^2)^2
    - \sum_\nu \phi_x \cdot \phi_{x+\nu} \Big].
"""

import math

import numpy as np
import torch
from torch import Tensor

from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.hybrid import HybridMoves
from emulant.worldlines.action import BoseGas, Number, Observables

__all__ = ["action", "gradient", "measured_fields"]

WARM_UP = 50
"""Trajectories from Gaussian fields, whose modes forget each other in a few."""


def action(fields: Tensor, gas: BoseGas) -> Tensor:
    """Compute S of fields (N, 2, *shape), (N,)."""
    square = fields.square().sum(1)
    hops = sum((fields * fields.roll(1, axis)).sum(1) for axis in range(2, fields.ndim))
    return (gas.eta / 2 * square + gas.coupling / 4 * square.square() - hops).flatten(1).sum(1)


def gradient(fields: Tensor, gas: BoseGas) -> Tensor:
    """Compute dS/dphi."""
    square = fields.square().sum(1, keepdim=True)
    hops = sum(fields.roll(1, axis) + fields.roll(-1, axis) for axis in range(2, fields.ndim))
    return (gas.eta + gas.coupling * square) * fields - hops


def measured_fields(gas: BoseGas, chains: int, trajectories: int, seed: int) -> Observables:
    """Measure density, which vanishes, <|phi|^2> and <|phi|^4> with errors from independent chains."""
    generator = np.random.default_rng(seed)
    # A mass by the mean of |phi|^2 that the bare field has: it only makes modes alike in speed.
    squares = [2 - 2 * np.cos(2 * np.pi * np.arange(length) / length) for length in gas.shape]
    momenta = sum(np.meshgrid(*squares, indexing="ij"))
    power = np.broadcast_to(gas.mass**2 + gas.coupling + momenta, (2, *gas.shape)).copy()
    moves = HybridMoves(
        GaussianStart(torch.from_numpy(power)),
        lambda fields: action(fields, gas),
        lambda fields: gradient(fields, gas),
    )
    fields = generator.normal(0, 0.5, (chains, 2, *gas.shape))
    sums = np.zeros((2, chains))
    for number in range(-WARM_UP, trajectories):
        fields = moves(fields, 1.0, int(generator.integers(2**62)))
        if number >= 0:
            square = (fields**2).sum(1).reshape(chains, -1) / 2
            sums += np.stack([square.mean(1), (square**2).mean(1)]) / trajectories
    squared, fourth = (Number(float(s.mean()), float(s.std(ddof=1) / math.sqrt(chains))) for s in sums)
    return Observables(Number(0.0, 0.0), squared, fourth)
