"""What models that unfold answer to given slices, and the charge separation that slices show."""

from typing import Any

import numpy as np
import torch
from scipy.special import ndtr

from emulant.kinetic.densities import CELL
from emulant.storage.pairs import Pairs
from emulant.systems.charge_transport.views import AZIMUTH, dipoles

__all__ = ["answer", "bayes_floor", "floor_of", "independent_floor_of", "responses_of"]

AT_ONCE = 256
"""Inputs that a model is shown at a time."""
TAIL, NODES = 6.0, 2001
"""Widths beyond the range up to which posteriors are averaged, and on how many points: to 10^-6."""


def answer(model: Any, pairs: Pairs, generator: torch.Generator, variant: str = "") -> Pairs:
    """Replace outputs and separations of pairs by a model's, drawn or, of the variant `mean`, without errors."""
    parts = [pairs[start : start + AT_ONCE] for start in range(0, len(pairs), AT_ONCE)]
    samples = [_asked(model, part, generator, variant) for part in parts]
    outputs = np.concatenate([sample.values.numpy() for sample in samples])
    separation = np.concatenate([sample.facts["separation"].numpy() for sample in samples])
    return Pairs(pairs.inputs, outputs, {**pairs.conditions, "separation": separation})


def _asked(model: Any, part: Pairs, generator: torch.Generator, variant: str) -> Any:
    # Of the conditions no model is told: one of them is the answer.
    job = (len(part), generator, {"inputs": torch.from_numpy(part.inputs)})
    return model.sample_variant(variant, *job) if variant else model.sample(*job)


def responses_of(pairs: Pairs) -> np.ndarray:
    """Dipole of a unit separation at each slice, (slices,), by regression."""
    separation = pairs.conditions["separation"]
    return separation @ dipoles(pairs) / (separation**2).sum()


def floor_of(pairs: Pairs) -> float:
    """The least error of f that is unbiased and linear in the dipoles of rho^+ - rho^- at each p_T of the last slice.

    (r^T C^-1 r)^(-1/2) with the response r of the dipoles and the covariance C of what it leaves, which knows of decays and
    of all that correlates particles: independent ones would have another floor (`independent_floor_of`). The inverse of a
    covariance from n samples is too large by n / (n - d - 2) on average, and the error of r adds d / sum f^2.
    """
    f = pairs.conditions["separation"]
    sines = (pairs.inputs[:, 0] - pairs.inputs[:, 1]).astype(np.float64) @ np.sin(AZIMUTH)
    sines = sines[:, sines.std(axis=0) > 0]
    response, (count, columns) = f @ sines / (f**2).sum(), sines.shape
    rest = sines - f[:, None] * response
    information = response @ np.linalg.solve(rest.T @ rest / count, response)
    return float((information * (count - columns - 2) / count - columns / (f**2).sum()) ** -0.5)


def bayes_floor(floor: float, low: float, high: float) -> float:
    """The least error of any estimate of f, drawn uniformly from [low, high], given f + floor times a normal variable.

    The root of the mean variance of the posterior, a normal law cut at the ends of the range; no function of the last slice,
    linear or not, is better where what it says of f is one number with Gaussian errors.
    """
    observed = np.linspace(low - TAIL * floor, high + TAIL * floor, NODES)
    left, right = (low - observed) / floor, (high - observed) / floor
    inside = ndtr(right) - ndtr(left)
    edges = np.exp(-0.5 * np.stack([left, right]) ** 2) / np.sqrt(2 * np.pi)
    mean = (edges[0] - edges[1]) / inside
    variance = 1 + (left * edges[0] - right * edges[1]) / inside - mean**2
    return float(floor * np.sqrt((inside * variance).sum() / inside.sum()))


def independent_floor_of(pairs: Pairs, events: int) -> float:
    """The least error of an unbiased f from the last slice, were particles independent (Cramer, Rao): I^(-1/2).

    I = sum of (d rho / d f)^2 / rho over bins of rho^+ - rho^-, folded by its symmetries into a quarter of the azimuths,
    less what the errors of d rho / d f add to it.

    Arguments:
        pairs: with separations of many sizes.
        events: that a sample averages.
    """
    f = pairs.conditions["separation"]
    charges = pairs.inputs.astype(np.float64)
    difference, number = _folded(charges[:, 0] - charges[:, 1], -1), _folded(charges.sum(1), 1).mean(0)
    response = np.tensordot(f, difference, axes=1) / (f**2).sum()
    filled = number > 0
    noise = filled.sum() / (f**2).sum()
    information = events * CELL * (response[filled] ** 2 / number[filled]).sum()
    return float((information - noise) ** -0.5)


def _folded(maps: np.ndarray, sign: int) -> np.ndarray:
    """Add the four images of maps (n, p_T, azimuth) under half a turn and phi -> -phi, with this sign of either."""
    half = maps.shape[-1] // 2
    turned = maps[..., :half] + sign * maps[..., half:]
    # Half a turn and the mirror together leave the sign of what either changes.
    return turned[..., : half // 2] + turned[..., : half // 2 - 1 : -1]
