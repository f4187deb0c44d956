"""Laws of spins under those before them in raster order: what they offer, and which one a lattice has."""

from typing import Protocol

import numpy as np

from emulant.spins.column_laws import ColumnLaw
from emulant.spins.window_laws import WindowLaw

__all__ = ["RasterLaw", "RasterRow", "raster_law", "reducible"]


class RasterRow(Protocol):
    """A row of many configurations that is drawn from its first site on."""

    def next_logits(self) -> np.ndarray:
        """Compute ln p(+1)/p(-1) of the next spin, (N,)."""
        ...

    def take(self, spins: np.ndarray) -> None:
        """Fix the next spin, (N,) int8, and go on."""
        ...


class RasterLaw(Protocol):
    """The law of each spin under those before it, odd in them."""

    def row(self, spins: np.ndarray, y: int) -> RasterRow:
        """Begin row y of spins (N, L_y, L_x), whose rows before it are drawn."""
        ...

    def logits(self, spins: np.ndarray) -> np.ndarray:
        """Compute ln p(+1)/p(-1) of every spin under those before it, (N, L_y, L_x)."""
        ...


def reducible(coupling: float, lattice: str) -> bool:
    """Whether a column of the rows that come is reduced to few states: square lattice, K >= 0."""
    return lattice == "square" and coupling >= 0


def raster_law(coupling: float, lattice: str, shape: tuple[int, ...], rows: int, states: int) -> RasterLaw:
    """Choose columns of `states` states behind each row where the lattice allows it, elsewhere windows of `rows` rows."""
    if reducible(coupling, lattice):
        return ColumnLaw(coupling, shape, states)
    return WindowLaw(coupling, lattice, rows)
