r"""Heights: conserved fluxes on a torus as sums of closed loops, in an order in which they can be drawn one by one.

With a height h on every plaquette, k in time at (x, t) is h(x, t) - h(x - 1, t) and k in space is h(x, t - 1) - h(x, t),
which is conserved whatever h is; around the torus h grows by the windings, the charge Q in space and w in time. The
increments are Q, w and, plaquette by plaquette, t after t, the step of h to the right, at x = 0 down in time: k = M (Q, w,
j_1, ..., j_{V-1}) with columns that are closed loops. A link has its value once the last increment of its row of M is
drawn.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["SLOTS", "Loops", "loops_of"]

SLOTS = 4
"""Links whose values an increment can settle: to the left, across the seam, before in time, and at the first time."""


@dataclass(frozen=True)
class Loops:
    """How increments make fluxes.

    Attributes:
        matrix: M, (2V, V + 1); links are numbered direction by direction, space first.
        main: the link whose k is the increment itself, (V - 1,).
        settled: the number of the increment that settles each link, (2V,).
        links: the links of the slots of each increment, (V - 1, SLOTS); a slot may be settled by another one.
        positions: x and t of each increment, (V - 1, 2).
    """

    matrix: np.ndarray
    main: np.ndarray
    settled: np.ndarray
    links: np.ndarray
    positions: np.ndarray

    def increments(self, flux: np.ndarray) -> np.ndarray:
        """Read (Q, w, j_1, ...) from conserved fluxes (N, 2V), (N, V + 1)."""
        half = flux.shape[1] // 2
        width = int(self.positions[:, 0].max(initial=0)) + 1
        space, time = (
            flux[:, :half].reshape(len(flux), width, -1),
            flux[:, half:].reshape(len(flux), width, -1),
        )
        windings = np.stack([time[:, :, 0].sum(1), space[:, 0].sum(1)], 1)
        return np.concatenate([windings, flux[:, self.main]], 1)


def loops_of(shape: tuple[int, int]) -> Loops:
    """Make the loops of a torus (L_s, L_t)."""
    width, time = shape
    volume = width * time
    order = [(x, t) for t in range(time) for x in range(width)][1:]
    number = {position: 2 + n for n, position in enumerate(order)}
    unit = np.eye(volume + 1, dtype=np.int64)
    height = np.zeros((width, time, volume + 1), np.int64)
    for (x, t), n in number.items():
        height[x, t] = height[x - 1, t] + unit[n] if x else height[0, t - 1] - unit[n]
    in_time = height - np.roll(height, 1, 0)
    in_time[0] += unit[0]
    in_space = np.roll(height, 1, 1) - height
    in_space[:, 0] += unit[1]
    matrix = np.concatenate([in_space.reshape(volume, -1), in_time.reshape(volume, -1)])
    settled = np.array([np.flatnonzero(row)[-1] for row in matrix])
    slots = [_slots(x, t, time, volume) for x, t in order]
    main = [slots[n][0] if x else slots[n][2] for n, (x, _) in enumerate(order)]
    positions = np.array(order, np.int64).reshape(-1, 2)
    return Loops(
        matrix, np.array(main, np.int64), settled, np.array(slots, np.int64).reshape(-1, SLOTS), positions
    )


def _slots(x: int, t: int, time: int, volume: int) -> tuple[int, int, int, int]:
    """Links around plaquette (x, t): k in time at x and at the seam, k in space at t and at the first time."""
    return volume + x * time + t, volume + t, x * time + t, x * time
