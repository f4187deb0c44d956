"""The conditional law of each increment of the heights, given the windings and the increments before it.

Its candidates j give the links that they settle k = a + b j, and have ln q = sum over these links of F(|k|) + g k, and
terms of two links together, up to normalisation. F(n) = -ln n! + f_1 n + f_2 n^2 + f_3 [n > 0]; the coefficients come from
a small network that sees links near by, and knows where it is. Without it these are the weights of links in a homogeneous
gas.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from emulant.families.height_autoregressive.loops import SLOTS, Loops

__all__ = ["HeightLaw", "Settled", "logits"]

REACH = 3
"""Sites to each side that an increment sees on a lattice wider than twice as many: correlations decay within one or two."""
TERMS = 4
"""Coefficients of each settled link: f_1, f_2, f_3, g."""
SCALE = 0.1
"""Of n^2, so that a step of the optimiser changes all terms alike."""


class Settled(NamedTuple):
    """Links that increments settle.

    Attributes:
        base: a, (N, rows, SLOTS).
        slope: b, 0 where a slot is settled by another increment, (rows, SLOTS).
    """

    base: Tensor
    slope: Tensor


class HeightLaw(nn.Module):
    """Logits of the candidates of increments.

    Arguments:
        loops: of the lattice.
        shape: (L_s, L_t).
        width: of the network.
    """

    def __init__(self, loops: Loops, shape: tuple[int, int], width: int) -> None:
        super().__init__()
        window, sees = _window(loops, shape)
        self.register_buffer("window", torch.from_numpy(window), persistent=False)
        self.register_buffer("sees", torch.from_numpy(sees).float(), persistent=False)
        self.register_buffer("links", torch.from_numpy(loops.links), persistent=False)
        self.register_buffer("left", torch.from_numpy(_left(loops, shape)).float(), persistent=False)
        self.register_buffer("extents", torch.tensor(shape).float(), persistent=False)
        rows, inputs = len(loops.links), 3 * window.shape[1] + 2 * SLOTS + 4
        self.first, self.second = nn.Linear(inputs, width), nn.Linear(width, width)
        self.last = nn.Linear(width, TERMS * SLOTS + 2)
        # What depends on the position alone: shifts and gains of both layers, and shifts of the coefficients.
        self.shifts = nn.Parameter(torch.zeros(2, rows, width))
        self.gains = nn.Parameter(torch.zeros(2, rows, width))
        self.offsets = nn.Parameter(torch.zeros(rows, TERMS * SLOTS + 2))
        nn.init.normal_(self.last.weight, std=0.01)
        nn.init.zeros_(self.last.bias)

    def forward(self, near: Tensor, base: Tensor, windings: Tensor, rows: slice) -> Tensor:
        """Compute the coefficients of increments, (N, rows, TERMS * SLOTS + 2).

        Arguments:
            near: k of the links of `window`, 0 where they are not settled, (N, rows, links).
            base: what is settled of the links of the slots, (N, rows, SLOTS).
            windings: Q and w, (N, 2).
            rows: which increments.
        """
        # Compressed, so that what is far from the training samples looks like their edge.
        flux, base_flux = near.asinh(), base.asinh()
        told = torch.cat([flux, flux.abs(), (near != 0).to(near)], 2)
        shared = (windings / self.extents)[:, None].expand(-1, near.shape[1], -1)
        rest = (base[..., 1::2] / self.left[rows]).asinh()
        hidden = torch.cat([told, base_flux, base_flux.abs(), shared, rest], 2)
        for number, layer in enumerate((self.first, self.second)):
            hidden = nn.functional.silu(layer(hidden) + self.shifts[number, rows])
            hidden = hidden * (1 + self.gains[number, rows])
        return self.last(hidden) + self.offsets[rows]

    def seen(self, flux: Tensor, rows: slice) -> Tensor:
        """Pick what increments see of the fluxes (N, 2V), (N, rows, links)."""
        return flux[:, self.window[rows]] * self.sees[rows]


def logits(coefficients: Tensor, settled: Settled, candidates: Tensor, log_factorial: Tensor) -> Tensor:
    """Compute ln q of candidates (J,) up to normalisation, (N, rows, J)."""
    # (N, rows, SLOTS, J)
    flux = settled.base[..., None] + settled.slope[..., None] * candidates
    size = flux.abs()
    active = (settled.slope != 0).to(flux)[..., None]
    terms, pair = coefficients[..., :-2].unflatten(-1, (SLOTS, TERMS)), coefficients[..., -2:]
    law = terms[..., :1] * size + SCALE * terms[..., 1:2] * size.square()
    law = law + terms[..., 2:3] * (size > 0).to(flux) + terms[..., 3:] * flux
    law = (active * (law - log_factorial[size.long().clamp(max=len(log_factorial) - 1)])).sum(2)
    # Two links that meet at a site, to the left and before in time, and all of them together.
    load = (active * size).sum(2)
    cross = active[..., 0, :] * active[..., 2, :] * size[..., 0, :] * size[..., 2, :]
    return law + SCALE * (pair[..., :1] * cross + pair[..., 1:] * load.square())


def _window(loops: Loops, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Links near each increment, (V - 1, links), and which of them are settled before it."""
    width, time = shape
    near = range(width) if width <= 2 * REACH + 1 else range(-REACH, REACH + 1)
    volume = width * time
    window = [
        [
            part * volume + (x + step) % width * time + when
            for step in near
            for part in (0, 1)
            for when in (t, (t - 1) % time, 0)
        ]
        for x, t in loops.positions
    ]
    numbers = np.array(window, np.int64).reshape(len(loops.positions), -1)
    return numbers, loops.settled[numbers] < (2 + np.arange(len(numbers)))[:, None]


def _left(loops: Loops, shape: tuple[int, int]) -> np.ndarray:
    """How many links of the row and of the column, this one included, are still to be drawn, (V - 1, 2)."""
    x, t = loops.positions.T
    return np.stack([shape[0] - x, shape[1] - t], 1)
