r"""Spins on a narrow torus, exactly: ln Z, conditional laws in raster order, independent samples.

With rows r, the weight of a row and of its bonds to the next is T(r, r') = e^{K X(r, r')}. In raster order the law of a row
under the rows before it needs the row above and, as the torus closes, the first one:

.. math:: p(r_y | r_{y-1}, r_0) \propto e^{K B(r_{y-1}, r_y)}\, T^{L_y - y}(r_y, r_0), \qquad
    p(r_0) \propto T^{L_y}(r_0, r_0)

Lattices of either kind, any sign of K, any number of rows.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from emulant.errors import InputError
from emulant.spins.bonds import DIRECTIONS
from emulant.spins.log_partition import LogPartition

__all__ = ["WIDEST", "Drawn", "TransferMatrix", "check_width", "log_partition"]

WIDEST = 8
"""Sites in a row: products of matrices of 256 x 256 take milliseconds, and eight times longer with each further site."""


class Drawn(NamedTuple):
    """Samples (N, L_y, L_x) int8 and ln of their probability, (N,)."""

    spins: np.ndarray
    log_q: np.ndarray


def check_width(shape: tuple[int, ...]) -> None:
    """Raise InputError where a row has more than WIDEST sites."""
    if shape[1] > WIDEST:
        raise InputError("system", "shape", f"at most {WIDEST} sites in a row for exact sums", list(shape))


class TransferMatrix:
    """The law of one torus.

    Arguments:
        coupling: K = beta J.
        shape: rows and sites in a row, at most WIDEST.
        lattice: square or triangular.
    """

    def __init__(self, coupling: float, shape: tuple[int, ...], lattice: str) -> None:
        check_width(shape)
        self.shape, self.rows = shape, _rows(shape[1])
        within, between = _bonds(self.rows, lattice)
        # Constant factors drop out of every law.
        self.step = np.exp(coupling * between - np.abs(coupling * between).max())
        weight = np.exp(coupling * within - np.abs(coupling * within).max())
        matrix, powers = weight[:, None] * self.step, []
        for _ in range(shape[0]):
            powers.append(_scaled(powers[-1] @ matrix if powers else matrix))
        self.powers = powers

    def sample(self, count: int, generator: np.random.Generator) -> Drawn:
        """Draw independent configurations, row after row."""
        chosen, log_q = np.empty((self.shape[0], count), np.int64), np.zeros(count)
        for y in range(self.shape[0]):
            weights = self._row_weights(y, chosen, count)
            cumulated = np.cumsum(weights, 1)
            total = cumulated[:, -1]
            chosen[y] = (cumulated <= generator.random((count, 1)) * total[:, None]).sum(1)
            log_q += np.log(weights[np.arange(count), chosen[y]] / total)
        return Drawn(self.rows[chosen.T], log_q)

    def conditionals(self, spins: np.ndarray) -> np.ndarray:
        """Compute p(s_i = 1 | all spins before i in raster order), (N, L_y, L_x).

        Arguments:
            spins: (N, L_y, L_x), +-1.
        """
        up = (np.asarray(spins) > 0).astype(np.int64)
        numbers = (up @ (1 << np.arange(self.shape[1])[::-1])).T
        rows = [self._row_weights(y, numbers, len(up)) for y in range(self.shape[0])]
        return np.stack([np.stack([*_chances(w, up[:, y])], 1) for y, w in enumerate(rows)], 1)

    def log_q(self, spins: np.ndarray) -> np.ndarray:
        """Compute ln of the probability of configurations (N, L_y, L_x) as a product of conditionals, (N,)."""
        chance = self.conditionals(spins)
        return np.log(np.where(np.asarray(spins) > 0, chance, 1 - chance)).sum((1, 2))

    def _row_weights(self, y: int, numbers: np.ndarray, count: int) -> np.ndarray:
        """Weights of all rows at height y under the rows before, whose numbers are (L_y, N); (N, 2^L_x)."""
        power = self.powers[self.shape[0] - y - 1]
        if y == 0:
            return np.broadcast_to(np.diag(power), (count, len(power)))
        return self.step[numbers[y - 1]] * power.T[numbers[0]]


def log_partition(coupling: float, shape: tuple[int, ...], lattice: str) -> LogPartition:
    """Compute ln Z = ln tr T^L_y with its derivatives in K; raises InputError for rows of more than WIDEST sites."""
    check_width(shape)
    within, between = _bonds(_rows(shape[1]), lattice)
    exponent = within[:, None] + between
    largest = exponent.max() if coupling > 0 else exponent.min()
    exponent = exponent - largest
    matrix = np.exp(coupling * exponent)
    one = (matrix, exponent * matrix, exponent**2 * matrix)
    power, logarithm = one, 0.0
    for _ in range(shape[0] - 1):
        a, b = power, one
        power = (a[0] @ b[0], a[1] @ b[0] + a[0] @ b[1], a[2] @ b[0] + 2 * a[1] @ b[1] + a[0] @ b[2])
        scale = power[0].max()
        power, logarithm = tuple(part / scale for part in power), logarithm + np.log(scale)
    z, first, second = (float(np.trace(part)) for part in power)
    return LogPartition(
        value=float(np.log(z) + logarithm + coupling * largest * shape[0]),
        slope=first / z + float(largest) * shape[0],
        curvature=second / z - (first / z) ** 2,
    )


def _rows(width: int) -> np.ndarray:
    """All rows of spins, (2^width, width) int8; the first site is the highest bit of a row's number, 1 for up."""
    bits = np.arange(2**width)[:, None] >> np.arange(width)[::-1]
    return (2 * (bits & 1) - 1).astype(np.int8)


def _bonds(rows: np.ndarray, lattice: str) -> tuple[np.ndarray, np.ndarray]:
    """Sums of s s' within each row, (2^width,), and of each row with the next, (2^width, 2^width)."""
    wide = rows.astype(np.float64)
    ahead = sum(np.roll(wide, -x, 1) for y, x in DIRECTIONS[lattice] if y)
    return (wide * np.roll(wide, -1, 1)).sum(1), wide @ ahead.T


def _scaled(matrix: np.ndarray) -> np.ndarray:
    return matrix / matrix.max()


def _chances(weights: np.ndarray, up: np.ndarray) -> Iterator[np.ndarray]:
    """Probability of up for each site in turn under those before it, (N,), from weights of whole rows (N, 2^width)."""
    every = np.arange(len(up))
    for x in range(up.shape[1]):
        halves = weights.reshape(len(up), 2, -1)
        both = halves.sum(2)
        yield both[:, 1] / both.sum(1)
        weights = halves[every, up[:, x]]
