"""The fluid of a batch of events on a square grid, and what moves it on."""

from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

import numpy as np

__all__ = ["GHOSTS", "Fluid", "State", "at_rest", "padded"]

GHOSTS = 2
"""Cells beyond each edge, copies of the last one, through which matter leaves."""


@dataclass(frozen=True)
class State:
    """A batch of events at one proper time; arrays of numpy or torch with GHOSTS cells beyond each edge.

    Attributes:
        fields: e, u_x, u_y and of a viscous fluid pi^xx, pi^xy, pi^yy, GeV / fm^3, (N, 3 or 6, n + 4, n + 4).
        history: (u_x, u_y) a step and two steps before, (N, 2, 2, n + 4, n + 4).
        time: proper time in fm.
        capped: fraction of the cells above `Fluid.hot` whose shear the last step scaled down, (N,).
    """

    fields: Any
    history: Any
    time: float
    capped: Any

    @property
    def interior(self) -> Any:
        """The fields without ghost cells, (N, 3 or 6, n, n)."""
        return self.fields[:, :, GHOSTS:-GHOSTS, GHOSTS:-GHOSTS]

    def select(self, events: Any) -> Self:
        """Return some of the events."""
        return replace(
            self, fields=self.fields[events], history=self.history[events], capped=self.capped[events]
        )


class Fluid(Protocol):
    """A scheme on a kind of array.

    Attributes:
        hot: energy density in GeV / fm^3 above which cells count.
    """

    hot: float

    def start(self, fields: np.ndarray, history: np.ndarray, time: float) -> State:
        """Return a state from padded arrays of numpy."""
        ...

    def advance(self, state: State, step: float) -> State:
        """Return the state a step later; the arrays of the old one may be used for it."""
        ...

    def array(self, values: Any) -> np.ndarray:
        """Return values of a state as an array of numpy, float64, that the next step leaves alone."""
        ...


def padded(interior: np.ndarray) -> np.ndarray:
    """Copy the edges of (..., n, n) into GHOSTS cells beyond them."""
    width = [(0, 0)] * (interior.ndim - 2) + [(GHOSTS, GHOSTS)] * 2
    return np.pad(interior, width, mode="edge")


def at_rest(energy: np.ndarray, components: int) -> tuple[np.ndarray, np.ndarray]:
    """Return fields and history of matter at rest without shear, from energy densities (N, n, n)."""
    interior = np.zeros((len(energy), components, *energy.shape[1:]))
    interior[:, 0] = energy
    fields = padded(interior)
    return fields, np.zeros((len(energy), 2, 2, *fields.shape[2:]))
