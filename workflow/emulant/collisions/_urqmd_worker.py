"""Worker process of UrQMD 3.4: generate one piece of an ensemble from one seed, in a folder of its own.

UrQMD is Fortran code with global state: a process can hold one generator, a STOP ends the process, and tables are
written to the working folder. Its output is sent to standard error; a dot on standard output reports each event.
"""

import json
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from emulant.collisions.events import Events
from emulant.collisions.tables import EventWriter
from emulant.collisions.urqmd_types import NUCLEON, centre_of_mass_boost, to_pdg

__all__ = ["FACTS", "main"]

FACTS = ("impact_parameter", "spectators", "beam_energy")


def _generator(settings: dict[str, Any], seed: int) -> Any:
    from chromo.constants import GeV
    from chromo.kinematics import FixedTarget
    from chromo.models import UrQMD34

    beam = FixedTarget(
        (settings["energy"] + NUCLEON) * GeV, tuple(settings["projectile"]), tuple(settings["target"])
    )
    generator = UrQMD34(beam, seed=seed)
    library, centre = generator._lib, settings["frame"] == "cm"
    low, high = settings["impact"]
    # CTOption 5: 0 fixes b = bdist, 1 draws b^2 uniformly. 7: 0 switches elastic scattering on. 27: 0 runs the cascade
    # in the NN centre of mass. There 24 and 30 are set back to UrQMD's defaults (chromo changes them): Woods-Saxon
    # nuclei, and Fermi motion that is frozen until a nucleon's first collision.
    options = {5: int(low < high), 7: int(not settings["elastic"]), 27: int(not centre)}
    options |= {24: 1, 30: 1} if centre else {}
    for option, value in options.items():
        library.options.ctoption[option - 1] = value
    # The generator's constructor overwrites them, so they are set last.
    library.rsys.bmin, library.rsys.bdist = low, high
    return generator


def _events(settings: dict[str, Any], seed: int, first: int, count: int) -> Iterator[Events]:
    generator = _generator(settings, seed)
    library = generator._lib
    beta = 0.0 if settings["frame"] == "cm" else centre_of_mass_boost(settings["energy"])
    gamma = 1 / np.sqrt(1 - beta**2)
    for number, event in zip(range(first, first + count), generator(count), strict=True):
        particles = int(library.sys.npart)
        types, momentum, frozen = library.isys, library.coor, library.ffermi
        pdg = to_pdg(types.ityp[:particles], types.iso3[:particles])
        if not pdg.all():
            raise ValueError(
                f"UrQMD left {np.unique(types.ityp[:particles][pdg == 0])}, which are no final species"
            )
        # UrQMD stores the frozen Fermi momenta of unhit nucleons separately; their energies already include them.
        px, py, pz = (
            getattr(momentum, f"p{axis}")[:particles] + getattr(frozen, f"ffermp{axis}")[:particles]
            for axis in "xyz"
        )
        energy = momentum.p0[:particles]
        boosted = np.column_stack([px, py, gamma * (pz - beta * energy), gamma * (energy - beta * pz)])
        spectators = np.count_nonzero(types.ncoll[:particles] == 0)
        facts = {"impact_parameter": float(event.impact_parameter), "spectators": float(spectators)}
        facts["beam_energy"] = float(settings["energy"])
        yield Events(
            np.array([number]),
            np.array([particles]),
            pdg,
            boosted,
            {name: np.array([facts[name]]) for name in FACTS},
        )


def main(task: Path) -> None:
    """Generate the piece that the JSON file `task` describes; exit with EX_IOERR if it cannot be written."""
    request = json.loads(task.read_text(encoding="utf-8"))
    dots = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    warnings.filterwarnings("ignore", message=".*haven't been decayed.*")
    try:
        with EventWriter(request["path"], request["attributes"], FACTS) as writer:
            for event in _events(request["settings"], request["seed"], request["first"], request["events"]):
                writer.append(event)
                dots.write(".\n")
    except OSError:
        traceback.print_exc()
        sys.exit(os.EX_IOERR)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
