"""Rapidity and p_T windows, bins and species of the observables, chosen for beams of a few GeV a nucleon."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from emulant.collisions.species import PDG
from emulant.collisions.windows import Window

__all__ = ["COMMON", "MIDRAPIDITY", "NAMES", "PT_EDGES", "RAPIDITY_EDGES", "RARE", "WINDOWS", "places"]

NAMES = {
    2112: "neutron",
    111: "pion_zero",
    -211: "pion_minus",
    2212: "proton",
    211: "pion_plus",
    311: "kaon_zero",
    321: "kaon_plus",
    3122: "lambda",
    221: "eta",
    3112: "sigma_minus",
    -321: "kaon_minus",
    -311: "antikaon_zero",
    3212: "sigma_zero",
    3222: "sigma_plus",
}
"""PDG number -> name in observables, for species with several particles in a central Au+Au event at 10 GeV a nucleon."""

COMMON = tuple(NAMES)
RARE = tuple(int(pdg) for pdg in PDG if pdg not in NAMES)

MIDRAPIDITY = Window(rapidity=(-0.5, 0.5))
"""The usual unit of rapidity around the nucleon-nucleon centre of mass."""


class Acceptance(NamedTuple):
    """Window in which net charges are measured, with its description and the mark it adds to a symbol."""

    window: Window
    words: str
    symbol: str


WINDOWS = {
    "": Acceptance(MIDRAPIDITY, "|y| < 0.5", ""),
    "_wide": Acceptance(Window(rapidity=(-1.0, 1.0)), "|y| < 1", "_{|y|<1}"),
    "_pt_cut": Acceptance(
        replace(MIDRAPIDITY, pt=(0.4, 2.0)), "|y| < 0.5, 0.4 GeV < p_T < 2 GeV", "_{p_T>0.4}"
    ),
}
"""Suffix of an observable -> the window of its particles."""

RAPIDITY_EDGES = np.linspace(-2.4, 2.4, 13)
"""Twelve bins of 0.4, beyond the beam rapidity of 1.6 at 10 GeV a nucleon."""
PT_EDGES = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3, 1.7])
"""GeV; bins widen where the spectra fall, so that each holds enough particles."""


def places(pdg: tuple[int, ...]) -> np.ndarray:
    """Return the indices in SPECIES of PDG numbers."""
    return np.array([int(np.flatnonzero(number == PDG)[0]) for number in pdg])
