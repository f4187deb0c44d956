"""The tree: which block splits into which, and the kernels that send sums down and up."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit, prange

from emulant.families.plaquette_tree.tables import split_table
from emulant.gauge.cdf_tables import evaluated, inverted

__all__ = ["Tree"]

TURN = 2 * math.pi
BLOCK = 128
"""Configurations that go through a node together, so that its table stays in the cache."""
TOGETHER = 16
"""Densities, each above 1e-14, that are multiplied before a logarithm: far from where numbers end."""


class Node(NamedTuple):
    """A block of plaquettes that splits.

    Attributes:
        start: its first plaquette.
        left, size: plaquettes of its left part, and of the whole.
    """

    start: int
    left: int
    size: int


class Tree:
    """The triangular map of one coupling and volume.

    Arguments:
        coupling: b > 0 of free plaquettes.
        plaquettes: V.
    """

    def __init__(self, coupling: float, plaquettes: int) -> None:
        nodes = _split(plaquettes)
        sizes = sorted({node.size for node in nodes})
        tables = [split_table(coupling, size // 2, size - size // 2) for size in sizes]
        self.knots, self.guides = (np.stack(parts) for parts in zip(*tables, strict=True))
        self.nodes = np.array([(*node, sizes.index(node.size)) for node in nodes])

    def mapped(self, uniform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Draw the sum of each left part by an angle of its own, from the whole, whose sum is 0, down to plaquettes."""
        return _down(np.ascontiguousarray(uniform), self.nodes, self.knots, self.guides)

    def log_density(self, plaquettes: np.ndarray) -> np.ndarray:
        """Compute ln q, (N,), by the sums of all blocks."""
        sums = np.zeros((len(plaquettes), plaquettes.shape[1] + 1))
        np.cumsum(plaquettes, axis=1, out=sums[:, 1:])
        return _log_densities(sums, self.nodes, self.knots)


def _split(plaquettes: int) -> list[Node]:
    """List the blocks that split, each before its parts and blocks of a size together."""
    level, nodes = [(0, plaquettes)], []
    while level:
        blocks = [Node(start, size // 2, size) for start, size in level if size > 1]
        nodes += sorted(blocks, key=lambda node: -node.size)
        level = [
            part
            for node in blocks
            for part in ((node.start, node.left), (node.start + node.left, node.size - node.left))
        ]
    return nodes


@njit(cache=True, error_model="numpy")
def _wrapped(angle):
    inside = angle - TURN * math.floor((angle + math.pi) / TURN)
    return inside - TURN if inside >= math.pi else inside


@njit(cache=True, error_model="numpy")
def _row(whole, rows):
    """Return the row of |sum| in [0, pi], of so many intervals, and how far it lies on the way to the next."""
    position = abs(whole) * (2 * rows / TURN)
    row = min(int(position), rows - 1)
    return row, position - row


@njit(parallel=True, cache=True, error_model="numpy")
def _down(uniform, nodes, knots, guides):
    """Map angles (N, V) to plaquettes and ln q; the sum of a block waits at its first plaquette."""
    count = len(uniform)
    plaquettes, log_q, rows = np.empty_like(uniform), np.zeros(count), knots.shape[1] - 1
    for block in prange(-(-count // BLOCK)):
        low, high = block * BLOCK, min((block + 1) * BLOCK, count)
        # Side by side: a stride of V numbers, often a power of two, would hit the same lines of the cache.
        angles = np.ascontiguousarray(uniform[low:high].T)
        sums, products = np.zeros_like(angles), np.ones(high - low)
        row, scratch = np.empty(high - low, np.int64), np.empty((5, high - low))
        # By their numbers: rows of an array that is unpacked are not known to be contiguous.
        part, sign, value, deviation, density = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]
        for n in range(len(nodes)):
            start, left, _, table = nodes[n]
            _conditions(sums[start], angles[n], rows, row, part, sign, value)
            inverted(knots[table], guides[table], row, part, value, deviation, density)
            _parted(sums[start], sums[start + left], left / nodes[n, 2], sign, deviation)
            products *= density
            _collect(n, len(nodes), products, log_q[low:high])
        plaquettes[low:high] = sums.T
    return plaquettes, log_q


@njit(cache=True, error_model="numpy")
def _conditions(whole, uniform, rows, row, part, sign, value):
    """Fill where in a table the sums of a block lie, their signs, and the cumulative values that uniform angles are."""
    for i in range(whole.size):
        row[i], part[i] = _row(whole[i], rows)
        # Charge conjugation: with the sum, the deviation changes sign.
        sign[i] = -1.0 if whole[i] < 0 else 1.0
        value[i] = (sign[i] * uniform[i] + math.pi) / TURN


@njit(cache=True, error_model="numpy")
def _parted(whole, rest, share, sign, deviation):
    """Replace the sums of a block by those of its left part, and fill those of the right one."""
    for i in range(whole.size):
        first = _wrapped(whole[i] * share + sign[i] * deviation[i])
        rest[i] = _wrapped(whole[i] - first)
        whole[i] = first


@njit(parallel=True, cache=True)
def _log_densities(running, nodes, knots):
    """Sum ln of the conditional densities, from running sums (N, V + 1)."""
    count, rows = len(running), knots.shape[1] - 1
    log_q = np.zeros(count)
    for block in prange(-(-count // BLOCK)):
        low, high = block * BLOCK, min((block + 1) * BLOCK, count)
        sums, products = np.ascontiguousarray(running[low:high].T), np.ones(high - low)
        for n in range(len(nodes)):
            start, left, size, table = nodes[n]
            table_knots, share = knots[table], left / size
            for i in range(high - low):
                first = sums[start + left, i] - sums[start, i]
                # The sum of the torus is 0 up to rounding, which must not take it across the seam.
                whole = _wrapped(sums[start + size, i] - sums[start, i]) if n else 0.0
                row, part = _row(whole, rows)
                sign = -1.0 if whole < 0 else 1.0
                deviation = sign * _wrapped(first - whole * share)
                products[i] *= evaluated(table_knots, row, part, deviation)[1]
            _collect(n, len(nodes), products, log_q[low:high])
    return log_q


@njit(cache=True)
def _collect(node, count, products, log_q):
    """Add the logarithms of products of densities after every few nodes and after the last."""
    if (node + 1) % TOGETHER == 0 or node == count - 1:
        log_q += np.log(products)
        products[:] = 1.0
