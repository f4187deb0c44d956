"""Spectra of events and their moments: yields, mean p_T and flow vectors.

Spectra are smooth averages over freeze-out, not particles: products of flow vectors need no correction for pairs of a
particle with itself.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from emulant.contracts.quantity import Quantity
from emulant.storage.pairs import Pairs
from emulant.systems.hydro_spectra.pt_bins import bin_shares

__all__ = ["HARMONICS", "SpectraView", "transverse_nodes"]

HARMONICS = (2, 3, 4, 5)
CHARGES = 2
"""Particles of either charge: without a chemical potential there are as many of each."""
BINS = 16
"""Of distributions with one value an event: some ten events a bin at laptop scale."""


def transverse_nodes(count: int, pt_max: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Gauss and Legendre on (0, pt_max) in GeV, (count,) each."""
    x, w = np.polynomial.legendre.leggauss(count)
    return 0.5 * pt_max * (x + 1), 0.5 * pt_max * w


@dataclass(frozen=True)
class SpectraView:
    """Some events, as observables are shown them.

    Arguments:
        pairs: outputs (n, 3, p_T, phi), dN / dy p_T dp_T dphi in GeV^-2 of pi+, K+ and p.
        pt: nodes in GeV.
        weights: of the nodes, for dp_T.
    """

    pairs: Pairs
    pt: np.ndarray
    weights: np.ndarray

    @cached_property
    def cells(self) -> np.ndarray:
        """DN / dy of each species, node and angle, (n, 3, p_T, phi)."""
        outputs = np.asarray(self.pairs.outputs, np.float64)
        return outputs * (self.pt * self.weights)[:, None] * (2 * np.pi / outputs.shape[-1])

    @cached_property
    def charged(self) -> np.ndarray:
        """DN / dy of charged particles of each node and angle, (n, p_T, phi)."""
        return CHARGES * self.cells.sum(axis=1)

    @property
    def shares(self) -> np.ndarray:
        """Part of what is summed over nodes that each bin of p_T has, (p_T, bins)."""
        return bin_shares(len(self.pt), float(self.weights.sum().round(9)))

    @cached_property
    def species_yields(self) -> np.ndarray:
        """DN / dy of pi+, K+ and p, (n, 3)."""
        return self.cells.sum(axis=(2, 3))

    @cached_property
    def species_momenta(self) -> np.ndarray:
        """Sum of p_T of pi+, K+ and p, (n, 3), in GeV."""
        return self.cells.sum(axis=3) @ self.pt

    @cached_property
    def yields(self) -> np.ndarray:
        """DN / dy of charged particles, (n,)."""
        return self.charged.sum(axis=(1, 2))

    @cached_property
    def mean_pt(self) -> np.ndarray:
        """[p_T] of charged particles of each event, (n,), in GeV."""
        return self.charged.sum(axis=2) @ self.pt / self.yields

    @cached_property
    def differential(self) -> np.ndarray:
        """Sum of e^(i n phi) over charged particles of each node, (n, harmonics, p_T)."""
        count = self.charged.shape[-1]
        angles = 2 * np.pi * np.arange(count) / count
        phases = np.exp(1j * np.outer(HARMONICS, angles))
        return np.einsum("ekf,hf->ehk", self.charged, phases)

    @cached_property
    def vectors(self) -> np.ndarray:
        """V_n = <e^(i n phi)> of charged particles of each event, (n, harmonics) complex."""
        return self.differential.sum(axis=2) / self.yields[:, None]

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Numbers of each event whose distributions are measured."""
        flow = np.abs(self.vectors)
        numbers = {f"v{n}": Quantity(flow[:, [k]], f"v_{n}", bins=BINS) for k, n in enumerate(HARMONICS[:3])}
        return numbers | {"mean_pt": Quantity(self.mean_pt[:, None], "[p_T]", "GeV", bins=BINS)}
