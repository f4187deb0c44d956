"""Laws of spins in raster order from few states of each column: conditionals of a row under all before it.

A configuration's row is summed behind each of its columns once, as the torus closes: with the state of column 0 as one more
index. Then spin after spin is fixed from the left.
"""

import math

import numpy as np
from numba import njit, prange

from emulant.spins.columns import column_matrices

__all__ = ["ColumnLaw", "ColumnRow"]

NEIGHBOURS = 4


class ColumnLaw:
    """The law of a square torus with K >= 0, but for what few states of a column leave out.

    Arguments:
        coupling: K.
        shape: L_y, L_x.
        states: of a column.
    """

    def __init__(self, coupling: float, shape: tuple[int, ...], states: int) -> None:
        self.coupling, self.shape = float(coupling), tuple(shape)
        self.matrices = column_matrices(self.coupling, self.shape, states)

    def row(self, spins: np.ndarray, y: int) -> "ColumnRow":
        """Begin row y of spins (N, L_y, L_x), whose rows before it are drawn."""
        return ColumnRow(self, spins, y)

    def logits(self, spins: np.ndarray) -> np.ndarray:
        """Compute ln p(+1)/p(-1) of every spin under those before it, (N, L_y, L_x)."""
        logits = np.empty(spins.shape)
        for y in range(self.shape[0]):
            above, first = self.rows_about(spins, y)
            _logits_of_row(self.coupling, self.between(y), above, first, spins[:, y], logits[:, y])
        return logits

    def between(self, y: int) -> np.ndarray:
        """Matrices of the rows between row y and row 0."""
        return self.matrices[self.shape[0] - 1 - y]

    def rows_about(self, spins: np.ndarray, y: int) -> tuple[np.ndarray, np.ndarray]:
        """The row above row y and row 0, (N, L_x) each, 0 for row 0, which has neither above nor before it."""
        if y == 0:
            none = np.zeros_like(spins[:, 0])
            return none, none
        return np.ascontiguousarray(spins[:, y - 1]), np.ascontiguousarray(spins[:, 0])


class ColumnRow:
    """A row that is drawn from its first site on.

    Arguments:
        law: of the torus.
        spins: (N, L_y, L_x) int8.
        y: number of the row.
    """

    def __init__(self, law: ColumnLaw, spins: np.ndarray, y: int) -> None:
        self.coupling, self.matrices = law.coupling, law.between(y)
        self.above, self.first = law.rows_about(spins, y)
        (count, width), size = self.above.shape, self.matrices.shape[-1]
        self.drawn, self.column = np.zeros((count, width), np.int8), 0
        self.behind = np.empty((count, width, 2, size, 2 * size))
        self.before = np.tile(np.eye(size), (count, 1, 1))
        self.products = np.empty((count, 2, size, size))
        _all_behind(self.coupling, self.matrices, self.above, self.first, self.behind)

    def next_logits(self) -> np.ndarray:
        """Compute ln p(+1)/p(-1) of the next spin, (N,)."""
        logits = np.empty(len(self.above))
        numbers = (self.coupling, self.matrices, self.above, self.first, self.drawn, self.column)
        _next_logits(*numbers, self.behind, self.before, self.products, logits)
        return logits

    def take(self, spins: np.ndarray) -> None:
        """Fix the next spin, (N,) int8, and go on."""
        self.drawn[:, self.column] = spins
        _take(self.products, spins, self.before)
        self.column += 1


@njit(cache=True)
def _behind(coupling, matrices, above, first, scratch, behind):
    """Sum the columns behind each column of one row, with the bond to the right and that of the last to the first spin.

    `behind` is (L_x, 2, d, 2 d): spin of the column, state to its right; spin and state of column 0.
    """
    width, size = len(above), matrices.shape[-1]
    factor = math.exp(coupling)
    for s in range(2):
        for a in range(size):
            for c in range(2 * size):
                closing = factor if (c >= size) == (s == 1) else 1 / factor
                behind[width - 1, s, a, c] = closing if c % size == a else 0.0
    for x in range(width - 1, 0, -1):
        for s in range(2):
            other = s if first[x] == 0 else (first[x] + 1) // 2
            field = math.exp(coupling * (2 * s - 1) * above[x])
            for a in range(size):
                for c in range(2 * size):
                    scratch[s, a, c] = 0.0
                for b in range(size):
                    entry = field * matrices[s, other, a, b]
                    for c in range(2 * size):
                        scratch[s, a, c] += entry * behind[x, s, b, c]
        largest = 0.0
        for a in range(size):
            for c in range(2 * size):
                down, up = scratch[0, a, c], scratch[1, a, c]
                behind[x - 1, 0, a, c] = down * factor + up / factor
                behind[x - 1, 1, a, c] = down / factor + up * factor
                largest = max(largest, abs(behind[x - 1, 0, a, c]), abs(behind[x - 1, 1, a, c]))
        for s in range(2):
            for a in range(size):
                for c in range(2 * size):
                    behind[x - 1, s, a, c] /= largest


@njit(cache=True)
def _logit(coupling, matrices, above, first, drawn, x, behind, before, products):
    """Weigh both signs of the next spin of one row; `products` are the columns up to it under each."""
    size = matrices.shape[-1]
    left = drawn[x - 1] if x > 0 else 0
    down = up = 0.0
    for s in range(2):
        other = s if first[x] == 0 else (first[x] + 1) // 2
        closing = size * (s if x == 0 else (drawn[0] + 1) // 2)
        total = 0.0
        for a in range(size):
            for b in range(size):
                products[s, a, b] = 0.0
            for c in range(size):
                for b in range(size):
                    products[s, a, b] += before[a, c] * matrices[s, other, c, b]
            for b in range(size):
                total += products[s, a, b] * behind[x, s, b, closing + a]
        down, up = up, total
    # The law given all other spins is as lopsided as its four neighbours make it at most, and so is any mean of it.
    most = 2 * NEIGHBOURS * coupling
    if up <= 0 or down <= 0:
        return most if up > down else -most
    logit = math.log(up) - math.log(down) + 2 * coupling * (above[x] + left)
    return min(max(logit, -most), most)


@njit(cache=True)
def _fixed(products, spin, before):
    size, s = before.shape[-1], (spin + 1) // 2
    largest = 0.0
    for a in range(size):
        for b in range(size):
            largest = max(largest, abs(products[s, a, b]))
    for a in range(size):
        for b in range(size):
            before[a, b] = products[s, a, b] / largest


@njit(parallel=True, cache=True)
def _all_behind(coupling, matrices, above, first, behind):
    for n in prange(len(above)):
        scratch = np.empty((2, behind.shape[3], behind.shape[4]))
        _behind(coupling, matrices, above[n], first[n], scratch, behind[n])


@njit(parallel=True, cache=True)
def _next_logits(coupling, matrices, above, first, drawn, x, behind, before, products, logits):
    for n in prange(len(above)):
        logits[n] = _logit(
            coupling, matrices, above[n], first[n], drawn[n], x, behind[n], before[n], products[n]
        )


@njit(parallel=True, cache=True)
def _take(products, spins, before):
    for n in prange(len(spins)):
        _fixed(products[n], spins[n], before[n])


@njit(parallel=True, cache=True)
def _logits_of_row(coupling, matrices, above, first, spins, logits):
    size, width = matrices.shape[-1], above.shape[1]
    for n in prange(len(above)):
        behind, scratch = np.empty((width, 2, size, 2 * size)), np.empty((2, size, 2 * size))
        before, products = np.eye(size), np.empty((2, size, size))
        _behind(coupling, matrices, above[n], first[n], scratch, behind)
        for x in range(width):
            logits[n, x] = _logit(
                coupling, matrices, above[n], first[n], spins[n], x, behind, before, products
            )
            _fixed(products, spins[n, x], before)
