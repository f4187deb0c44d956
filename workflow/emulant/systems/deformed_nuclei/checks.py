"""What the schema of the `system` block cannot say."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.errors import InputError
from emulant.inference.priors import Prior, prior_from
from emulant.systems.deformed_nuclei.system import PARTNER, DeformedNuclei

__all__ = ["check"]

EXTREME = 3.0
"""Deviations of a normal prior at which nuclei are tried."""


def check(settings: Mapping[str, Any]) -> None:
    """Try the collisions at the mean of the prior and at its ends.

    Raises:
        InputError: for a prior that is none, a partner that is not said, pixels that are no cells, and for nuclei or a grid
            that no collision can have.
    """
    prior = prior_from(settings["prior"], "system")
    _check_keys(settings, prior)
    system = DeformedNuclei(settings)
    for values in (prior.mean, *prior_ends(system)):
        for collision in system.collisions(values):
            collision.projectile.check("nucleus")
            collision.check()


def _check_keys(settings: Mapping[str, Any], prior: Prior) -> None:
    """Hold keys against each other."""
    of_partner = [name for name in prior.names if name.endswith(PARTNER)]
    if of_partner and "partner" not in settings:
        expected = f"a second nucleus, of which the prior has {of_partner[0]}"
        raise InputError("system", "partner", expected, "none")
    if "pixels" not in settings:
        return
    if "partner" in settings:
        raise InputError("system", "pixels", "one nucleus, or features of the events", "a partner")
    if settings["cells"] % settings["pixels"]:
        raise InputError("system", "pixels", f"a divisor of {settings['cells']} cells", settings["pixels"])


def prior_ends(system: DeformedNuclei) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest values of all parameters."""
    normal = np.full(len(system.prior.names), EXTREME)
    return system.prior.quantile(-normal), system.prior.quantile(normal)
