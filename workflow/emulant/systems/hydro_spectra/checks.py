"""What a schema cannot say: nuclei that exist, meet, and find room on the grid, and a step that resolves sound."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emulant.hydro.checks import check_step
from emulant.systems.hydro_spectra.system import HydroSpectra

__all__ = ["check"]


def check(system: Mapping[str, Any]) -> None:
    """Hold a `system` block against what can be; raises InputError whose key is the faulty one."""
    HydroSpectra(system).trento.check()
    check_step(system["time_step"], system["spacing"], np.zeros(0), np.zeros(0))
