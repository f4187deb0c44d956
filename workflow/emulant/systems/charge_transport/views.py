"""What is seen of slices: moments in azimuth, from the middles of bins; and of draws: ranks of the truth."""

from collections.abc import Callable

import numpy as np

from emulant.kinetic.densities import AZIMUTH_EDGES, CELL
from emulant.kinetic.transport import TIMES
from emulant.storage.pairs import Pairs

__all__ = [
    "AZIMUTH",
    "RANKS",
    "all_slices",
    "at_slice",
    "dipole_sums",
    "dipoles",
    "quadrupole_sums",
    "rank_counts",
]

AZIMUTH = 0.5 * (AZIMUTH_EDGES[1:] + AZIMUTH_EDGES[:-1])
RANKS = 8
"""Bins of ranks: at 64 samples eight in each."""


def all_slices(pairs: Pairs) -> np.ndarray:
    """Outputs and, as the last slice, the input, (n, slices, 2, p_T, phi)."""
    return np.concatenate([pairs.outputs, pairs.inputs[:, None]], axis=1).astype(np.float64)


def at_slice(symbol: str) -> Callable[[int], str]:
    """LaTeX of a number at each slice: partons at a time, hadrons, what is left after decays."""
    moments = [*(rf"{time}\,\mathrm{{fm}}" for time in TIMES), r"\mathrm{hadrons}", r"\mathrm{decayed}"]
    return lambda number: f"{symbol}({moments[number]})"


def dipole_sums(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Sums of sin phi, and numbers, of positive and negative particles of an event, (n, slices, 2) each."""
    azimuthal = all_slices(pairs).sum(axis=3) * CELL
    return azimuthal @ np.sin(AZIMUTH), azimuthal.sum(axis=-1)


def dipoles(pairs: Pairs) -> np.ndarray:
    """Half the difference of <sin phi> of positive and of negative particles at each slice, (n, slices)."""
    sines, numbers = dipole_sums(pairs)
    dipole = sines / np.maximum(numbers, 1e-9)
    return 0.5 * (dipole[..., 0] - dipole[..., 1])


def quadrupole_sums(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Sums of cos 2 phi, and numbers, of charged particles of an event, (n, slices) each."""
    azimuthal = all_slices(pairs).sum(axis=(2, 3)) * CELL
    return azimuthal @ np.cos(2 * AZIMUTH), azimuthal.sum(axis=-1)


def rank_counts(ranks: np.ndarray, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples in RANKS bins of the rank of the truth among draws, and what equal laws give: some bins have more ranks."""
    observed = np.histogram(ranks / (draws + 1), RANKS, (0, 1))[0]
    share = np.histogram(np.arange(draws + 1) / (draws + 1), RANKS, (0, 1))[0] / (draws + 1)
    return observed, share * len(ranks)
