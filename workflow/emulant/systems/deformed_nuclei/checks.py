"""What the schema of the `system` block cannot say."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.inference.priors import prior_from
from emulant.systems.deformed_nuclei.system import DeformedNuclei

__all__ = ["check"]

EXTREME = 3.0
"""Deviations of a normal prior at which nuclei are tried."""


def check(settings: Mapping[str, Any]) -> None:
    """Try the collision at the mean of the prior and at its ends.

    Raises:
        InputError: for a prior that is none, and for nuclei or a grid that no collision can have.
    """
    prior_from(settings["prior"], "system")
    system = DeformedNuclei(settings)
    ends = prior_ends(system)
    for values in (system.prior.mean, *ends):
        collision = system.collision(values)
        collision.projectile.check("nucleus")
        collision.check()


def prior_ends(system: DeformedNuclei) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest values of all parameters."""
    normal = np.full(len(system.prior.names), EXTREME)
    return system.prior.quantile(-normal), system.prior.quantile(normal)
