"""A periodic chain of phi^4, whose Z is known by its transfer matrix."""

import numpy as np


def transfer_matrix_log_z(kappa, coupling, length, points=801, reach=4.0):
    """Ln Z by the eigenvalues of the transfer matrix on a grid (trapezoidal rule)."""
    _, matrix = _transfer_matrix(kappa, coupling, points, reach)
    values = np.linalg.eigvalsh(matrix)
    return float(np.log((values.clip(min=0) ** length).sum()))


def _transfer_matrix(kappa, coupling, points, reach):
    """Grid of a site's field, and exp(-S) of two neighbours with half of each site's part, times the grid's spacing."""
    x = np.linspace(-reach, reach, points)
    site = np.exp(-0.5 * ((1 - 2 * coupling) * x**2 + coupling * x**4))
    return x, site[:, None] * np.exp(2 * kappa * np.outer(x, x)) * site * (x[1] - x[0])


def exact_chain_fields(kappa, coupling, length, count, seed, points=401, reach=4.0):
    """Independent fields (count, length) of exp(-S): each site by its law given the last and the first one, on a grid.

    Sites are moved within their cells by chance, so that a field has a density.
    """
    x, matrix = _transfer_matrix(kappa, coupling, points, reach)
    powers = [np.linalg.matrix_power(matrix, number) for number in range(length + 1)]
    rng = np.random.default_rng(seed)
    sites = [rng.choice(points, size=count, p=np.diag(powers[length]) / np.trace(powers[length]))]
    for left in range(length - 1, 0, -1):
        law = (matrix[sites[-1]] * powers[left][:, sites[0]].T).cumsum(1)
        drawn = rng.random((count, 1)) * law[:, -1:]
        sites.append((law < drawn).sum(1))
    cell = x[1] - x[0]
    return x[np.stack(sites, 1)] + cell * (rng.random((count, length)) - 0.5)
