"""Positions of nucleons in a Woods-Saxon density with a minimum distance, as T_RENTo draws them.

Radii and angles from the density are drawn first and sorted by radius. Then each nucleon in turn, from the centre outwards,
has its direction drawn anew (in a deformed nucleus its azimuth about the axis, so that R(theta) stays right) until all
before it are far enough; after 1000 directions it stays where it is.
"""

import numpy as np
from numba import njit

from emulant.kinetic.draws import uniform

__all__ = ["draw_nucleus"]

REACH = 10.0
"""Surface thicknesses beyond the radius at which the density ends; it has dropped by exp(-10) there."""
TRIES = 1000
"""Directions that a nucleon is given."""


@njit(cache=True)
def draw_nucleus(stream, nucleus, distance, positions):
    """Draw nucleons into `positions` (mass number, 2), transverse, in fm; returns how many stand too close to another.

    Arguments:
        stream: of the event.
        nucleus: radius, diffuseness, beta2, beta4.
        distance: that nucleons keep, fm.
        positions: output.
    """
    count = len(positions)
    if count == 1:
        positions[:] = 0.0
        return 0
    deformed = nucleus[2] != 0.0 or nucleus[3] != 0.0
    radii, cosines = np.empty(count), np.empty(count)
    for k in range(count):
        radii[k], cosines[k] = _from_density(stream, nucleus)
    if distance > 0:
        order = np.argsort(radii)
        radii, cosines = radii[order], cosines[order]
    points, failures = np.empty((count, 3)), 0
    for k in range(count):
        failures += _place(stream, points, k, radii[k], cosines[k], distance, deformed)
    _project(stream, points, deformed, positions)
    return failures


@njit(cache=True)
def _from_density(stream, nucleus):
    """Draw r and cos theta by rejection."""
    radius, diffuseness, beta2, beta4 = nucleus
    limit = radius * (1 + abs(beta2) * 0.64 + abs(beta4) * 0.85) + REACH * diffuseness
    while True:
        r, c = limit * uniform(stream) ** (1 / 3), 2 * uniform(stream) - 1
        y20 = 0.31539156525252005 * (3 * c * c - 1)
        y40 = 0.10578554691520431 * (35 * c**4 - 30 * c * c + 3)
        surface = radius * (1 + beta2 * y20 + beta4 * y40)
        if uniform(stream) * (1 + np.exp((r - surface) / diffuseness)) < 1:
            return r, c


@njit(cache=True)
def _place(stream, points, k, r, cosine, distance, deformed):
    """Put nucleon k on its sphere, away from those before it; returns whether it stands too close to one."""
    for _ in range(TRIES):
        if not deformed:
            cosine = 2 * uniform(stream) - 1
        angle, across = 2 * np.pi * uniform(stream), r * np.sqrt(1 - cosine * cosine)
        points[k, 0], points[k, 1] = across * np.cos(angle), across * np.sin(angle)
        points[k, 2] = r * cosine
        if distance == 0 or not _too_close(points, k, distance):
            return 0
    return 1


@njit(cache=True)
def _too_close(points, k, distance):
    for i in range(k - 1, -1, -1):
        squared = 0.0
        for axis in range(3):
            squared += (points[i, axis] - points[k, axis]) ** 2
        if squared < distance * distance:
            return True
    return False


@njit(cache=True)
def _project(stream, points, deformed, positions):
    """Turn the axis of a deformed nucleus to a direction by chance, and keep the transverse coordinates."""
    c, spin = 1.0, 0.0
    if deformed:
        c, spin = 2 * uniform(stream) - 1, 2 * np.pi * uniform(stream)
    s = np.sqrt(1 - c * c)
    for k in range(len(points)):
        x, y = points[k, 0] * c + points[k, 2] * s, points[k, 1]
        positions[k, 0] = x * np.cos(spin) - y * np.sin(spin)
        positions[k, 1] = x * np.sin(spin) + y * np.cos(spin)
