"""Independent paths of exp(-S): by halves, from powers of the transfer matrix.

The first point has the law of the diagonal of T^N; then the middle of each gap between two points has the law of
T^n(left, x) T^m(x, right). Positions are continuous: kernels are interpolated between the grid's rows by cubics, except T
itself, which is evaluated, and distribution functions between its points by cubics with the density as slope. With eight
grid points in the width of T both are off by less than 1e-4 of it.
"""

import math

import numpy as np
from numba import njit, prange

from emulant.quantum.transfer_matrix import TransferMatrix
from emulant.transport.bisection import Halves, bisection

__all__ = ["RESOLUTION", "exact_paths"]

RESOLUTION = 8.0
"""Grid points in the width of the kernel, for the error above."""
WINDOW = 8.0
"""Half-width of the positions that are tried, in deviations of the free particle between the two ends."""


def exact_paths(matrix: TransferMatrix, count: int, generator: np.random.Generator) -> np.ndarray:
    """Draw paths (count, N), float64."""
    paths = np.empty((count, matrix.points))
    paths[:, 0] = _from_table(matrix.probability, matrix.grid[0], matrix.step, generator.random(count))
    for halves in bisection(matrix.points):
        for before, after in sorted({*zip(halves.before.tolist(), halves.after.tolist(), strict=True)}):
            _fill(paths, matrix, halves, (before, after), generator)
    return paths


def _fill(
    paths: np.ndarray,
    matrix: TransferMatrix,
    halves: Halves,
    steps: tuple[int, int],
    generator: np.random.Generator,
) -> None:
    """Draw the middles of all gaps with these numbers of steps on both sides."""
    before, after = steps
    chosen = (halves.before == before) & (halves.after == after)
    left, right = paths[:, halves.left[chosen]], paths[:, halves.right[chosen]]
    width = WINDOW * math.sqrt(matrix.spacing / matrix.mass * before * after / (before + after))
    site = np.exp(-0.5 * matrix.spacing * (matrix.potential(matrix.grid) - matrix.potential.floor))
    paths[:, halves.middle[chosen]] = _middles(
        left,
        right,
        before / (before + after),
        width,
        matrix.power(before),
        matrix.power(after),
        (before == 1, after == 1),
        matrix.mass / (2 * matrix.spacing),
        site,
        matrix.grid[0],
        matrix.step,
        generator.random(left.shape),
    )


@njit(cache=True)
def _row(kernel, single, rate, site, low, step, position, first, row):
    """Multiply `row` by the kernel between `position` and the grid from number `first` on."""
    if single:
        for j in range(row.size):
            distance = low + (first + j) * step - position
            row[j] *= math.exp(-rate * distance * distance) * site[first + j]
        return
    cell = min(max((position - low) / step, 1.0), kernel.shape[0] - 2.000001)
    base = int(cell)
    t = cell - base
    a = -t * (t - 1) * (t - 2) / 6
    b = (t + 1) * (t - 1) * (t - 2) / 2
    c = -(t + 1) * t * (t - 2) / 2
    d = (t + 1) * t * (t - 1) / 6
    for j in range(row.size):
        k = first + j
        row[j] *= (
            a * kernel[base - 1, k] + b * kernel[base, k] + c * kernel[base + 1, k] + d * kernel[base + 2, k]
        )


@njit(cache=True)
def _drawn(density, low, step, coin):
    """Invert the distribution function of a density on an equidistant grid at `coin` in [0, 1)."""
    size = density.size
    total = np.empty(size)
    running = 0.0
    for j in range(size):
        # The trapezoidal sum up to here with its correction at the upper end (Euler and Maclaurin).
        slope = (density[min(j + 1, size - 1)] - density[max(j - 1, 0)]) / 2
        total[j] = running + 0.5 * density[j] - slope / 12
        running += density[j]
    target = coin * running
    j = min(max(np.searchsorted(total, target) - 1, 0), size - 2)
    rise, first, last = total[j + 1] - total[j], density[j], density[j + 1]
    t = min(max((target - total[j]) / rise, 0.0), 1.0) if rise > 0 else 0.5
    for _ in range(4):
        # The cubic with these values and slopes at both ends.
        value = total[j] + t * (first + t * (3 * rise - 2 * first - last + t * (first + last - 2 * rise)))
        slope = first + t * (2 * (3 * rise - 2 * first - last) + 3 * t * (first + last - 2 * rise))
        if slope > 0:
            t = min(max(t - (value - target) / slope, 0.0), 1.0)
    return low + (j + t) * step


@njit(cache=True)
def _from_table(density, low, step, coins):
    """Draw from one density on the grid, (count,)."""
    drawn = np.empty(coins.size)
    for i in range(coins.size):
        drawn[i] = _drawn(density, low, step, coins[i])
    return drawn


@njit(parallel=True, cache=True)
def _middles(left, right, part, width, first_kernel, last_kernel, single, rate, site, low, step, coins):
    """Draw the point between each pair of ends, (count, gaps).

    Arguments:
        left, right: the ends, (count, gaps).
        part: of the steps that lie before the middle.
        width: half of the interval that is searched.
        first_kernel, last_kernel: powers of T on the grid.
        single: whether each is T itself.
        rate: m / 2a.
        site: exp(-a V / 2) on the grid.
        low, step: of the grid.
        coins: uniform in [0, 1), (count, gaps).
    """
    middles = np.empty(left.shape)
    size = site.size
    for i in prange(left.shape[0]):
        for gap in range(left.shape[1]):
            centre = left[i, gap] + part * (right[i, gap] - left[i, gap])
            begin = min(max(int((centre - width - low) / step), 0), size - 8)
            end = min(max(int((centre + width - low) / step) + 2, begin + 8), size)
            density = np.ones(end - begin)
            _row(first_kernel, single[0], rate, site, low, step, left[i, gap], begin, density)
            _row(last_kernel, single[1], rate, site, low, step, right[i, gap], begin, density)
            for j in range(density.size):
                density[j] = max(density[j], 0.0)
            middles[i, gap] = _drawn(density, low + begin * step, step, coins[i, gap])
    return middles
