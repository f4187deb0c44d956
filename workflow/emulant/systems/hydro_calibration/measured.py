"""What a calibration compares: nine numbers of the spectra of the events of a centrality class."""

import numpy as np

from emulant.hydro.chain import Spectra

__all__ = ["HARMONICS", "OBSERVABLES", "class_observables"]

HARMONICS = (2, 3)
OBSERVABLES = (
    "ln N pion",
    "ln N kaon / N pion",
    "ln N proton / N pion",
    "<p_T> pion",
    "<p_T> kaon / <p_T> pion",
    "<p_T> proton / <p_T> pion",
    "sigma[p_T]/<[p_T]>",
    *(f"v_{n}{{2}}" for n in HARMONICS),
)
"""Logarithm of the yield of pions and mean p_T in GeV, those of kaons and protons over them, fluctuation of the mean p_T of
events, and flow of all species. A logarithm makes norms a sum, and the scatter of few events the same at every yield. Ratios
lose what species have in common, numbers of participants and errors of emulators: they know the switching temperature to a
tenth of its prior. In yields, whose residuals are equal to a per cent, few points do not measure that direction."""


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
    mean = momenta.mean(0) / total
    yields_of = [np.log(total[0]), *np.log(total[1:] / total[0])]
    return np.array([*yields_of, mean[0], *(mean[1:] / mean[0]), mean_pt.std() / mean_pt.mean(), *flow])
