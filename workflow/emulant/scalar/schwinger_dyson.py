"""Schwinger-Dyson identities, which an ensemble of exp(-S) obeys and an ensemble of another action violates."""

from typing import NamedTuple

import numpy as np

from emulant.storage.ensemble import Ensemble

__all__ = ["Identity", "schwinger_dyson"]

# The relative error of an error is then 1 / sqrt(2 * 63) = 9 %, and a block stays longer than the autocorrelation.
BLOCKS = 64


class Identity(NamedTuple):
    """One identity and its violation by an ensemble.

    Attributes:
        words: the identity, per site.
        difference: left side minus right side.
        error: of the difference.
    """

    words: str
    difference: float
    error: float


def schwinger_dyson(ensemble: Ensemble, system: object) -> list[Identity]:
    """Test <phi dS/dphi> = 1, <phi^3 dS/dphi> = 3 <phi^2> and, on a lattice, <phi_{x+1} dS/dphi_x> = 0.

    All follow by integration by parts. The first tests the strength of the force; the others distinguish couplings that
    agree in it. Errors come from blocks of successive configurations.

    Arguments:
        ensemble: an open ensemble.
        system: with `gradient(fields)`, dS/dphi.
    """
    parts = [_differences(fields.astype(np.float64), system) for fields in ensemble.chunks()]
    rows = np.concatenate(parts)
    means = np.array([block.mean(axis=0) for block in np.array_split(rows, min(BLOCKS, len(rows)))])
    errors = means.std(axis=0, ddof=1) / np.sqrt(len(means))
    words = ("<phi dS/dphi> = 1", "<phi^3 dS/dphi> = 3 <phi^2>", "<phi_{x+1} dS/dphi_x> = 0")
    return [
        Identity(*columns)
        for columns in zip(words, rows.mean(axis=0).tolist(), errors.tolist(), strict=False)
    ]


def _differences(fields: np.ndarray, system: object) -> np.ndarray:
    """Compute left minus right side of every identity, site averages of each configuration, (n, identities)."""
    force = system.gradient(fields)
    sides = [fields * force - 1, fields**3 * force - 3 * fields**2]
    if fields.shape[-1] > 1:
        sides.append(np.roll(fields, -1, axis=-1) * force)
    return np.stack([side.reshape(len(fields), -1).mean(axis=1) for side in sides], axis=1)
