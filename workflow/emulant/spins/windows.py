r"""What the rows about a site say of a spin: conditionals of raster order with a few rows summed exactly.

Of a window of rows one is being drawn from its first site on; what of it is drawn is fixed, everything else in the window is
summed by transfer matrices from column to column around the torus. Beyond the window the lattice is cut (`free`), or is as
in a configuration, so that the mean over configurations of a law is the exact conditional (`fixed`): Rao and Blackwell's
theorem with a whole strip instead of four neighbours.

A state is a number with one bit for each row of the window, the first row lowest; set bits are spins +1.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit, prange

__all__ = ["Window", "messages_of_row", "next_logits", "started", "taken", "window_of"]


class Window(NamedTuple):
    """Rows that are summed while a row is drawn.

    Attributes:
        first: number of the first row, negative where the window begins above row 0.
        count: rows.
        drawn: which of them is drawn, counted from the first.
        above: whether the row above is known: spins before the drawn row in raster order.
        closed: whether the row below is row 0, which is known.
    """

    first: int
    count: int
    drawn: int
    above: bool
    closed: bool


def window_of(row: int, rows: int, height: int) -> Window:
    """Choose at most `rows` rows for a row: it and those below to the last, for row 0 as many above as below.

    Arguments:
        row: that is drawn.
        rows: at most, less than `height`.
        height: of the lattice.
    """
    if row == 0:
        return Window(-(rows // 2), rows, rows // 2, above=False, closed=False)
    count = min(rows, height - row)
    return Window(row, count, 0, above=True, closed=row + count == height)


def messages_of_row(
    spins: np.ndarray, coupling: float, window: Window, diagonal: bool, fixed: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Sum the columns behind each column of a window, for every state of it and of column 0.

    Arguments:
        spins: (N, L_y, L_x) int8.
        coupling: K.
        window: of rows.
        diagonal: whether there are bonds along (1, 1).
        fixed: whether rows beyond the window are those of `spins`, not cut.

    Returns:
        Weights of the columns by themselves (N, L_x, states), and messages (N, L_x, states, states), each up to a factor.
    """
    height, width = spins.shape[1:]
    columns = np.arange(width)
    fields = np.zeros((2, len(spins), width))
    if window.above or fixed:
        row = spins[:, (window.first - 1) % height]
        fields[0] = row + (row[:, columns - 1] if diagonal else 0)
    if window.closed or fixed:
        row = spins[:, (window.first + window.count) % height]
        fields[1] = row + (row[:, (columns + 1) % width] if diagonal else 0)
    states = 2**window.count
    alone = np.empty((len(spins), width, states))
    messages = np.empty((len(spins), width, states, states))
    _messages(coupling, fields, window.count, diagonal, alone, messages)
    return alone, messages


def started(alone: np.ndarray) -> np.ndarray:
    """Begin a row: the weight of every state of column 0, (N, states, states), diagonal."""
    return alone[:, 0, :, None] * np.eye(alone.shape[-1])


def next_logits(forward: np.ndarray, messages: np.ndarray, drawn: int) -> np.ndarray:
    """Compute ln p(+1)/p(-1) of the spin of the next column, (N,).

    Arguments:
        forward: weights (N, states of column 0, states of this column) under the spins before.
        messages: of this column.
        drawn: row of the window.
    """
    logits = np.empty(len(forward))
    _next_logits(forward, messages, drawn, logits)
    return logits


def taken(
    forward: np.ndarray,
    alone: np.ndarray,
    coupling: float,
    spins: np.ndarray,
    window: Window,
    diagonal: bool,
) -> None:
    """Fix the spin of a column and go on to the next one: changes `forward`.

    Arguments:
        forward: as of `next_logits`.
        alone: weights of the next column by itself, (N, states).
        coupling: K.
        spins: of the column that is fixed, (N,) int8.
        window: of rows.
        diagonal: as of `messages_of_row`.
    """
    _taken(forward, alone, coupling, spins, window.count, window.drawn, diagonal)


@njit(cache=True)
def _spin(state, row):
    return 2.0 * ((state >> row) & 1) - 1.0


@njit(cache=True)
def _transferred(matrix, scratch, factor, inverse, rows, diagonal, backwards):
    """Take states of a column (first index of `matrix`) to those of a neighbour, row by row, in place.

    Towards the next column the last row goes first, as a diagonal bond joins a row there with the one above it here;
    backwards the first.
    """
    states = matrix.shape[0]
    for step in range(rows):
        row = step if backwards else rows - 1 - step
        # The row here whose bond along the diagonal ends, or begins, at this row of the neighbour.
        other = row + 1 if backwards else row - 1
        bond = diagonal and 0 <= other < rows
        bit = 1 << row
        for state in range(states):
            spin, along = _spin(state, row), 0.0
            if bond:
                along = spin * _spin(state, other)
            same = 1.0
            if along > 0:
                same = factor
            elif along < 0:
                same = inverse
            up, down = same * (factor if spin > 0 else inverse), same * (inverse if spin > 0 else factor)
            one, two = state | bit, state & ~bit
            for k in range(matrix.shape[1]):
                scratch[state, k] = up * matrix[one, k] + down * matrix[two, k]
        for state in range(states):
            for k in range(matrix.shape[1]):
                matrix[state, k] = scratch[state, k]


@njit(cache=True)
def _normalised(matrix):
    largest = 0.0
    for state in range(matrix.shape[0]):
        for k in range(matrix.shape[1]):
            largest = max(largest, matrix[state, k])
    for state in range(matrix.shape[0]):
        for k in range(matrix.shape[1]):
            matrix[state, k] /= largest


@njit(parallel=True, cache=True)
def _messages(coupling, fields, rows, diagonal, alone, messages):
    count, width, states = alone.shape
    factor, inverse = math.exp(coupling), math.exp(-coupling)
    for n in prange(count):
        scratch = np.empty((states, states))
        for x in range(width):
            for state in range(states):
                bonds = fields[0, n, x] * _spin(state, 0) + fields[1, n, x] * _spin(state, rows - 1)
                for row in range(rows - 1):
                    bonds += _spin(state, row) * _spin(state, row + 1)
                alone[n, x, state] = math.exp(coupling * bonds)
        matrix = np.zeros((states, states))
        for state in range(states):
            matrix[state, state] = 1.0
        for x in range(width - 1, -1, -1):
            if x < width - 1:
                for state in range(states):
                    for closing in range(states):
                        matrix[state, closing] *= alone[n, x + 1, state]
            _transferred(matrix, scratch, factor, inverse, rows, diagonal, True)
            _normalised(matrix)
            for state in range(states):
                for closing in range(states):
                    messages[n, x, state, closing] = matrix[state, closing]


@njit(cache=True)
def _next_logits(forward, messages, drawn, logits):
    for n in range(forward.shape[0]):
        up, down = 0.0, 0.0
        for state in range(forward.shape[2]):
            total = 0.0
            for closing in range(forward.shape[1]):
                total += forward[n, closing, state] * messages[n, state, closing]
            if (state >> drawn) & 1:
                up += total
            else:
                down += total
        logits[n] = math.log(up) - math.log(down)


@njit(parallel=True, cache=True)
def _taken(forward, alone, coupling, spins, rows, drawn, diagonal):
    states = forward.shape[1]
    factor, inverse = math.exp(coupling), math.exp(-coupling)
    for n in prange(forward.shape[0]):
        matrix, scratch = np.zeros((states, states)), np.empty((states, states))
        for state in range(states):
            if _spin(state, drawn) == spins[n]:
                for closing in range(states):
                    matrix[state, closing] = forward[n, closing, state]
        _transferred(matrix, scratch, factor, inverse, rows, diagonal, False)
        for state in range(states):
            for closing in range(states):
                matrix[state, closing] *= alone[n, state]
        _normalised(matrix)
        for state in range(states):
            for closing in range(states):
                forward[n, closing, state] = matrix[state, closing]
