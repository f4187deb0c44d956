r"""Directed and elliptic flow of single particles: azimuths to the reaction plane, and angles that are uniform.

At given transverse momentum and rapidity the azimuth has density (1 + 2 v_1 cos phi + 2 v_2 cos 2 phi) / (2 pi)
(S. Voloshin and Y. Zhang, Z. Phys. C 70 (1996) 665), so that phi + 2 v_1 sin phi + v_2 sin 2 phi is uniform. v_1 and v_2
are polynomials in the ranks of p_T and of rapidity, bounded where there is no particle, with v_n ~ p_T^n at small p_T.
"""

from typing import Any

import numpy as np
from array_api_compat import array_namespace

__all__ = ["azimuth", "fit_flow", "flow_of", "uniform_angle"]

DEGREES = (6, 5)
"""Legendre polynomials of the rapidity's rank in v_1 and in v_2; each with two functions of the rank of p_T."""

LARGEST = 0.4
"""Of |v_1| + |v_2|: the density stays positive, and its inverse is found in a few steps."""

ITERATIONS = 6


def fit_flow(
    pt_rank: np.ndarray, rapidity_rank: np.ndarray, angle: np.ndarray, count: int | None = None
) -> np.ndarray:
    """Coefficients (2 sum(DEGREES),) of v_1 and v_2 by least squares of cos phi and cos 2 phi.

    Each independent combination shrinks by what noise alone would give it (the garrote of L. Breiman, Technometrics 37
    (1995) 373), so that kinds without flow have none.

    Arguments:
        pt_rank, rapidity_rank: in [0, 1], (n,).
        angle: azimuth to the reaction plane, (n,).
        count: independent particles among them; all if not given.
    """
    found = []
    for harmonic, basis in enumerate(_bases(pt_rank, rapidity_rank), 1):
        functions = np.stack(basis, axis=1)
        factor = np.linalg.cholesky(functions.T @ functions / len(angle) + 1e-9 * np.eye(functions.shape[1]))
        free = np.linalg.solve(factor, functions.T @ np.cos(harmonic * angle) / len(angle))
        noise = 1 / (2 * (count or len(angle)))
        free *= np.maximum(1 - noise / np.maximum(free**2, noise), 0)
        found.append(np.linalg.solve(factor.T, free))
    return np.concatenate(found)


def flow_of(coefficients: Any, pt_rank: Any, rapidity_rank: Any) -> tuple[Any, Any]:
    """v_1 and v_2 of each particle, together not beyond LARGEST; NumPy or torch.

    Arguments:
        coefficients: of each particle, (..., coefficients).
        pt_rank, rapidity_rank: in [0, 1], (...).
    """
    xp = array_namespace(pt_rank)
    directed, elliptic = 0 * pt_rank, 0 * pt_rank
    bases = _bases(pt_rank, rapidity_rank)
    for place, function in enumerate(bases[0]):
        directed = directed + coefficients[..., place] * function
    for place, function in enumerate(bases[1], len(bases[0])):
        elliptic = elliptic + coefficients[..., place] * function
    size = xp.abs(directed) + xp.abs(elliptic)
    bound = LARGEST / xp.where(size > LARGEST, size, LARGEST * xp.ones_like(size))
    return directed * bound, elliptic * bound


def uniform_angle(angle: Any, flow: tuple[Any, Any]) -> Any:
    """The angle phi + 2 v_1 sin phi + v_2 sin 2 phi, which is uniform where the azimuth phi has this flow."""
    xp = array_namespace(angle)
    return angle + 2 * xp.sin(angle) * (flow[0] + flow[1] * xp.cos(angle))


def azimuth(uniform: Any, flow: tuple[Any, Any]) -> Any:
    """The inverse of `uniform_angle`, for angles in [-pi, pi]; by Newton's rule, to rounding."""
    xp = array_namespace(uniform)
    angle = uniform
    for _ in range(ITERATIONS):
        cosine, sine = xp.cos(angle), xp.sin(angle)
        beyond = angle + 2 * sine * (flow[0] + flow[1] * cosine) - uniform
        density = 1 + 2 * flow[0] * cosine + 2 * flow[1] * (2 * cosine**2 - 1)
        angle = xp.clip(angle - beyond / density, -np.pi, np.pi)
    return angle


def _bases(pt_rank: Any, rapidity_rank: Any) -> tuple[list[Any], list[Any]]:
    """Functions of which v_1 and v_2 are made."""
    xp = array_namespace(pt_rank)
    place = 2 * rapidity_rank - 1
    legendre = [xp.ones_like(place), place]
    for degree in range(2, max(DEGREES)):
        legendre.append(((2 * degree - 1) * place * legendre[-1] - (degree - 1) * legendre[-2]) / degree)
    # The square root of the rank goes like p_T at small p_T.
    radial = ([xp.sqrt(pt_rank), xp.sqrt(pt_rank) * pt_rank], [pt_rank, pt_rank**2])
    directed, elliptic = (
        [outer * inner for outer in functions for inner in legendre[:degree]]
        for functions, degree in zip(radial, DEGREES, strict=True)
    )
    return directed, elliptic
