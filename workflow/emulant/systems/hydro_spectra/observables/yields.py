"""Yields and mean transverse momenta of species, and their spectra."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.systems.hydro_spectra.pt_bins import EDGES, bin_symbol
from emulant.systems.hydro_spectra.views import SpectraView

SPECIES = (r"\pi^+", "K^+", "p")


def _momenta(view: SpectraView) -> np.ndarray:
    """Sums of p_T, then yields, of pi+, K+ and p."""
    return np.concatenate([view.species_momenta, view.species_yields], axis=1)


def _ratio(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    momenta, yields = np.split(means, 2, axis=-1)
    return momenta / yields


observables = (
    Observable(
        name="multiplicity",
        symbol=r"dN_{ch} / dy",
        description="thermal charged pions, kaons and protons",
        primaries=lambda view: view.yields[:, None],
        value=lambda means, shape: means,
        unit="",
        integrated=True,
    ),
    Observable(
        name="species_yields",
        symbol=r"dN / dy",
        description="thermal pi+, K+ and p",
        primaries=lambda view: view.species_yields,
        value=lambda means, shape: means,
        indices=lambda shape: (0, 1, 2),
        unit="",
        correlated=True,
        member=lambda index: f"dN({SPECIES[index]}) / dy",
    ),
    Observable(
        name="species_mean_pt",
        symbol=r"\langle p_T \rangle",
        description="mean p_T of thermal pi+, K+ and p",
        primaries=_momenta,
        value=_ratio,
        indices=lambda shape: (0, 1, 2),
        unit="GeV",
        correlated=True,
        member=lambda index: rf"\langle p_T\rangle({SPECIES[index]})",
    ),
    Observable(
        name="pt_spectrum",
        symbol=r"dN_{ch} / dy\,(p_T)",
        description="thermal charged particles in bins of p_T",
        primaries=lambda view: view.charged.sum(axis=2) @ view.shares,
        value=lambda means, shape: means,
        indices=lambda shape: tuple(range(len(EDGES) - 1)),
        unit="",
        correlated=True,
        member=lambda index: bin_symbol(r"dN_{ch} / dy\,", index),
    ),
)
