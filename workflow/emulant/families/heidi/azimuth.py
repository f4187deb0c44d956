r"""Directed and elliptic flow of single particles, and the map between azimuths and uniform angles.

At given transverse momentum and rapidity the azimuth, relative to the reaction plane, has the density
(1 + 2 v_1 cos phi + 2 v_2 cos 2 phi) / (2 pi) (S. Voloshin and Y. Zhang, Z. Phys. C 70 (1996) 665), so that
phi + 2 v_1 sin phi + v_2 sin 2 phi is uniform. v_1 and v_2 are polynomials in the ranks of p_T and of rapidity, which stay
bounded where there are no particles, with v_n ~ p_T^n at small p_T.
"""

from typing import Any

import numpy as np
from array_api_compat import array_namespace

__all__ = ["azimuth", "fit_flow", "flow_of", "uniform_angle"]

DEGREES = (6, 5)
"""Number of Legendre polynomials in the rank of rapidity for v_1 and v_2, each times two functions of the rank of p_T.

More follow v_n(y) in more detail and fit more noise, which `fit_flow` shrinks."""

LARGEST = 0.4
"""Bound of |v_1| + |v_2|: below 1/2 the density is positive, and with a margin its inverse converges in a few steps."""

ITERATIONS = 6
"""Newton steps of the inverse; quadratic convergence reaches rounding for flow up to LARGEST."""


def fit_flow(
    pt_rank: np.ndarray, rapidity_rank: np.ndarray, angle: np.ndarray, count: int | None = None
) -> np.ndarray:
    """Fit the coefficients (2 sum(DEGREES),) of v_1 and v_2 by least squares to cos phi and cos 2 phi.

    Each orthogonal combination is shrunk by its variance from noise alone (the garrote of L. Breiman, Technometrics 37
    (1995) 373), so that kinds without flow get none.

    Arguments:
        pt_rank, rapidity_rank: ranks in [0, 1], (n,).
        angle: azimuth relative to the reaction plane, (n,).
        count: number of independent particles; None for all.
    """
    coefficients = []
    for harmonic, basis in enumerate(_bases(pt_rank, rapidity_rank), 1):
        functions = np.stack(basis, axis=1)
        factor = np.linalg.cholesky(functions.T @ functions / len(angle) + 1e-9 * np.eye(functions.shape[1]))
        free = np.linalg.solve(factor, functions.T @ np.cos(harmonic * angle) / len(angle))
        noise = 1 / (2 * (count or len(angle)))
        free *= np.maximum(1 - noise / np.maximum(free**2, noise), 0)
        coefficients.append(np.linalg.solve(factor.T, free))
    return np.concatenate(coefficients)


def flow_of(coefficients: Any, pt_rank: Any, rapidity_rank: Any) -> tuple[Any, Any]:
    """Compute v_1 and v_2 of each particle, each (...), scaled down where |v_1| + |v_2| > LARGEST; NumPy or torch.

    Arguments:
        coefficients: coefficients for each particle, (..., coefficients).
        pt_rank, rapidity_rank: ranks in [0, 1], (...).
    """
    xp = array_namespace(pt_rank)
    directed, elliptic = 0 * pt_rank, 0 * pt_rank
    bases = _bases(pt_rank, rapidity_rank)
    for index, function in enumerate(bases[0]):
        directed = directed + coefficients[..., index] * function
    for index, function in enumerate(bases[1], len(bases[0])):
        elliptic = elliptic + coefficients[..., index] * function
    size = xp.abs(directed) + xp.abs(elliptic)
    bound = LARGEST / xp.where(size > LARGEST, size, LARGEST * xp.ones_like(size))
    return directed * bound, elliptic * bound


def uniform_angle(angle: Any, flow: tuple[Any, Any]) -> Any:
    """Compute phi + 2 v_1 sin phi + v_2 sin 2 phi, which is uniform if the azimuth phi has this flow."""
    xp = array_namespace(angle)
    return angle + 2 * xp.sin(angle) * (flow[0] + flow[1] * xp.cos(angle))


def azimuth(uniform: Any, flow: tuple[Any, Any]) -> Any:
    """Invert `uniform_angle` for angles in [-pi, pi], by Newton's method to rounding."""
    xp = array_namespace(uniform)
    angle = uniform
    for _ in range(ITERATIONS):
        cosine, sine = xp.cos(angle), xp.sin(angle)
        excess = angle + 2 * sine * (flow[0] + flow[1] * cosine) - uniform
        density = 1 + 2 * flow[0] * cosine + 2 * flow[1] * (2 * cosine**2 - 1)
        angle = xp.clip(angle - excess / density, -np.pi, np.pi)
    return angle


def _bases(pt_rank: Any, rapidity_rank: Any) -> tuple[list[Any], list[Any]]:
    """Return the basis functions of v_1 and of v_2, each (...)."""
    xp = array_namespace(pt_rank)
    scaled_rank = 2 * rapidity_rank - 1
    legendre = [xp.ones_like(scaled_rank), scaled_rank]
    for degree in range(2, max(DEGREES)):
        legendre.append(
            ((2 * degree - 1) * scaled_rank * legendre[-1] - (degree - 1) * legendre[-2]) / degree
        )
    # The square root of the rank is proportional to p_T at small p_T.
    radial = ([xp.sqrt(pt_rank), xp.sqrt(pt_rank) * pt_rank], [pt_rank, pt_rank**2])
    directed, elliptic = (
        [outer * inner for outer in functions for inner in legendre[:degree]]
        for functions, degree in zip(radial, DEGREES, strict=True)
    )
    return directed, elliptic
