"""Windows, bins and species in which events of a few GeV a nucleon are shown."""

import numpy as np

from emulant.collisions.species import PDG
from emulant.collisions.windows import Window

__all__ = ["COMMON", "MIDRAPIDITY", "PT_EDGES", "RAPIDITY_EDGES", "SHOWN", "places"]

COMMON = (2112, 111, -211, 2212, 211, 311, 321, 3122, 221, 3112)
"""PDG numbers of the ten commonest species of central Au+Au at 10 GeV a nucleon."""

SHOWN = {"proton": 2212, "pion_minus": -211, "kaon_plus": 321}
"""Species whose spectra are judged."""

MIDRAPIDITY = Window(rapidity=(-0.5, 0.5))
RAPIDITY_EDGES = np.linspace(-2.4, 2.4, 13)
PT_EDGES = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3, 1.7])


def places(pdg: tuple[int, ...]) -> np.ndarray:
    """Places in SPECIES of PDG numbers."""
    return np.array([int(np.flatnonzero(number == PDG)[0]) for number in pdg])
