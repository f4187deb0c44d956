"""The Gaussian that paths of a system begin with."""

from typing import Any

import numpy as np
import torch

from emulant.contracts.system import HasTwoPhases
from emulant.errors import InputError
from emulant.transport.domain_start import DomainStart
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.two_phases import TwoPhaseStart

__all__ = ["DOMAINS", "start_at"]

DOMAINS = "domains"
"""Value of `phases`: a Gaussian about every pattern of domains along the first axis."""


def start_at(system: Any, phases: int | str) -> GaussianStart:
    """Build the Gaussian of a system, the two of its phases, or those of their domains.

    Raises:
        InputError: for two phases of a system that has one.
    """
    if phases == 1:
        return GaussianStart(torch.from_numpy(np.array(system.inverse_power())))
    if not isinstance(system, HasTwoPhases):
        raise InputError(f"system {system.kind}", "phases", "1, as it has no two phases", phases)
    mean, inverse_power = system.two_phases()
    of_both = DomainStart if phases == DOMAINS else TwoPhaseStart
    return of_both(torch.from_numpy(np.array(inverse_power)), torch.tensor(mean))
