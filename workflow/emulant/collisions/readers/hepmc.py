"""Reader of HepMC3 and HepMC2 files, by pyhepmc: particles of status 1, impact parameter of the heavy-ion block, weight.

Of several weights the first is the nominal one (HepMC3's `GenEvent::weight()`); the others are of variations.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from emulant.collisions.readers.hepmc_lines import checked_events
from emulant.collisions.readers.text import Final, open_binary
from emulant.errors import InputError

__all__ = ["read"]

FINAL = 1
"""HepMC's status of an undecayed final-state particle."""
SEVERAL = "have several weights, of which the first, HepMC's nominal one, is used"


def read(path: str | Path) -> Iterator[Final]:
    """Yield the final states of all events.

    Raises:
        InputError: for a line that is not what its event says, or if pyhepmc cannot read an event; it then names the line
            on which that event begins.
    """
    import pyhepmc

    version, beginnings = checked_events(path)
    readers = {2: pyhepmc.io.ReaderAsciiHepMC2, 3: pyhepmc.io.ReaderAscii}
    with open_binary(path) as file, readers[version](pyhepmc.io.pyiostream(file)) as reader:
        for number, beginning in enumerate(beginnings):
            event, problem = pyhepmc.GenEvent(), "a truncated one"
            try:
                # HepMC3 calls an event without particles a success, be it truncated or not.
                whole = reader.read_event(event) and (beginning.empty or len(event.particles) > 0)
            except (OSError, RuntimeError, EOFError) as error:
                whole, problem = False, str(error).splitlines()[0]
            if not whole:
                raise InputError(path, f"line {beginning.line}", "a whole HepMC event from here", problem)
            yield _final(event, pyhepmc, number)


def _final(event: Any, pyhepmc: Any, number: int) -> Final:
    event.set_units(pyhepmc.Units.GEV, pyhepmc.Units.MM)
    table = event.numpy.particles
    undecayed = table.status == FINAL
    momenta = np.column_stack([table.px, table.py, table.pz, table.e])[undecayed]
    ions, weights = event.heavy_ion, event.weights
    return Final(
        np.asarray(table.pid)[undecayed].astype(np.int64),
        momenta,
        0,
        np.nan if ions is None else float(ions.impact_parameter),
        f"event {number}, final particle",
        float(weights[0]) if len(weights) else np.nan,
        SEVERAL if len(weights) > 1 else "",
    )
