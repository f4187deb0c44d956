"""Ridge regression of covariant numbers, its strength by generalised cross-validation."""

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Fit", "ridge"]

LEAST_FREE = 1e-3
"""Part of the rows that a fit leaves free, below which its error is anybody's guess."""
STRENGTHS = torch.logspace(-8, 1, 28, dtype=torch.float64)
"""Of the penalty, in units of the mean square of a column times the number of rows."""


class Fit(NamedTuple):
    """A regression.

    Attributes:
        weights: (columns, outputs).
        loss: mean square of what it leaves of targets that it has not seen, by cross-validation, summed over outputs.
    """

    weights: Tensor
    loss: float


def ridge(features: Tensor, sizes: Tensor, targets: Tensor) -> Fit:
    """Fit targets (N, outputs) = features (N, columns) W with a real W, float64.

    Real weights of complex numbers keep a mirror, which conjugates both sides, exact.

    Arguments:
        features: real or complex.
        sizes: expected size of each column's part, (columns,).
        targets: real or complex, like the features.
    """
    rows, wanted = (
        torch.cat([part.real, part.imag]) if part.is_complex() else part for part in (features, targets)
    )
    scale = rows.square().mean(dim=0).sqrt().clamp(min=1e-12)
    scale = scale / sizes
    values, vectors = torch.linalg.eigh((rows / scale).T @ (rows / scale) / len(rows))
    values = values.clamp(min=0)
    projected = vectors.T @ ((rows / scale).T @ wanted) / len(rows)
    best = min(STRENGTHS.tolist(), key=lambda strength: _cross_validated(strength, values, projected, wanted))
    weights = (vectors @ (projected / (values + best)[:, None])) / scale[:, None]
    return Fit(weights, _cross_validated(best, values, projected, wanted) * len(rows) / len(targets))


def _cross_validated(strength: float, values: Tensor, projected: Tensor, wanted: Tensor) -> float:
    """Compute RSS / (1 - freedom / N)^2 [G. H. Golub, M. Heath, G. Wahba, Technometrics 21 (1979) 215]."""
    shares = values / (values + strength)
    squares = projected.square().sum(dim=1) / values.clamp(min=1e-300)
    rest = wanted.square().sum() / len(wanted) - (squares * (1 - (1 - shares) ** 2)).sum()
    free = 1 - float(shares.sum()) / len(wanted)
    return float(rest) / max(free, LEAST_FREE) ** 2
