"""What a schema cannot say: nuclei that exist, meet, and find room on the grid."""

from collections.abc import Mapping
from typing import Any

from emulant.systems.hydro_spectra.system import HydroSpectra

__all__ = ["check"]


def check(system: Mapping[str, Any]) -> None:
    """Hold a `system` block against what can be; raises InputError whose key is the faulty one."""
    HydroSpectra(system).trento.check()
