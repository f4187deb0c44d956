"""Participants of a collision of two nuclei and the entropy that they deposit, on a grid of the transverse plane."""

import numpy as np
from numba import njit

from emulant.initial.cross_section import CUTOFF
from emulant.initial.woods_saxon import draw_nucleus
from emulant.kinetic.draws import uniform

__all__ = ["deposit", "draw_collision", "reduced_thickness"]

TRUNCATION = 5.0
"""Widths at which the thickness of a constituent ends; it has dropped by exp(-12.5) there."""
ATTEMPTS = 100_000
"""Impact parameters of which one must give a collision."""


@njit(cache=True)
def draw_collision(stream, impact, nuclei, distance, shape, opacity, positions, points, hit):
    """Draw two nuclei at one impact parameter until nucleons meet.

    Arguments:
        stream: of the event.
        impact: lowest and highest b in fm, drawn with weight b db.
        nuclei: radius, diffuseness, beta2, beta4 of projectile and target.
        distance: that nucleons of a nucleus keep, in fm.
        shape: Gaussian width of a nucleon, width and spread of its constituents, in fm.
        opacity: sigma_p in fm^2.
        positions: output, of all nucleons of both nuclei, projectile first, (2, mass number, 2); b along the first axis.
        points: output, of their constituents, (2, mass number, constituents, 2).
        hit: output, whether each nucleon meets one of the other nucleus, (2, mass number).

    Returns:
        Impact parameter, number of participants, nucleons of the last nuclei that stand too close to another; -1 as the
        first where nothing was hit in any attempt.
    """
    for _ in range(ATTEMPTS):
        b = np.sqrt(impact[0] ** 2 + (impact[1] ** 2 - impact[0] ** 2) * uniform(stream))
        failures = 0
        for side in range(2):
            failures += draw_nucleus(stream, nuclei[side], distance, positions[side])
            for k in range(len(positions[side])):
                positions[side][k, 0] += (0.5 - side) * b
            _constituents(stream, positions[side], shape[2], points[side])
            hit[side][:] = False
        _meet(stream, positions, points, shape, opacity, hit)
        participants = hit[0].sum() + hit[1].sum()
        if participants > 0:
            return b, participants, failures
    return -1.0, 0, 0


@njit(cache=True)
def _constituents(stream, positions, spread, points):
    """Put constituents about each nucleon, their mean at its centre."""
    count = points.shape[1]
    for k in range(len(positions)):
        for axis in range(2):
            mean = 0.0
            for q in range(count):
                offset = spread * _normal(stream) if spread > 0 else 0.0
                points[k, q, axis] = positions[k, axis] + offset
                mean += offset / count
            for q in range(count):
                points[k, q, axis] -= mean


@njit(cache=True)
def _normal(stream):
    return np.sqrt(-2 * np.log(1 - uniform(stream))) * np.cos(2 * np.pi * uniform(stream))


@njit(cache=True)
def _meet(stream, positions, points, shape, opacity, hit):
    """Mark nucleons that meet one of the other nucleus; a pair that are hit already needs no draw."""
    limit = (CUTOFF * shape[0]) ** 2
    scale = opacity / (4 * np.pi * shape[1] ** 2 * points[0].shape[1] * points[1].shape[1])
    for i in range(len(positions[0])):
        for j in range(len(positions[1])):
            x = positions[0][i, 0] - positions[1][j, 0]
            y = positions[0][i, 1] - positions[1][j, 1]
            if x * x + y * y >= limit or (hit[0][i] and hit[1][j]):
                continue
            overlap = _overlap(points[0][i], points[1][j], shape[1])
            if uniform(stream) < 1 - np.exp(-scale * overlap):
                hit[0][i] = hit[1][j] = True


@njit(cache=True)
def _overlap(one, other, width):
    total = 0.0
    for i in range(len(one)):
        for j in range(len(other)):
            squared = (one[i, 0] - other[j, 0]) ** 2 + (one[i, 1] - other[j, 1]) ** 2
            total += np.exp(-squared / (4 * width * width))
    return total


@njit(cache=True)
def deposit(points, hit, weights, width, spacing, thickness):
    """Add the Gaussians of the constituents of participants to `thickness` (n, n), in fm^-2, at the centres of cells.

    Arguments:
        points: of the constituents of a nucleus, (mass number, constituents, 2).
        hit: which nucleons are participants.
        weights: fluctuation of each constituent, (mass number, constituents), 1 on average.
        width: of a constituent in fm.
        spacing: of the grid in fm, which is centred at the origin.
        thickness: output.
    """
    cells = len(thickness)
    middle, reach = 0.5 * (cells - 1), TRUNCATION * width / spacing
    along = np.empty((2, cells))
    for k in np.flatnonzero(hit):
        for q in range(points.shape[1]):
            first, last = np.zeros(2, np.int64), np.zeros(2, np.int64)
            for axis in range(2):
                centre = points[k, q, axis] / spacing + middle
                first[axis] = max(0, int(np.ceil(centre - reach)))
                last[axis] = min(cells, int(np.floor(centre + reach)) + 1)
                for i in range(first[axis], last[axis]):
                    along[axis, i] = np.exp(-0.5 * ((i - centre) * spacing / width) ** 2)
            weight = weights[k, q] / (2 * np.pi * width * width * points.shape[1])
            for i in range(first[0], last[0]):
                factor = weight * along[0, i]
                for j in range(first[1], last[1]):
                    thickness[i, j] += factor * along[1, j]


@njit(cache=True)
def reduced_thickness(one, other, p):
    """Compute the generalised mean ((T_A^p + T_B^p) / 2)^(1/p) of each cell, into `one`; sqrt(T_A T_B) at p = 0."""
    for i in range(one.shape[0]):
        for j in range(one.shape[1]):
            a, b = one[i, j], other[i, j]
            if p > 0:
                one[i, j] = (0.5 * (a**p + b**p)) ** (1 / p)
            elif a <= 0 or b <= 0:
                one[i, j] = 0.0
            elif p == 0:
                one[i, j] = np.sqrt(a * b)
            else:
                # In units of the smaller one, as powers of a far tail would overflow.
                low, high = min(a, b), max(a, b)
                one[i, j] = low * (0.5 * (1 + (high / low) ** p)) ** (1 / p)
