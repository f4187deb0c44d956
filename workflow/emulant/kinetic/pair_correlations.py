"""Correlations of pairs of charged particles with the reaction plane, which lies along x.

gamma = <cos(phi_a + phi_b - 2 Psi)> (S. Voloshin, Phys. Rev. C 70 (2004) 057901 [hep-ph/0406311]) and
delta = <cos(phi_a - phi_b)>, of opposite and of same charges; Delta gamma = gamma_OS - gamma_SS is 2 a_1^2 for
opposite dipoles a_1.
"""

import numpy as np

from emulant.kinetic.cascade import Matter

__all__ = ["COLUMNS", "pair_sums", "pair_values"]

COLUMNS = (
    "os_sum",
    "os_difference",
    "os_pairs",
    "ss_sum",
    "ss_difference",
    "ss_pairs",
    "cosines",
    "particles",
)


def pair_sums(matter: Matter) -> np.ndarray:
    """Sum over the pairs of an event, COLUMNS: cos(phi_a + phi_b), cos(phi_a - phi_b), pairs; cos 2 phi, particles."""
    sums = [_azimuthal(matter, sign) for sign in (1, -1)]
    (c1, s1, d1, n1), (c2, s2, d2, n2) = sums
    opposite = (c1 * c2 - s1 * s2, c1 * c2 + s1 * s2, n1 * n2)
    same = np.sum([(c * c - s * s - d, c * c + s * s - n, n * (n - 1)) for c, s, d, n in sums], axis=0)
    return np.array([*opposite, *same, d1 + d2, n1 + n2])


def pair_values(means: np.ndarray) -> np.ndarray:
    """Compute gamma_OS, gamma_SS, Delta gamma, delta_OS, delta_SS, v_2 from mean COLUMNS, (..., 6); NaN without pairs."""
    parts = np.moveaxis(means, -1, 0)
    os_pairs, ss_pairs, particles = (np.where(parts[k] > 0, parts[k], np.nan) for k in (2, 5, 7))
    opposite, same = parts[0] / os_pairs, parts[3] / ss_pairs
    differences = (parts[1] / os_pairs, parts[4] / ss_pairs)
    return np.stack([opposite, same, opposite - same, *differences, parts[6] / particles], axis=-1)


def _azimuthal(matter: Matter, sign: int) -> tuple[float, float, float, int]:
    """Sums of cos phi, sin phi, cos 2 phi and of ones over the particles with a charge of this sign."""
    px, py = matter.momentum[np.sign(matter.charge) == sign, 1:3].T
    phi = np.arctan2(py, px)
    return np.cos(phi).sum(), np.sin(phi).sum(), np.cos(2 * phi).sum(), len(phi)
