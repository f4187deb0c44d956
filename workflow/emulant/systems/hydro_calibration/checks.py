"""What the schema of the `system` block cannot say: nuclei that meet and find room, steps that hydrodynamics can take."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from emulant.inference.priors import prior_from
from emulant.systems.hydro_calibration.system import HydroCalibration

__all__ = ["check"]

EXTREME = 3.0
"""Deviations of a normal prior at which collisions are tried."""


def check(settings: Mapping[str, Any]) -> None:
    """Try the collisions of every class at the mean of the prior and at its corners.

    Raises:
        InputError: for a prior that is none, and for nuclei or a grid that no collision can have.
    """
    prior = prior_from(settings["prior"], "system")
    system, count = HydroCalibration(settings), len(prior.names)
    corners = np.array(list(product((-EXTREME, EXTREME), repeat=count)))
    for values in prior.quantile(np.vstack([np.zeros(count), corners])):
        block = system.block(values)
        for impact in settings["classes"]:
            system.collision(block, tuple(impact)).check()
