"""The Schwinger-Dyson identity, which any ensemble of exp(-S) obeys and an ensemble of another action does not."""

import numpy as np

from emulant.storage.ensemble import Ensemble

__all__ = ["schwinger_dyson"]

BLOCKS = 64


def schwinger_dyson(ensemble: Ensemble, system: object) -> tuple[float, float]:
    """<phi dS/dphi> per site and its error, from blocks of successive configurations.

    The exact value is 1, by integration by parts.

    Arguments:
        ensemble: an open ensemble.
        system: offers gradient(fields), dS/dphi.
    """
    parts = []
    for fields in ensemble.chunks():
        fields = fields.astype(np.float64)
        parts.append((fields * system.gradient(fields)).reshape(len(fields), -1).mean(1))
    values = np.concatenate(parts)
    means = np.array([block.mean() for block in np.array_split(values, min(BLOCKS, len(values)))])
    return float(values.mean()), float(means.std(ddof=1) / np.sqrt(len(means)))
