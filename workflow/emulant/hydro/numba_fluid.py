"""A batch of events whose steps are compiled loops."""

from dataclasses import dataclass, replace

import numpy as np

from emulant.hydro.loops import heun_step
from emulant.hydro.matter import ORDERS, Matter
from emulant.hydro.state import State

__all__ = ["NumbaFluid"]


@dataclass(frozen=True)
class NumbaFluid:
    """Steps by loops over cells, in double precision.

    Attributes:
        matter: properties of the fluid, one eta / s.
        spacing: of the grid, fm.
    """

    matter: Matter
    spacing: float

    @property
    def hot(self) -> float:
        """Energy density above which cells count, GeV / fm^3."""
        return self.matter.hot

    def start(self, fields: np.ndarray, history: np.ndarray, time: float) -> State:
        """Copy padded arrays into a state."""
        return State(fields.astype(float), history.astype(float), time, np.zeros(len(fields)))

    def advance(self, state: State, step: float) -> State:
        """Move every event on, in the arrays of the state."""
        middle = np.empty(state.fields.shape[1:])
        scratch = np.zeros((3, *middle.shape))
        orders = ORDERS[len(middle)]
        arguments = (middle, scratch, self.matter, orders, state.time, step, self.spacing)
        events = zip(state.fields, state.history, strict=True)
        fractions = [heun_step(fields, history, *arguments) for fields, history in events]
        return replace(state, time=state.time + step, capped=np.array(fractions))

    def array(self, values: np.ndarray) -> np.ndarray:
        """Copy values of a state."""
        return np.array(values)
