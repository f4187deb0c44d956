"""Yields and mean transverse momenta of species, and their spectra."""

import numpy as np

from emulant.contracts.observable import Observable
from emulant.systems.hydro_spectra.views import SpectraView, groups_of


def _momenta(view: SpectraView) -> np.ndarray:
    """Sums of p_T, then yields, of pi+, K+ and p."""
    return np.concatenate([view.species_momenta, view.species_yields], axis=1)


def _ratio(means: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    momenta, yields = np.split(means, 2, axis=-1)
    return momenta / yields


def _grouped(view: SpectraView) -> np.ndarray:
    """DN / dy of charged particles in groups of nodes."""
    nodes = view.charged.sum(axis=2)
    return np.stack([nodes[:, group].sum(axis=1) for group in groups_of(nodes.shape[1])], axis=1)


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
        symbol=r"dN_n / dy",
        description="thermal pi+, K+, p (n = 0, 1, 2)",
        primaries=lambda view: view.species_yields,
        value=lambda means, shape: means,
        indices=lambda shape: (0, 1, 2),
        unit="",
        correlated=True,
    ),
    Observable(
        name="species_mean_pt",
        symbol=r"\langle p_T \rangle_n",
        description="mean p_T of thermal pi+, K+, p (n = 0, 1, 2)",
        primaries=_momenta,
        value=_ratio,
        indices=lambda shape: (0, 1, 2),
        unit="GeV",
        correlated=True,
    ),
    Observable(
        name="pt_spectrum",
        symbol=r"dN_{ch,n} / dy",
        description="thermal charged particles in group n of three nodes of p_T",
        primaries=_grouped,
        value=lambda means, shape: means,
        indices=lambda shape: tuple(range(len(groups_of(shape[1])))),
        unit="",
        correlated=True,
    ),
)
