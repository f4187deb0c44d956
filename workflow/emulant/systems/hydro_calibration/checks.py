"""What the schema of the `system` block cannot say: nuclei that meet and find room, steps that hydrodynamics can take."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import jsonschema
import numpy as np

from emulant.contracts.declaration import declared_system
from emulant.errors import InputError
from emulant.hydro.checks import check_step
from emulant.inference.priors import Prior, prior_from
from emulant.systems.hydro_calibration.system import HydroCalibration

__all__ = ["check"]

EXTREME = 3.0
"""Deviations of a normal prior at which collisions are tried."""
HOT = 0.4
"""Temperature in GeV that the middle of a central collision has: where a step is too long there, no event can be made."""


def check(settings: Mapping[str, Any]) -> None:
    """Try the collisions of every class at the mean of the prior and at its corners.

    Raises:
        InputError: for a prior that is none or leads outside of a key's range, for nuclei or a grid that no collision can
            have, and for a time step that cannot follow the least viscosity.
    """
    prior = prior_from(settings["prior"], "system")
    system, count = HydroCalibration(settings), len(prior.names)
    _check_ranges(prior)
    for values in prior.quantile(np.array([*product((-EXTREME, EXTREME), repeat=count)])):
        block = system.block(values)
        check_step(block["time_step"], block["spacing"], np.array([block["viscosity"]]), np.array([HOT]))
        for impact in settings["classes"]:
            _check_class(system, block, tuple(impact))


def _check_ranges(prior: Prior) -> None:
    """Hold the ends of each parameter against what its key may be."""
    keys = declared_system("hydro_calibration")["system"]["properties"]
    for marginal in prior.marginals:
        validator = jsonschema.Draft202012Validator(keys[marginal.name])
        for end in marginal.quantile(np.array([-EXTREME, EXTREME])):
            fault = next(validator.iter_errors(float(end)), None)
            if fault is not None:
                expected = f"values that {marginal.name} may have"
                raise InputError("system", f"prior.{marginal.name}", expected, fault.message)


def _check_class(system: HydroCalibration, block: Mapping[str, Any], impact: tuple[float, float]) -> None:
    """Check the collisions of a class; what is wrong with its impact parameters is said of `classes`."""
    try:
        system.collision(block, impact).check()
    except InputError as error:
        key = "classes" if error.key == "impact" else error.key
        raise InputError("system", key, error.expected, error.got) from None
