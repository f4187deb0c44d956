"""What a schema cannot say: nuclei that exist and meet, a range of separations."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from emulant.collisions.nuclei import check_geometry
from emulant.errors import InputError

__all__ = ["check"]


def check(system: Mapping[str, Any]) -> None:
    """Hold a `system` block against what can be; raises InputError whose key is the faulty one."""
    check_geometry("system", SimpleNamespace(**system))
    low, high = system["separation"]
    if low > high:
        raise InputError("system", "separation", "[lowest, highest]", system["separation"])
