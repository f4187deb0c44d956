"""UrQMD's particle numbering, and the boost to its nucleon-nucleon centre of mass."""

import numpy as np

__all__ = ["NUCLEON", "TYPES", "centre_of_mass_boost", "to_pdg"]

NUCLEON = 0.938
"""UrQMD's mass of a nucleon in GeV."""
# UrQMD's type, twice its isospin I3, and the PDG number. An antibaryon has both signs flipped.
TYPES = {
    (1, 1): 2212,
    (1, -1): 2112,
    (27, 0): 3122,
    (40, 2): 3222,
    (40, 0): 3212,
    (40, -2): 3112,
    (49, 1): 3322,
    (49, -1): 3312,
    (55, 0): 3334,
    (101, 2): 211,
    (101, 0): 111,
    (101, -2): -211,
    (102, 0): 221,
    (106, 1): 321,
    (106, -1): 311,
    (-106, -1): -321,
    (-106, 1): -311,
}
TYPES |= {(-kind, -isospin): -pdg for (kind, isospin), pdg in TYPES.items() if abs(kind) < 100}


def to_pdg(kind: np.ndarray, isospin: np.ndarray) -> np.ndarray:
    """Return the PDG numbers of UrQMD's particles; 0 for one that is none of the 26 species, such as a resonance.

    Numbers that are not whole, or infinite, are those of no species.
    """
    pairs, inverse = np.unique(np.column_stack([kind, isospin]), axis=0, return_inverse=True)
    return np.array([TYPES.get((a, b), 0) for a, b in pairs.tolist()], np.int64)[inverse.ravel()]


def centre_of_mass_boost(energy: float) -> float:
    """Compute the velocity of the NN centre of mass for a beam of `energy` (kinetic, GeV a nucleon) on a target at rest."""
    return float(np.sqrt(energy**2 + 2 * energy * NUCLEON) / (energy + 2 * NUCLEON))
