"""The evolution of a batch of events until all of their matter is colder than the switching temperature."""

from dataclasses import dataclass, field

import numpy as np

from emulant.hydro.state import Fluid, State

__all__ = ["SAVED_EVERY", "Evolution", "Unstable", "evolve"]

SAVED_EVERY = 2
"""Steps between two saved times: the surface is smooth on the scale of a cell, and a step is a fraction of one."""
GROWTH = 2.0
"""Largest factor of the greatest energy density between two saved times: expanding matter only cools."""
FASTEST = 50.0
"""Largest u^tau of a cell above the switching energy; momentum above energy is brought down to u^tau = 71."""


class Unstable(RuntimeError):
    """A run that cannot be trusted: where it went wrong, and how.

    Arguments:
        event: number of the event.
        time: proper time in fm.
        cell: row and column.
        what: what was wrong.
    """

    def __init__(self, event: int, time: float, cell: tuple[int, ...], what: str) -> None:
        self.event, self.time, self.cell = event, time, tuple(int(index) for index in cell)
        super().__init__(f"event {event} at tau = {time:.3f} fm, cell {self.cell}: {what}")


@dataclass
class Evolution:
    """One event at equal steps of proper time.

    Attributes:
        times: saved proper times in fm.
        fields: at each of them e, u_x, u_y and of a viscous fluid pi^xx, pi^xy, pi^yy, (3 or 6, n, n).
        capped: largest fraction of the hot cells whose shear a step scaled down.
    """

    times: list[float] = field(default_factory=list)
    fields: list[np.ndarray] = field(default_factory=list)
    capped: float = 0.0

    @property
    def steps(self) -> int:
        """Number of steps."""
        return SAVED_EVERY * (len(self.times) - 1)

    def save(self, time: float, fields: np.ndarray, capped: float) -> None:
        """Append a time."""
        self.times.append(time)
        self.fields.append(fields)
        self.capped = max(self.capped, float(capped))


def evolve(fluid: Fluid, state: State, step: float, numbers: np.ndarray | None = None) -> list[Evolution]:
    """Move events on until none has a cell above `fluid.hot`; the last saved time of an event is its first cold one.

    Arguments:
        fluid: scheme.
        state: where to begin.
        step: in proper time, fm.
        numbers: of the events in messages, (N,); from zero if not said.

    Raises:
        Unstable: where a cell is not finite, grows, moves with light, or matter is hot at the edge of the box.
    """
    numbers = np.arange(len(state.fields)) if numbers is None else numbers
    evolutions = [Evolution() for _ in numbers]
    active = np.arange(len(numbers))
    while len(active):
        fields, capped = fluid.array(state.interior), fluid.array(state.capped)
        for row, event in enumerate(active):
            evolution = evolutions[event]
            evolution.save(state.time, fields[row], capped[row])
            _check(evolution, fluid.hot, int(numbers[event]))
        still = fields[:, 0].max(axis=(1, 2)) > fluid.hot
        if not still.all():
            active, state = active[still], state.select(np.flatnonzero(still))
        for _ in range(SAVED_EVERY * bool(len(active))):
            state = fluid.advance(state, step)
    return evolutions


def _check(evolution: Evolution, hot: float, number: int) -> None:
    """Stop where the last saved time cannot be trusted."""
    fields, time = evolution.fields[-1], evolution.times[-1]
    energy = fields[0]

    def stop_at(cells: np.ndarray, what: str) -> None:
        if cells.any():
            raise Unstable(number, time, np.unravel_index(np.argmax(cells), cells.shape), what)

    stop_at(~np.isfinite(fields).all(axis=0), "a value is not finite; take a smaller step")
    before = evolution.fields[max(len(evolution.fields) - 2, 0)][0].max()
    limit = GROWTH * max(before, hot)
    stop_at(energy > limit, f"the energy density grew to {energy.max():.3g} from {before:.3g} GeV/fm^3")
    fast = (energy > hot) & (fields[1] ** 2 + fields[2] ** 2 > FASTEST**2 - 1)
    stop_at(fast, "momentum above energy, so the run is acausal; take a smaller step or eta/s")
    edge = np.ones(energy.shape, bool)
    edge[1:-1, 1:-1] = False
    stop_at(edge & (energy > hot), "matter above the switching temperature at the edge; take a larger box")
