r"""Conditionals of raster order in the Gaussian limit of the XY model, S = beta sum (theta - theta')^2 / 2.

Once the sites after one are integrated out, its angle feels a field of those before it,

.. math:: h_i = \beta \sum_{j < i} c_{ij} e^{i\theta_j}, \qquad c_{ij} \geq 0,

where c_ij is 1 for neighbours and what the sites behind transmit for others on the boundary.
"""

import numpy as np

from emulant.spins.bonds import neighbours

__all__ = ["transmitted"]


def transmitted(shape: tuple[int, ...]) -> np.ndarray:
    """Compute c of each pair of sites less 1 for neighbours, (V, V), lower triangular."""
    around = neighbours(shape, "square")
    count = len(around)
    precision = np.zeros((count, count))
    np.add.at(precision, (np.arange(count)[:, None], around), -1.0)
    bonds = -precision.copy()
    precision += np.diag(bonds.sum(1))
    fields = np.zeros((count, count))
    for site in range(count - 1, 0, -1):
        row = precision[site, :site].copy()
        fields[site, :site] = -row - bonds[site, :site]
        precision[:site, :site] -= np.outer(row, row) / precision[site, site]
    return fields
