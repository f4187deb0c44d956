"""Reader of HepMC3 and HepMC2 files, by pyhepmc: particles of status 1, impact parameter of the heavy-ion block."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from emulant.collisions.readers.text import Final, Lines
from emulant.errors import InputError

__all__ = ["read"]

FINAL = 1
"""HepMC's status of an undecayed final-state particle."""


def read(path: str | Path) -> Iterator[Final]:
    """Yield the final states of all events.

    Raises:
        InputError: if pyhepmc cannot read an event; it names the line on which that event begins.
    """
    import pyhepmc

    beginnings = _beginnings(path)
    with pyhepmc.open(str(path)) as file:
        for number, line in enumerate(beginnings):
            problem = "a truncated one"
            try:
                event = file.read()
            except (OSError, RuntimeError, EOFError) as error:
                event, problem = None, str(error).splitlines()[0]
            if event is None:
                raise InputError(path, f"line {line}", "a whole HepMC event from here", problem)
            yield _final(event, pyhepmc, number)


def _final(event: object, pyhepmc: object, number: int) -> Final:
    event.set_units(pyhepmc.Units.GEV, pyhepmc.Units.MM)
    table = event.numpy.particles
    undecayed = table.status == FINAL
    momenta = np.column_stack([table.px, table.py, table.pz, table.e])[undecayed]
    ions = event.heavy_ion
    impact = np.nan if ions is None or ions.impact_parameter < 0 else float(ions.impact_parameter)
    return Final(
        np.asarray(table.pid)[undecayed].astype(np.int64),
        momenta,
        0,
        impact,
        f"event {number}, final particle",
    )


def _beginnings(path: str | Path) -> list[int]:
    """Return the lines on which events begin, because pyhepmc reports a truncated file as a complete one."""
    numbers = []
    with Lines(path) as lines:
        while (line := lines.next()) is not None:
            if line.startswith("E "):
                numbers.append(lines.number)
    return numbers
