"""Laws of spins in raster order by windows of rows, for lattices and signs of K of any kind."""

import numpy as np

from emulant.spins.windows import messages_of_row, next_logits, started, taken, window_of

__all__ = ["WindowLaw", "WindowRow"]

PORTION = 1024
"""Configurations whose windows are summed together: 8 MB of messages for three rows of 16."""


class WindowLaw:
    """The law of each spin with the rows beyond a window cut, or fixed.

    Arguments:
        coupling: K.
        lattice: square or triangular.
        rows: of a window, less than L_y.
        fixed: whether rows beyond a window are those of a configuration, whose mean law is then exact; cut where not.
    """

    def __init__(self, coupling: float, lattice: str, rows: int, *, fixed: bool = False) -> None:
        self.coupling, self.diagonal, self.rows, self.fixed = coupling, lattice == "triangular", rows, fixed

    def row(self, spins: np.ndarray, y: int) -> "WindowRow":
        """Begin row y of spins (N, L_y, L_x), whose rows before it are drawn."""
        return WindowRow(self, spins, y)

    def logits(self, spins: np.ndarray) -> np.ndarray:
        """Compute ln p(+1)/p(-1) of every spin under those before it, (N, L_y, L_x)."""
        logits = np.empty(spins.shape)
        for first in range(0, len(spins), PORTION):
            part = slice(first, first + PORTION)
            for y in range(spins.shape[1]):
                row = self.row(spins[part], y)
                for x in range(spins.shape[2]):
                    logits[part, y, x] = row.next_logits()
                    row.take(spins[part, y, x])
        return logits


class WindowRow:
    """A row that is drawn from its first site on.

    Arguments:
        law: of the lattice.
        spins: (N, L_y, L_x) int8.
        y: number of the row.
    """

    def __init__(self, law: WindowLaw, spins: np.ndarray, y: int) -> None:
        self.law, self.window, self.column = law, window_of(y, law.rows, spins.shape[1]), 0
        self.alone, self.messages = messages_of_row(spins, law.coupling, self.window, law.diagonal, law.fixed)
        self.forward = started(self.alone)

    def next_logits(self) -> np.ndarray:
        """Compute ln p(+1)/p(-1) of the next spin, (N,)."""
        return next_logits(self.forward, self.messages[:, self.column], self.window.drawn)

    def take(self, spins: np.ndarray) -> None:
        """Fix the next spin, (N,) int8, and go on."""
        self.column += 1
        if self.column < self.alone.shape[1]:
            alone = self.alone[:, self.column]
            taken(self.forward, alone, self.law.coupling, spins, self.window, self.law.diagonal)
