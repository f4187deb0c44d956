"""What a calibration compares: nine numbers of the spectra of the events of a centrality class."""

import numpy as np

from emulant.hydro.chain import Spectra

__all__ = ["HARMONICS", "OBSERVABLES", "class_observables"]

HARMONICS = (2, 3)
NAMES = ("pion", "kaon", "proton")
OBSERVABLES = (
    *(f"ln N {name}" for name in NAMES),
    *(f"<p_T> {name}" for name in NAMES),
    "sigma[p_T]/<[p_T]>",
    *(f"v_{n}{{2}}" for n in HARMONICS),
)
"""Logarithms of yields, mean p_T in GeV, fluctuation of the mean p_T of events, and flow of all species. A logarithm makes
norms a sum, and the scatter of few events the same at every yield."""


def class_observables(spectra: Spectra) -> np.ndarray:
    """Compute OBSERVABLES of all events together, (9,).

    Arguments:
        spectra: of two events at least.
    """
    measure = (spectra.pt * spectra.pt_weights)[:, None] * (2 * np.pi / len(spectra.phi))
    cells = spectra.values * measure
    yields, momenta = cells.sum((2, 3)), (cells.sum(3) @ spectra.pt)
    number = yields.sum(1)
    mean_pt = momenta.sum(1) / number
    phases = np.exp(1j * np.outer(spectra.phi, HARMONICS))
    vectors = cells.sum((1, 2)) @ phases / number[:, None]
    flow = np.sqrt(np.square(np.abs(vectors)).mean(0))
    total = yields.mean(0)
    return np.array([*np.log(total), *(momenta.mean(0) / total), mean_pt.std() / mean_pt.mean(), *flow])
