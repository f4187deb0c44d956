r"""The law of the windings of conserved fluxes at any chemical potential.

Mu enters a configuration by e^{mu L_t Q} alone, so that p(Q, w | mu) = e^{mu L_t Q} Z(Q, w) / Z(mu), and everything else
depends on mu through Q and w only. Z(Q, w) up to a factor comes from samples at several mu by the multi-histogram equations
(A. M. Ferrenberg and R. H. Swendsen, Phys. Rev. Lett. 63 (1989) 1195); charge conjugation and reflection make it even.
"""

import numpy as np
import torch
from torch import Tensor

__all__ = ["fitted_sectors", "log_sectors", "sector_grid"]

BEYOND = 2
"""Charges and windings that a model also reaches beyond those of its training samples."""
UNSEEN = 0.5
"""Counts of a sector in which no sample lies."""
ITERATIONS = 200
"""Of the equations: with overlapping histograms they converge in some tens."""


def fitted_sectors(charge: np.ndarray, winding: np.ndarray, mu: np.ndarray, extent: int) -> Tensor:
    """Fit ln Z(|Q|, |w|), (charges, windings) float64.

    Arguments:
        charge: Q of each sample, (N,).
        winding: w of each, (N,).
        mu: of each, (N,).
        extent: L_t.
    """
    charge, winding = np.abs(charge), np.abs(winding)
    shape = (int(charge.max()) + 1 + BEYOND, int(winding.max()) + 1 + BEYOND)
    counts = np.zeros(shape)
    np.add.at(counts, (charge, winding), 1.0)
    mus, samples = np.unique(mu, return_counts=True)
    # Ln of the factor of |Q| at each mu, both signs together; `double` counts the two signs of w.
    sizes = np.arange(shape[0])
    exponent = extent * np.outer(mus, sizes)
    tilt = np.where(sizes > 0, np.logaddexp(exponent, -exponent), 0.0)
    double = np.log(np.where(np.arange(shape[1]) > 0, 2.0, 1.0))
    log_counts = np.log(np.maximum(counts, UNSEEN)) - double
    free = np.zeros(len(mus))
    for _ in range(ITERATIONS):
        mixture = _log_sum(np.log(samples)[:, None] + tilt - free[:, None], 0)
        log_z = log_counts - mixture[:, None]
        free = _log_sum(_log_sum(log_z + double, 1)[None] + tilt, 1)
    return torch.from_numpy(log_z - log_z.max())


def sector_grid(log_z: Tensor) -> tuple[Tensor, Tensor]:
    """List Q and w of all sectors, in the order of `log_sectors`."""
    charges, windings = (torch.arange(1 - size, size) for size in log_z.shape)
    grid = torch.meshgrid(charges, windings, indexing="ij")
    return grid[0].flatten(), grid[1].flatten()


def log_sectors(log_z: Tensor, mu: float, extent: int) -> Tensor:
    """Compute ln p(Q, w | mu) of all sectors of `sector_grid`, float64."""
    charge, winding = sector_grid(log_z)
    return torch.log_softmax(mu * extent * charge + log_z[charge.abs(), winding.abs()], 0)


def _log_sum(values: np.ndarray, axis: int) -> np.ndarray:
    top = values.max(axis, keepdims=True)
    return np.log(np.exp(values - top).sum(axis)) + top.squeeze(axis)
