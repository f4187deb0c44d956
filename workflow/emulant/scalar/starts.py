"""The Gaussian that paths of a system begin with."""

from typing import Any

import numpy as np
import torch

from emulant.contracts.system import HasTwoPhases
from emulant.errors import InputError
from emulant.transport.gaussian_start import GaussianStart
from emulant.transport.two_phases import TwoPhaseStart

__all__ = ["start_at"]


def start_at(system: Any, phases: int) -> GaussianStart:
    """Build the Gaussian of a system, or the two of its phases.

    Raises:
        InputError: for two phases of a system that has one.
    """
    if phases == 1:
        return GaussianStart(torch.from_numpy(np.array(system.inverse_power())))
    if not isinstance(system, HasTwoPhases):
        raise InputError(f"system {system.kind}", "phases", "1, as it has no two phases", phases)
    mean, inverse_power = system.two_phases()
    return TwoPhaseStart(torch.from_numpy(np.array(inverse_power)), torch.tensor(mean))
