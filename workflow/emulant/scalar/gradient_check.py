"""The gradient of an action against differences of the action, before chains follow it."""

from typing import Any

import numpy as np

from emulant.errors import InputError

__all__ = ["check_gradient"]

SITES = 16
"""Sites at which it is tried, or all of a smaller lattice: a term with a wrong coefficient or neighbour is at every site."""
STEP = 1e-3
"""Of the field: differences err by its square times the third derivative, and of float32 by 1e-4 of an action of one."""
TOLERANCE = 0.01
"""Of the largest component: a wrong coefficient changes more."""


def check_gradient(system: Any, field: np.ndarray, generator: np.random.Generator) -> None:
    """Compare the gradient of a system's action at a field (*site_shape) with central differences of its action.

    Raises:
        InputError: where they differ, with the site at which they differ most.
    """
    field = field.astype(np.float64)
    gradient = np.asarray(system.gradient(field[None]), dtype=np.float64)[0].ravel()
    if gradient.size != field.size:
        expected = f"one number a site, in the shape of the field {field.shape}"
        raise InputError(f"system {system.kind}", "gradient", expected, f"{gradient.size} of {field.size}")
    sites = generator.permutation(field.size)[:SITES]
    moved = np.repeat(field.reshape(1, -1), 2 * len(sites), axis=0)
    rows = np.arange(len(sites))
    moved[rows, sites] += STEP
    moved[len(sites) + rows, sites] -= STEP
    ahead, behind = np.split(np.asarray(system.action(moved.reshape(-1, *field.shape)), dtype=np.float64), 2)
    slopes = (ahead - behind) / (2 * STEP)
    difference = np.abs(slopes - gradient[sites])
    worst = int(difference.argmax())
    if not difference[worst] <= TOLERANCE * np.abs(slopes).max():
        site = tuple(map(int, np.unravel_index(sites[worst], field.shape)))
        raise InputError(
            f"system {system.kind}",
            "gradient",
            f"dS/dphi of its action, {slopes[worst]:.4g} at site {site} of a random field",
            f"{gradient[sites[worst]]:.4g}",
        )
